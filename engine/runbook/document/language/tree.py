"""What an expression can say: the allow-list as types.

Two parsers build these nodes (`jinja` for everything, `shortcut` for the plain cases), one compiler and one
type checker read them. A node knows where it stands in its text, and nothing about values or scopes.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Node(msgspec.Struct, frozen=True, gc=False):
    """One node. `at` is the character offset in the text where it can be pointed at."""

    at: int


class Constant(Node, frozen=True, gc=False):
    """None, a boolean, a number or a string."""

    value: bool | int | float | str | None


class Name(Node, frozen=True, gc=False):
    """A free name, looked up in the scope."""

    name: str


class Item(Node, frozen=True, gc=False):
    """`base.key` and `base[key]`, which mean the same: a key of a map or an index of a list."""

    base: Node
    key: Node


class Compare(Node, frozen=True, gc=False):
    """`first < second <= third`; each link is an operator and its right side."""

    first: Node
    links: tuple[tuple[str, Node], ...]


class Junction(Node, frozen=True, gc=False):
    """`a and b and c` (`decisive` False: one false decides) or `a or b or c` (`decisive` True)."""

    decisive: bool
    parts: tuple[Node, ...]


class Not(Node, frozen=True, gc=False):
    """`not operand`."""

    operand: Node


class Sign(Node, frozen=True, gc=False):
    """`-operand` or `+operand`."""

    sign: str
    operand: Node


class Arithmetic(Node, frozen=True, gc=False):
    """`left + right`, and `-`, `*`, `/`."""

    operator: str
    left: Node
    right: Node


class Choice(Node, frozen=True, gc=False):
    """`then if test else otherwise`."""

    test: Node
    then: Node
    otherwise: Node


class ListOf(Node, frozen=True, gc=False):
    """`[a, b]`."""

    items: tuple[Node, ...]


class MapOf(Node, frozen=True, gc=False):
    """`{'a': b}`; keys are constants."""

    pairs: tuple[tuple[str, Node], ...]


class Filtered(Node, frozen=True, gc=False):
    """`subject | name(arguments)`; an argument that was left out is None."""

    subject: Node
    name: str
    arguments: tuple[Node | None, ...]


class Tested(Node, frozen=True, gc=False):
    """`subject is name`."""

    subject: Node
    name: str


def path_of(node: Node) -> tuple[str, ...]:
    """The dotted path of a name with constant keys; () for anything else."""
    keys: list[str] = []
    while isinstance(node, Item):
        if not (isinstance(node.key, Constant) and isinstance(node.key.value, str)):
            return ()
        keys.append(node.key.value)
        node = node.base
    return (node.name, *reversed(keys)) if isinstance(node, Name) else ()


def described(node: Node) -> str:
    """The node as a reader of a message would name it: `steps.history.rows[0]`, else `the value`."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Item):
        key = node.key.value if isinstance(node.key, Constant) else "…"
        dotted = isinstance(key, str) and key.isidentifier()
        return f"{described(node.base)}.{key}" if dotted else f"{described(node.base)}[{key!r}]"
    return "the value"


def references(node: Node) -> Iterator[tuple[str, ...]]:
    """Every path from a free name, each as far as its constant keys go."""
    path = path_of(node)
    if path:
        yield path
        return
    for child in children(node):
        yield from references(child)


def start(node: Node) -> int:
    """The offset where the text of a node begins; its own `at` may be a key or a filter's name."""
    return min((node.at, *map(start, children(node))))


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in the order in which they are written."""
    match node:
        case Item(base=base, key=key):
            return base, key
        case Compare(first=first, links=links):
            return first, *(right for _, right in links)
        case Junction(parts=operands) | ListOf(items=operands):
            return operands
        case Not(operand=operand) | Sign(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right):
            return left, right
        case Choice(test=test, then=then, otherwise=otherwise):
            return then, test, otherwise
        case MapOf(pairs=pairs):
            return tuple(value for _, value in pairs)
        case Filtered(subject=subject, arguments=arguments):
            return subject, *(argument for argument in arguments if argument is not None)
        case Tested(subject=subject):
            return (subject,)
    return ()
