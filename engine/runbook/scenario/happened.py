"""What happened in a run, one moment after the other, under every name that a scenario may call it by.

A step happened when it was observed, answered or applied, an option when its gate opened; a change that was taken back
is `undo STEP`, a page `page NAME`, a message `channel/template`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from runbook.core.history import address
from runbook.core.records import Written
from runbook.core.words import Applied
from runbook.scenario.answers import names

_UNDO = ":undo#"


class Moment(NamedTuple):
    """One thing that happened, `at` seconds since the epoch, and what it may be called."""

    at: float
    names: tuple[str, ...]


def happened(records: Iterable[Written]) -> Iterator[Moment]:
    """The moments of a run, in order."""
    for record in records:
        called = _called(record)
        if called:
            yield Moment(record.time, called)


def out_of_order(expected: Sequence[str], moments: Sequence[Moment]) -> tuple[int, bool] | None:
    """The first of these that did not happen after the one before it, and whether it did earlier; None: all did."""
    at = 0
    for position, name in enumerate(expected):
        found = next((i for i in range(at, len(moments)) if name in moments[i].names), None)
        if found is None:
            return position, any(name in moment.names for moment in moments[:at])
        at = found + 1
    return None


def _called(record: Written) -> tuple[str, ...]:
    data, key = record.data, record.key or ""
    match record.type:
        case "step.observed" if not data.get("arrived"):
            return names(address(key))
        case "answer.given" | "evidence.preserved":
            return names(address(key))
        case "change.resulted" if Applied(data.get("applied", "no")).touched:
            undo = "undo " if _UNDO in key else ""
            return tuple(f"{undo}{name}" for name in names(address(key)))
        case "gate.opened":
            return (str(data["option"]),)
        case "message.sent":
            return (f"{data['channel']}/{data.get('template') or 'text'}",)
        case "page.sent":
            return (f"page {data['to']}",)
    return ()
