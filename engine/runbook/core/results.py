"""What comes back for a command, decoded from the record that holds it: as stored, never as it was live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.core.changes import Change, Error, Outcome
from runbook.core.commands import (
    Announce,
    Apply,
    Approve,
    Ask,
    Command,
    Note,
    Observe,
    Page,
    PlanChange,
    Preserve,
    Wait,
)
from runbook.core.records import Stored
from runbook.core.words import Answer, Applied, StepStatus, Verdict
from runbook.document.typed import converted


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Observed(_Result, frozen=True, kw_only=True):
    """A step was observed. `status` is succeeded when there was an answer, failed when nothing could be read."""

    status: StepStatus
    verdict: Verdict | None = None
    output: dict[str, Any] = {}
    reason: str | None = None
    error: Error | None = None
    attested: bool = False
    asked: bool = True
    silent: str | None = None  # why its text is no answer, though the step was judged


class Plan(_Result, frozen=True, kw_only=True):
    """What planning gave: exactly one of `change`, `nothing`, `refused`, `error`, or `waits_for` in a dry run."""

    change: Change | None = None
    nothing: str | None = None
    refused: str | None = None
    by: str = "kind"
    error: Error | None = None
    waits_for: tuple[str, ...] = ()


class Decision(_Result, frozen=True, kw_only=True):
    """How a gate was decided. `until` is when a grant ends, in seconds since the epoch."""

    verdict: Answer
    by: tuple[str, ...] = ()
    reason: str | None = None
    until: float = 0.0
    policy: str | None = None
    break_glass: bool = False


class Given(_Result, frozen=True, kw_only=True):
    """A person's answer; `expired` when nobody answered in time, `failed` when they say it did not work."""

    value: Any = None
    by: str | None = None
    reason: str | None = None
    expired: bool = False


class Delivered(_Result, frozen=True, kw_only=True):
    """A message or a page went out, or did not, or that is not known yet; none of it stops a run."""

    status: str = "sending"
    error: Error | None = None


class Preserved(_Result, frozen=True, kw_only=True):
    """One piece of evidence: kept, or missing and why."""

    status: str
    error: Error | None = None


SETTLEMENT = "settlement.given"
SETTLED = "settled"

# Which command an event is the result of, and the shape of its data; None where the event says it all.
RESULTS: dict[str, tuple[type[Command], type[_Result] | type[Outcome] | None]] = {
    "step.observed": (Observe, Observed),
    "change.planned": (PlanChange, Plan),
    "decision.given": (Approve, Decision),
    "answer.given": (Ask, Given),
    "change.resulted": (Apply, Outcome),
    SETTLEMENT: (Apply, None),
    "message.intended": (Announce, Delivered),  # with a key where nobody waits for what comes of it
    "message.sent": (Announce, Delivered),
    "page.sent": (Page, Delivered),
    "evidence.preserved": (Preserve, Preserved),
    "wait.ended": (Wait, None),
    "note.added": (Note, None),
}


def answers(type_: str, command: Command) -> bool:
    """Whether events of this type are results of this command."""
    return isinstance(command, RESULTS[type_][0])


def decode(record: Stored) -> Any:
    """The typed result of a record; None for a wait that ended or a note."""
    if record.type == SETTLEMENT:
        return _settled(record.data)
    shape = RESULTS[record.type][1]
    return converted(record.data, shape, strict=False) if shape is not None else None


def _settled(data: Mapping[str, Any]) -> Outcome:
    """A person's word on a doubt becomes the result of the change."""
    if data.get("as") == "applied":
        return Outcome(applied=Applied.YES, output={}, state={SETTLED: str(data.get("by", "a person"))})
    said = f"settled as not applied by {data.get('by', 'a person')}: {data.get('reason', '')}"
    return Outcome(applied=Applied.NO, error=Error(code=SETTLED, message=said))
