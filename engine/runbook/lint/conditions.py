"""The conditions of a document, and what can be said of one without knowing the world.

A condition is an expression of which only its truth counts: `when`, `expect`, the `if` of a meaning. `always` says what
it comes to whatever is read: a constant operand decides, or two comparisons of one value leave nothing between them.
Only what is certain is said; a value that is *unknown* at night stays unknown, and is no answer either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.expressions import ExpressionError, parse
from runbook.document.language.errors import place
from runbook.document.language.tree import Choice, Compare, Constant, Junction, Node, Not, path_of, start
from runbook.document.model import Runbook

if TYPE_CHECKING:
    from runbook.document.rules.walk import Site
    from runbook.document.source import Pointer
    from runbook.lint.rule import About

_NEGATED: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED: Final = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Condition(NamedTuple):
    """One condition: where it stands, its text and tree, and how a message calls it.

    `of` is the step whose outputs it sees as bare names, None where it sees none. `option` is the number of the option
    whose `when` it is.
    """

    place: Pointer
    text: str
    tree: Node
    called: str
    of: Site | None = None
    option: int | None = None

    def within(self, node: Node) -> tuple[int, int]:
        """Line and column of one of its nodes, within its text."""
        return place(self.text, start(node))


@lru_cache(maxsize=2)  # several rules ask for those of one document, one after the other
def conditions(about: About) -> tuple[Condition, ...]:
    """Every condition that stands in the document itself."""
    return tuple(_conditions(about))


def _conditions(about: About) -> Iterator[Condition]:
    for site in about.sites:
        step = site.step
        written = [("when", step.when, None), ("expect", step.expect, site)]
        for key, text, of in written:
            if text is not None:
                yield from _read((*site.pointer, key), text, f"'{key}' of '{step.id}'", of)
        for i, entry in enumerate(step.means):
            if entry.if_ is not None:
                yield from _read((*site.pointer, "means", i, "if"), entry.if_, f"an 'if' of '{step.id}'", site)
    if isinstance(about.document, Runbook):
        for i, option in enumerate(about.document.resolution):
            if option.when is not None:
                yield from _read(("resolution", i, "when"), option.when, f"'when' of '{option.id}'", option=i)
        for i, message in enumerate(about.document.communication):
            if message.when is not None:
                yield from _read(("communication", i, "when"), message.when, f"'when' of message {i + 1}")


def _read(
    at: Pointer, text: str, called: str, of: Site | None = None, option: int | None = None
) -> Iterator[Condition]:
    try:
        yield Condition(at, text, parse(text).tree, called, of, option)
    except ExpressionError:
        return  # the loader has said so


def operands(node: Node) -> Iterator[Node]:
    """The node and, below it, everything of which only the truth counts, outer ones first."""
    yield node
    match node:
        case Not(operand=operand):
            yield from operands(operand)
        case Junction(parts=parts):
            for part in parts:
                yield from operands(part)
        case Choice(test=test):
            yield from operands(test)


def always(node: Node) -> bool | None:
    """What it comes to whenever it comes to anything; None where that hangs on what is read."""
    match node:
        case Constant(value=value):
            return bool(value)
        case Not(operand=operand):
            inner = always(operand)
            return None if inner is None else not inner
        case Junction(decisive=decisive, parts=parts):
            found = [always(part) for part in parts]
            if decisive in found:
                return decisive
            if None not in found:
                return not decisive
            return decisive if _clash(_facts(node, decisive)) else None
    return None


class _Fact(NamedTuple):
    path: tuple[str, ...]
    sign: str
    value: bool | int | float | str | None


def _facts(node: Junction, decisive: bool) -> list[_Fact]:
    """Its plain comparisons with constants; of an `or`, their opposites."""
    found: list[_Fact] = []
    for part in node.parts:
        if isinstance(part, Junction) and part.decisive is decisive:
            found += _facts(part, decisive)
        elif isinstance(part, Compare) and (fact := _fact(part)) is not None:
            found.append(fact._replace(sign=_NEGATED[fact.sign]) if decisive else fact)
    return found


def _fact(node: Compare) -> _Fact | None:
    if len(node.links) != 1 or node.links[0][0] not in _TURNED:
        return None
    sign, right = node.links[0]
    left = node.first
    if isinstance(left, Constant):
        left, right, sign = right, left, _TURNED[sign]
    path = path_of(left)
    return _Fact(path, sign, right.value) if path and isinstance(right, Constant) else None


def _clash(facts: Sequence[_Fact]) -> bool:
    """Whether they can never all be true: two of one value exclude each other."""
    return any(
        one.path == other.path and _excludes(one, other) for i, one in enumerate(facts) for other in facts[i + 1 :]
    )


def _excludes(one: _Fact, other: _Fact) -> bool:
    if one.sign != "==" and other.sign == "==":
        one, other = other, one
    if one.sign == "==":
        return not _true(one.value, other.sign, other.value)
    if not (_is_number(one.value) and _is_number(other.value)) or "!=" in (one.sign, other.sign):
        return False
    if one.sign[0] == other.sign[0]:
        return False
    low, high = (one, other) if one.sign[0] == ">" else (other, one)
    assert isinstance(low.value, int | float)  # noqa: S101 - `_is_number` has said so
    assert isinstance(high.value, int | float)  # noqa: S101
    return low.value > high.value or (low.value == high.value and (low.sign, high.sign) != (">=", "<="))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _true(left: object, sign: str, right: object) -> bool:
    """Whether a value that is `left` can be in this relation to `right`; True where that is not certain."""
    if sign in ("==", "!="):
        return (left == right) is (sign == "==")
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return True
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[sign]
