"""Action items of an incident: what somebody promised to do after it, until when, and what became of it.

A fold of `action.added` and `action.changed`; nothing is ever taken away, so an item that was dropped still says why.
Numbers are given in the order of the record, from 1: `INC-7-A2` is the second item of INC-7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from runbook.core.records import Written
from runbook.errors import Refused, UsageError
from runbook.incident.records import ACTION_ADDED, ACTION_CHANGED


class Aim(StrEnum):
    """What an item is for: that it does not happen again, that it hurts less, or that people work better."""

    PREVENT = "prevent"
    MITIGATE = "mitigate"
    PROCESS = "process"


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One item. `due` is a day, `None` until somebody names one; times are seconds since 1970, UTC."""

    id: str
    incident: str
    title: str
    aim: Aim
    added: float
    by: str
    owner: str | None = None
    due: date | None = None
    ticket: str | None = None
    state: State = State.OPEN
    ended: float | None = None
    reason: str | None = None

    def overdue(self, today: date) -> bool:
        """Whether its day has passed and it is still open."""
        return self.state is State.OPEN and self.due is not None and self.due < today


def actions(incident: str, records: Iterable[Written]) -> list[Action]:
    """The items of one incident, in the order in which they were added."""
    found: dict[str, Action] = {}
    for record in records:
        data = record.data
        if record.type == ACTION_ADDED:
            id_ = str(data["action"])
            found[id_] = Action(id=id_, incident=incident, added=record.time, by=record.actor.id, **_fields(data))
        elif record.type == ACTION_CHANGED and data.get("action") in found:
            found[str(data["action"])] = _changed(found[str(data["action"])], record)
    return list(found.values())


def _changed(action: Action, record: Written) -> Action:
    data = record.data
    changed = msgspec.structs.replace(action, **_fields(data.get("fields") or {}))
    if "state" not in data:
        return changed
    state = State(data["state"])
    ended = None if state is State.OPEN else record.time
    return msgspec.structs.replace(changed, state=state, ended=ended, reason=data.get("reason"))


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """What people may change of an item, as it is kept: typed, and only what is there."""
    given: dict[str, Any] = {name: data[name] for name in ("title", "owner", "ticket") if name in data}
    if "aim" in data:
        given["aim"] = Aim(data["aim"])
    if "due" in data:
        given["due"] = date.fromisoformat(data["due"]) if data["due"] else None
    return given


def next_id(incident: str, so_far: Iterable[Action]) -> str:
    """The name of the next item."""
    return f"{incident}-A{sum(1 for _ in so_far) + 1}"


def named(id_: str) -> tuple[str, str]:
    """The incident and the whole name of an item, however it was typed: `inc-7-a2`, `INC-7/2`, `7-A2`."""
    head, _, tail = id_.upper().removeprefix("INC-").replace("/", "-").partition("-")
    number = tail.removeprefix("A")
    if not (head.isascii() and head.isdigit() and number.isascii() and number.isdigit()):
        raise UsageError(
            f"{id_!r} is no action item", hint="they are called INC-1-A1; `runbook actions list` shows them"
        )
    return f"INC-{int(head)}", f"INC-{int(head)}-A{int(number)}"


def one(id_: str, items: Iterable[Action]) -> Action:
    """The item of this name; UsageError where there is none."""
    known = list(items)
    for item in known:
        if item.id == id_:
            return item
    hint = f"it has {known[0].id} to {known[-1].id}" if known else "it has none yet: `runbook actions add`"
    raise UsageError(f"there is no action item {id_}", hint=hint)


def still_open(action: Action) -> Action:
    """The item itself; Refused for one that has ended."""
    if action.state is State.OPEN:
        return action
    why = f": {action.reason}" if action.reason else ""
    raise Refused(
        f"{action.id} is {action.state} already{why}", hint=f"open it again: runbook actions reopen {action.id}"
    )
