"""A fact about a run: one line for people, under the heading of its phase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runbook.core.records import Written
from runbook.core.words import Verdict
from runbook.report.phrases import Mark
from runbook.report.safe import shown

INFO = Mark("·", "plain", "")
GOOD = Mark("✓", "good", "")
BAD = Mark("✗", "bad", "")
WARN = Mark("!", "warn", "")
BUSY = Mark("▸", "busy", "")
WAITS = Mark("◌", "warn", "waiting")
DOUBT = Mark("?", "danger", "in doubt")


class Fact(NamedTuple):
    """One line; its text is harmless. `phase` is the heading that it stands under, None: whatever stands there.

    `gate` is the key of a gate that opened: a view may draw all of it. `beside` is that of a gate or a question which
    the fact belongs to: a view leaves it out where it is drawn with that. `round` is the verdict of a round of checks:
    a view may leave out those that say the same as the one before.
    """

    at: float
    phase: str | None
    mark: Mark
    text: str
    gate: str | None = None
    round: Verdict | None = None
    beside: str | None = None


def fact(record: Written, phase: str | None, mark: Mark, text: str, gate: str | None = None) -> Fact:
    """What a record says, made harmless."""
    return Fact(record.time, phase, mark, shown(text), gate)


def reason_of(data: Mapping[str, Any]) -> str | None:
    """Why, in a record's own words: its reason, else its error's message."""
    error = data.get("error")
    said = data.get("reason") or (error.get("message") if isinstance(error, Mapping) else error)
    return str(said) if said else None


def because(data: Mapping[str, Any], lead: str = ": ") -> str:
    """The reason with what leads to it, or nothing."""
    why = reason_of(data)
    return f"{lead}{why}" if why else ""
