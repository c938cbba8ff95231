"""Expectations that hold one value to one number: `value > 0.05`, `(stdout | int) <= params.limit`.

Read, never evaluated.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from runbook.document.expressions import ExpressionError, parse
from runbook.document.language.tree import Compare, Constant, Filtered, Item, Junction, Name, Node, Sign

_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Threshold(NamedTuple):
    """`what operator limit`. `limit` is a number, or the text of what it is read from."""

    what: str
    operator: str
    limit: float | str

    @property
    def above(self) -> bool:
        """Whether it holds for what is large."""
        return self.operator.startswith(">")


def alternatives(expect: str) -> tuple[Threshold | None, ...]:
    """The parts of which one is enough; None for one that is no threshold."""
    return _parts(expect, decisive=True)


def demands(expect: str) -> tuple[Threshold | None, ...]:
    """The parts which must all hold; None for one that is no threshold."""
    return _parts(expect, decisive=False)


def _parts(expect: str, *, decisive: bool) -> tuple[Threshold | None, ...]:
    try:
        tree = parse(expect).tree
    except ExpressionError:
        return (None,)
    joined = isinstance(tree, Junction) and tree.decisive is decisive
    return tuple(_threshold(part) for part in (tree.parts if isinstance(tree, Junction) and joined else (tree,)))


def _threshold(node: Node) -> Threshold | None:
    if not isinstance(node, Compare) or len(node.links) != 1 or node.links[0][0] not in _TURNED:
        return None
    operator, right = node.links[0]
    left, limit = _said(node.first), _limit(right)
    if left is not None and limit is not None and _limit(node.first) is None:
        return Threshold(left, operator, limit)
    left, limit = _said(right), _limit(node.first)
    return Threshold(left, _TURNED[operator], limit) if left is not None and limit is not None else None


def _limit(node: Node) -> float | str | None:
    if isinstance(node, Sign):
        inner = _limit(node.operand)
        return -inner if node.sign == "-" and isinstance(inner, float) else inner
    if isinstance(node, Constant):
        return float(node.value) if isinstance(node.value, int | float) and not isinstance(node.value, bool) else None
    said = _said(node)
    return said if said is not None and said.split(".")[0] in ("params", "env") else None


def _said(node: Node) -> str | None:
    """The text of a value, the same for the same; None for what is more than a path and filters."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Item) and isinstance(node.key, Constant):
        base = _said(node.base)
        return None if base is None else f"{base}.{node.key.value}"
    if isinstance(node, Filtered):
        subject = _said(node.subject)
        arguments = [one.value if isinstance(one, Constant) else None for one in node.arguments if one is not None]
        return None if subject is None else f"{subject}|{node.name}{arguments}"
    return None
