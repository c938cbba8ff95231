"""What comes back for a command, decoded from the record that holds it: as stored, never as it was live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from runbook.core.changes import Change, Error, Outcome
from runbook.core.commands import Command
from runbook.core.words import Answer, Applied, StepStatus, Verdict


class Stored(Protocol):
    """The part of a record that a result is decoded from."""

    @property
    def type(self) -> str:
        """Event name."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's data."""
        ...


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
    """A message or a page went out, or did not; neither stops a run."""

    status: str
    error: Error | None = None


class Preserved(_Result, frozen=True, kw_only=True):
    """One piece of evidence: kept, or missing and why."""

    status: str
    error: Error | None = None


RESULTS: dict[str, type[_Result] | type[Outcome] | None] = {
    "step.observed": Observed,
    "change.planned": Plan,
    "decision.given": Decision,
    "answer.given": Given,
    "change.resulted": Outcome,
    "settlement.given": None,
    "message.sent": Delivered,
    "page.sent": Delivered,
    "evidence.preserved": Preserved,
    "wait.ended": None,
    "note.added": None,
}

SETTLED = "settled"


def decode(command: Command, record: Stored) -> Any:
    """The typed result of a record; None for a wait that ended or a note."""
    del command
    if record.type == "settlement.given":
        return _settled(record.data)
    shape = RESULTS[record.type]
    return msgspec.convert(record.data, shape, strict=False) if shape is not None else None


def _settled(data: Mapping[str, Any]) -> Outcome:
    """A person's word on a doubt becomes the result of the change."""
    if data.get("as") == "applied":
        return Outcome(applied=Applied.YES, output={})
    said = f"settled as not applied by {data.get('by', 'a person')}: {data.get('reason', '')}"
    return Outcome(applied=Applied.NO, error=Error(code=SETTLED, message=said))
