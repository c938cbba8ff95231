"""Tree to closure: what an expression's value is, given a scope.

Three-valued: doubt travels as the exception `Unknown`, and only `and`, `or`, `default`, `is known` and
`is defined` may settle it. Each node is evaluated at most once, so an evaluation is linear in its data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runbook.document.language import tree, values
from runbook.document.language.errors import Missing, Unknown
from runbook.document.language.filters import FILTERS, TESTS
from runbook.document.language.values import Value

Scope = Mapping[str, Value]
Run = Callable[[Scope], Value]


def compiled(node: tree.Node) -> Run:
    """The closure that evaluates a node; it raises nothing but Unknown (and RecursionError)."""
    match node:
        case tree.Constant(value=value):
            return lambda _: value
        case tree.Name() | tree.Item():
            return _path(node) if tree.path_of(node) else _item(node)
        case tree.Compare(first=first, links=links):
            return _compare(compiled(first), [(values.COMPARE[sign], compiled(right)) for sign, right in links])
        case tree.Junction(decisive=decisive, parts=parts):
            return _junction(decisive, [compiled(part) for part in parts])
        case tree.Not(operand=operand):
            return _not(compiled(operand))
        case tree.Sign(sign=sign, operand=operand):
            return _sign(sign, compiled(operand))
        case tree.Arithmetic(operator=symbol, left=left, right=right):
            return _arithmetic(symbol, compiled(left), compiled(right))
        case tree.Choice(test=test, then=then, otherwise=otherwise):
            return _choice(compiled(test), compiled(then), compiled(otherwise))
        case tree.ListOf(items=items):
            return _list([compiled(item) for item in items])
        case tree.MapOf(pairs=pairs):
            return _map([(key, compiled(value)) for key, value in pairs])
        case tree.Filtered(subject=subject, name=name, arguments=arguments):
            given = [compiled(argument) if argument else None for argument in arguments]
            return _default(compiled(subject), given) if name == "default" else _filter(name, compiled(subject), given)
        case tree.Tested(subject=subject, name=name):
            return _test(name, compiled(subject))
    raise TypeError(f"no meaning for {type(node).__name__}")


def _path(node: tree.Node) -> Run:
    """A name with constant keys, in one loop; each step knows what to call the thing it looks into."""
    name, *keys = tree.path_of(node)
    steps: list[tuple[str, str]] = []
    while isinstance(node, tree.Item):
        node = node.base
        steps.append((keys.pop(), tree.described(node)))
    steps.reverse()

    def run(scope: Scope) -> Value:
        try:
            value = scope[name]
        except KeyError:
            raise Missing(f"there is no '{name}' here") from None
        for key, owner in steps:
            value = values.member(value, key, owner)
        return value

    return run


def _item(node: tree.Node) -> Run:
    if not isinstance(node, tree.Item):
        raise TypeError(f"no item: {type(node).__name__}")
    base, key, owner = compiled(node.base), compiled(node.key), tree.described(node.base)
    return lambda scope: values.member(base(scope), key(scope), owner)


def _compare(first: Run, links: list[tuple[Callable[[Value, Value], bool], Run]]) -> Run:
    if len(links) == 1:
        ((holds, second),) = links
        return lambda scope: holds(first(scope), second(scope))

    def run(scope: Scope) -> bool:
        left = first(scope)
        for holds, operand in links:
            right = operand(scope)
            if not holds(left, right):
                return False
            left = right
        return True

    return run


def _junction(decisive: bool, parts: list[Run]) -> Run:
    """Kleene's `and` and `or`: a deciding operand decides on whichever side of a doubt it stands."""

    def run(scope: Scope) -> Value:
        value: Value = None
        doubts: list[Unknown] = []
        for part in parts:
            try:
                value = part(scope)
                decided = values.truth(value) is decisive
            except Unknown as doubt:
                doubts.append(doubt)
                continue
            if decided:
                return value
        if doubts:
            # A missing key may be given a default; so any other doubt weighs more.
            raise next((doubt for doubt in doubts if not isinstance(doubt, Missing)), doubts[0])
        return value

    return run


def _not(operand: Run) -> Run:
    return lambda scope: not values.truth(operand(scope))


def _sign(sign: str, operand: Run) -> Run:
    factor = -1 if sign == "-" else 1
    return lambda scope: values.calculate("*", operand(scope), factor)


def _arithmetic(symbol: str, left: Run, right: Run) -> Run:
    return lambda scope: values.calculate(symbol, left(scope), right(scope))


def _choice(test: Run, then: Run, otherwise: Run) -> Run:
    return lambda scope: then(scope) if values.truth(test(scope)) else otherwise(scope)


def _list(items: list[Run]) -> Run:
    return lambda scope: [item(scope) for item in items]


def _map(pairs: list[tuple[str, Run]]) -> Run:
    return lambda scope: {key: value(scope) for key, value in pairs}


def _default(subject: Run, arguments: list[Run | None]) -> Run:
    """`default` for a missing key or null, with `boolean=true` for anything false; a doubt stays a doubt."""
    fallback, falsy = [*arguments, None][:2]

    def run(scope: Scope) -> Value:
        try:
            value = subject(scope)
        except Missing:
            value = None
        replaced = value is None or (falsy is not None and values.truth(falsy(scope)) and not values.truth(value))
        return fallback(scope) if replaced and fallback is not None else value

    return run


def _filter(name: str, subject: Run, arguments: list[Run | None]) -> Run:
    apply, parameters = FILTERS[name].apply, FILTERS[name].parameters
    if not arguments:
        return lambda scope: apply(subject(scope))
    given = [(parameter, run) for parameter, run in zip(parameters, arguments, strict=False) if run is not None]
    return lambda scope: apply(subject(scope), **{parameter: run(scope) for parameter, run in given})


def _test(name: str, subject: Run) -> Run:
    holds = TESTS[name]
    settled: type[Unknown] | tuple[()] = {"known": Unknown, "defined": Missing}.get(name, ())

    def run(scope: Scope) -> bool:
        try:
            return holds(subject(scope))
        except settled:
            return False

    return run
