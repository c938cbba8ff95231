"""Loops, without flow: a list made of what is known, and the steps that each of its items becomes.

    items of `steps.members.names`  →  turns a, b, c  →  steps defrag[a], defrag[b], defrag[c]

A list that cannot be gone through for certain (no list, too long, two items with one key) is an error that says so;
nothing is cut off, renamed or guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runbook.core.words import Ended
from runbook.document.expressions import Unknown, parse
from runbook.document.language import values
from runbook.document.loop_keys import key_problem
from runbook.document.model import ForEach, Local, Step
from runbook.document.templates import references_of, render_value
from runbook.document.words import StepOnFailure

MOST_READ = 10_000  # entries of a list that is looked at at all

Scope = Mapping[str, object]


class LoopError(Exception):
    """The list cannot be gone through; says why."""


class Turn(msgspec.Struct, frozen=True):
    """One item with its key."""

    key: str
    item: Any


def turns(loop: ForEach, scope: Scope) -> tuple[Turn, ...]:
    """The items in order, each with a key of its own. LoopError, or Unknown where the list cannot be told."""
    given = parse(loop.items).evaluate(scope) if isinstance(loop.items, str) else loop.items
    if not isinstance(given, list | tuple):
        raise LoopError(f"'items' is {_spoken(given)}, not a list")
    if len(given) > MOST_READ:
        raise LoopError(f"'items' has {len(given):,} entries, which is more than {MOST_READ:,}")
    if len(given) > loop.max:
        raise LoopError(f"'items' has {len(given)} items, and 'max' is {loop.max}")
    items: list[Any] = values.plain(given) if isinstance(loop.items, str) else render_value(list(given), scope)  # type: ignore[assignment]
    found = [Turn(_key(loop, scope, item, number), item) for number, item in enumerate(items, 1)]
    _all_different(found)
    return tuple(_ordered(loop, scope, found))


def _spoken(given: object) -> str:
    words = {type(None): "null", bool: "a boolean", str: "text", int: "a number", float: "a number"}
    return words.get(type(given), "a map")


def _key(loop: ForEach, scope: Scope, item: Any, number: int) -> str:
    try:
        key = parse(loop.key).evaluate({**scope, loop.as_: item}) if loop.key is not None else item
    except Unknown as unknown:
        raise LoopError(f"item {number} has no key: {unknown.reason}") from None
    if (problem := key_problem(key)) is not None:
        raise LoopError(f"item {number}: {problem}")
    return str(key)


def _all_different(found: Sequence[Turn]) -> None:
    seen: dict[str, int] = {}
    for number, turn in enumerate(found, 1):
        if turn.key in seen:
            raise LoopError(f"items {seen[turn.key]} and {number} have the same key, '{turn.key}'")
        seen[turn.key] = number


def _ordered(loop: ForEach, scope: Scope, found: list[Turn]) -> list[Turn]:
    """By `order_by`, items of the same rank as they came; false comes before true."""
    if loop.order_by is None:
        return found
    ranks: dict[str, Any] = {}
    for turn in found:
        try:
            rank = parse(loop.order_by).evaluate({**scope, loop.as_: turn.item})
        except Unknown as unknown:
            raise LoopError(f"'order_by' of {turn.key}: {unknown.reason}") from None
        ranks[turn.key] = rank
    if not any(all(isinstance(rank, kind) for rank in ranks.values()) for kind in (str, int | float)):
        raise LoopError("'order_by' is not a number, a boolean or text for every item")
    return sorted(found, key=lambda turn: ranks[turn.key])


def listed_from(loop: ForEach) -> frozenset[tuple[str, ...]]:
    """Every path that the list, its keys and its order are made from, but for the item itself."""
    paths = parse(loop.items).references if isinstance(loop.items, str) else references_of(loop.items)
    for text in (loop.key, loop.order_by):
        paths |= parse(text).references if text else frozenset()
    return frozenset(path for path in paths if path[0] != loop.as_)


def difference(before: Sequence[str], after: Sequence[str]) -> str:
    """What is different between two lists of keys, in words; empty when nothing is."""
    if list(before) == list(after):
        return ""
    came, went = [key for key in after if key not in before], [key for key in before if key not in after]
    parts = [f"{' and '.join(keys)} {word}" for keys, word in ((came, "came"), (went, "went")) if keys]
    return ", ".join(parts) or f"the order is now {', '.join(after)}"


class Loop:
    """One loop while it is worked through: of a step, or of all steps of an option.

    `failed` holds the keys that failed and why; `stopped` why no further item is tried; `entered` the keys for which
    something was done, in order; `sent` is True once a change of it has reached the world.
    """

    def __init__(self, id_: str, of: ForEach, found: Sequence[Turn], steps: Sequence[Step], lenient: bool) -> None:
        self.id = id_
        self.of = of
        self.templates = tuple(steps)
        self.lenient = lenient
        self.failed: dict[str, str] = {}
        self.stopped: str | None = None
        self.entered: list[str] = []
        self.sent = False
        self.renew(found)

    def renew(self, found: Sequence[Turn]) -> None:
        """Take the items as they are now."""
        self.turns = tuple(found)
        self.steps = {id_: step for turn in found for id_, step in self._steps(turn, self.templates)}
        self._key_of = {f"{step.id}[{turn.key}]": turn.key for turn in found for step in self.templates}

    @property
    def keys(self) -> list[str]:
        """Keys of the items, in order."""
        return [turn.key for turn in self.turns]

    @property
    def own(self) -> bool:
        """Whether it is a step's own, not an option's."""
        return self.templates[0].for_each is not None

    @property
    def all(self) -> tuple[Step, ...]:
        """All steps of all items, in order."""
        return tuple(self.steps.values())

    @property
    def last(self) -> str:
        """Id of the last step of the last item."""
        return f"{self.templates[-1].id}[{self.turns[-1].key}]"

    def key_of(self, id_: str) -> str:
        """The key of the item that a repeated step belongs to."""
        return self._key_of[id_]

    def between(self, key: str) -> list[Step]:
        """What is looked at after the item with this key."""
        turn = next(turn for turn in self.turns if turn.key == key)
        return [step for _, step in self._steps(turn, self.of.between)]

    def over(self, id_: str) -> str | None:
        """Why a repeated step is not tried any more; None while it is."""
        if self.stopped is not None:
            return self.stopped
        reason = self.failed.get(self.key_of(id_))
        return f"its item failed: {reason}" if reason is not None else None

    def fails(self, key: str, ended: Ended, unknown: bool, reason: str) -> bool:
        """Remember that an item failed; gives whether the option goes on all the same."""
        if ended is not Ended.FAILED or unknown:
            return False
        self.failed[key] = reason
        return self.of.on_failure is StepOnFailure.CONTINUE or self.stops(ended, unknown, reason)

    def stops(self, ended: Ended, unknown: bool, reason: str) -> bool:
        """Try no further item; gives whether the option goes on all the same."""
        if ended is not Ended.FAILED or unknown:
            return False
        self.stopped = f"the loop stopped: {reason}"
        return self.lenient

    def _steps(self, turn: Turn, of: Sequence[Step]) -> list[tuple[str, Step]]:
        names = {step.id: f"{step.id}[{turn.key}]" for step in (*self.templates, *self.of.between)}
        item = Local(values={self.of.as_: turn.item})
        return [(names[step.id], self._repeated(step, turn.key, item, names)) for step in of]

    def _repeated(self, step: Step, key: str, item: Local, names: dict[str, str]) -> Step:
        """A step as it is for one item. An option's item lies outermost: a part that it includes is told it."""
        if self.own:
            local = msgspec.structs.replace(item, outer=_outermost(step.local, Local(steps=names)))
        else:
            local = _outermost(step.local, msgspec.structs.replace(item, steps=names))
        return msgspec.structs.replace(
            step,
            id=names[step.id],
            title=f"{step.title} [{key}]" if step.title else None,
            on_failure=StepOnFailure.STOP if self.own else step.on_failure,
            for_each=None,
            local=local,
        )


def _outermost(local: Local | None, outer: Local) -> Local:
    return outer if local is None else msgspec.structs.replace(local, outer=_outermost(local.outer, outer))
