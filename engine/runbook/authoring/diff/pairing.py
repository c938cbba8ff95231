"""Which document of the base is which of the head: by kind and name, else by file, else by what it says.

So a document that was moved to another file, or given another name, is compared with what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from runbook.authoring.diff.meaning import same
from runbook.authoring.diff.sides import Placed


class Paired(NamedTuple):
    """Documents in both, those only in the base, those only in the head."""

    pairs: list[tuple[Placed, Placed]]
    gone: list[Placed]
    new: list[Placed]


def paired(before: Iterable[Placed], after: Iterable[Placed]) -> Paired:
    """Each document with what it was."""
    result = Paired([], list(before), list(after))
    _meet(result, lambda one, other: bool(one.name) and one.name == other.name and one.path == other.path)
    _meet(result, lambda one, other: bool(one.name) and one.name == other.name)
    _meet(result, lambda one, other: one.path == other.path)
    _meet(result, lambda one, other: same(_nameless(one), _nameless(other)))
    _meet(result, lambda one, other: _alone(one, result.gone) and _alone(other, result.new))
    return result


def _meet(result: Paired, alike: Callable[[Placed, Placed], bool]) -> None:
    for one in list(result.gone):
        other = next((each for each in result.new if each.kind == one.kind and alike(one, each)), None)
        if other is not None:
            result.gone.remove(one)
            result.new.remove(other)
            result.pairs.append((one, other))


def _alone(placed: Placed, others: list[Placed]) -> bool:
    """Whether it is the only one left of a kind that has no names."""
    return not placed.name and sum(one.kind == placed.kind for one in others) == 1


def _nameless(placed: Placed) -> dict[str, object]:
    return {key: value for key, value in placed.source.data.items() if key not in ("name", "runbook", "title")}
