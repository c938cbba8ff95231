"""Two conditions held to each other: does one let more through than the other, and can both be true at once.

`compared("value < 0.01", "value < 0.05")` is LOOSER: whatever passed still passes, and more does. Only what can be
proved by shape and numbers is said; everything else is OTHER, and a reviewer reads it. What is unknown stays out of it:
an expression that meets it is neither true nor false on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from runbook.document.expressions import ExpressionError, parse
from runbook.document.language.tree import Compare, Constant, Junction, Node, Sign

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Verdict(Enum):
    """What a condition became."""

    SAME = "same"
    LOOSER = "looser"
    STRICTER = "stricter"
    OTHER = "other"


def compared(before: str | None, after: str | None) -> Verdict:
    """The head's condition beside the base's; none at all is always true."""
    if before == after:
        return Verdict.SAME
    if before is None or after is None:
        return Verdict.LOOSER if after is None else Verdict.STRICTER
    try:
        old, new = _tree(before), _tree(after)
    except ExpressionError:
        return Verdict.OTHER
    wider, narrower = _implies(old, new), _implies(new, old)
    if wider and narrower:
        return Verdict.SAME
    return Verdict.LOOSER if wider else Verdict.STRICTER if narrower else Verdict.OTHER


def meet(one: str, other: str) -> bool | None:
    """Whether one reading makes both true: None where that cannot be told; False means that they exclude each other.

    Of conditions on one number: `value > 0.05` and `value < 0.1` meet, `value > 0.05` and `value <= 0.05` do not.
    """
    try:
        first, second = _bound(_tree(one)), _bound(_tree(other))
    except ExpressionError:
        return None
    if first is None or second is None or first[0] != second[0]:
        return None
    return _meet(first[1:], second[1:]) or _meet(second[1:], first[1:])


def touching(one: str, other: str) -> bool:
    """Whether two conditions on one number leave nothing between them: `value > 0.05` and `value <= 0.05`."""
    try:
        first, second = _bound(_tree(one)), _bound(_tree(other))
    except ExpressionError:
        return False
    if first is None or second is None or first[0] != second[0] or first[2] != second[2]:
        return False
    return {first[1][0], second[1][0]} == {"<", ">"}


def _tree(text: str) -> Node:
    return parse(text).tree


def _implies(one: Node, other: Node, known: dict[tuple[int, int], bool] | None = None) -> bool:
    """Whether the second is certainly true where the first is. Each pair of parts is asked about once."""
    known = {} if known is None else known
    pair = id(one), id(other)
    if pair not in known:
        known[pair] = _follows(one, other, known)
    return known[pair]


def _follows(one: Node, other: Node, known: dict[tuple[int, int], bool]) -> bool:
    if _key(one) == _key(other):
        return True
    if isinstance(other, Junction) and not other.decisive:
        return all(_implies(one, part, known) for part in other.parts)
    if isinstance(one, Junction) and one.decisive:
        return all(_implies(part, other, known) for part in one.parts)
    if isinstance(one, Junction):
        return any(_implies(part, other, known) for part in one.parts)
    if isinstance(other, Junction):
        return any(_implies(one, part, known) for part in other.parts)
    first, second = _bound(one), _bound(other)
    return bool(first and second and first[0] == second[0] and _within(first[1:], second[1:]))


def _within(one: tuple[str, float], other: tuple[str, float]) -> bool:
    """Whether every number of the first is one of the second: `< 3` is within `<= 3`, `== 2` within `< 3`."""
    (sign, value), (wide, bound) = one, other
    if wide == "!=":
        return not _holds(sign, bound, value)
    if sign == "==":
        return _holds(wide, value, bound)
    if sign[0] != wide[0] or sign == "!=":
        return False
    return (value < bound if sign[0] == "<" else value > bound) or (value == bound and len(sign) <= len(wide))


def _meet(one: tuple[str, float], other: tuple[str, float]) -> bool:
    """Whether some number is in both; asked from the first one's side."""
    (sign, value), (against, bound) = one, other
    if sign == "==":
        return _holds(against, value, bound)
    if "!=" in (sign, against) or sign[0] == against[0]:
        return against != "=="
    if against == "==" or sign[0] != "<":
        return False
    return bound < value or (bound == value and sign == "<=" and against == ">=")


def _holds(sign: str, value: float, bound: float) -> bool:
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "==": value == bound,
        "!=": value != bound,
    }[sign]


def _bound(node: Node) -> tuple[Any, str, float] | None:
    """`value < 0.05` as what is compared, how, and with which number; None for any other shape."""
    if not isinstance(node, Compare) or len(node.links) != 1:
        return None
    [(sign, right)] = node.links
    if sign not in _FLIPPED:
        return None
    number = _number(right)
    if number is not None:
        return _key(node.first), sign, number
    number = _number(node.first)
    return None if number is None else (_key(right), _FLIPPED[sign], number)


def _number(node: Node) -> float | None:
    if isinstance(node, Sign):
        inner = _number(node.operand)
        return None if inner is None else -inner if node.sign == "-" else inner
    value = node.value if isinstance(node, Constant) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _key(value: Any) -> Any:
    """A node without its places, for telling whether two say the same; parts of `and` and `or` in any order."""
    if isinstance(value, Junction):
        return ("Junction", value.decisive, frozenset(_key(part) for part in value.parts))
    if isinstance(value, Node):
        return (type(value).__name__, *_parts(value))
    if isinstance(value, tuple):
        return tuple(_key(part) for part in value)
    return (type(value).__name__, value)


def _parts(node: Node) -> Iterator[Any]:
    return (_key(getattr(node, field)) for field in node.__struct_fields__ if field != "at")
