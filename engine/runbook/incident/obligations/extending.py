"""More time for a report: what an authority granted, as somebody writes it down, and that it does not hold any more.

Nothing here says whether an authority may grant it; who did, and where that can be found, stands in the record. It
moves no deadline of the rule: that is shown beside it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from runbook.errors import Refused, UsageError
from runbook.incident import desk as incidents
from runbook.incident import naming
from runbook.incident import records as r
from runbook.incident.moments import Given, second
from runbook.incident.obligations.desk import must_apply, turn
from runbook.incident.obligations.history import Extension
from runbook.incident.obligations.naming import Rules, named, placed
from runbook.incident.obligations.standing import Case, Obligation, State
from runbook.journal.record import stamp

_SAME: Final = 1.0  # seconds; said twice


class Granted(NamedTuple):
    """What was granted: until when, by whom, under which number; when that was, and who says so."""

    until: float
    authority: str
    at: Given
    reference: str | None = None
    reason: str | None = None


def extend(place: incidents.Desk, id_: str, rules: Rules, report: str, granted: Granted) -> Case:
    """Say that an authority gave more time for a report. Another extension may go further; a shorter one says why."""
    authority = naming.words(granted.authority, "the authority")
    if not (granted.reference or granted.at.source):
        raise UsageError(
            "the extension cannot be found again",
            hint="add --reference NUMBER, or --source TEXT, such as --source 'the DPO, by telephone'",
        )
    with turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        found = placed(case, rules, name, now)
        must_apply(found, name, "extend it")
        _open(found)
        before = case.said.extended(name.address)
        if before is not None and before.until is not None and abs(before.until - granted.until) < _SAME:
            return case
        _later(found, before, granted, now)
        data = {
            "report": name.address,
            "until": stamp(granted.until),
            "authority": authority,
            "reference": granted.reference,
            "at": None if granted.at.at is None else stamp(granted.at.at),
            "source": granted.at.source,
            "reason": granted.reason,
            "replaces": None if before is None or before.until is None else stamp(before.until),
        }
        return say(r.EXTENDED, data)


def withdraw(place: incidents.Desk, id_: str, rules: Rules, report: str, reason: str) -> Case:
    """Say that the extension of a report does not hold: its deadline is what the rule makes it. Both stay recorded."""
    words = naming.words(reason, "the reason")
    with turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        before = case.said.extended(name.address)
        if before is None or before.until is None:
            raise Refused(f"{name.address} was not extended, so there is nothing to withdraw")
        _open(placed(case, rules, name, now))
        data = {
            "report": name.address,
            "until": None,
            "authority": before.authority,
            "reason": words,
            "replaces": stamp(before.until),
        }
        return say(r.EXTENDED, data)


def _open(found: Obligation) -> None:
    """Refused where nobody waits for the report any more, or nothing has begun that could be extended."""
    if found.state is State.MET:
        last = found.filings[-1]
        raise Refused(f"{found.address} was filed at {second(last.at)}, by {last.by}: there is nothing to extend")
    if found.state is State.WAIVED and found.waiver is not None:
        again = f"runbook obligations judge {found.incident} {found.address} --applies --reason TEXT"
        raise Refused(
            f"{found.address} was waived by {found.waiver.by}: nobody will file it",
            hint=f"{again} takes that back",
        )
    if found.deadline is None:
        raise Refused(
            f"the time of {found.address} has not begun; it waits for {' and '.join(found.absent)}",
            hint=f"runbook obligations {found.incident} says what to type for that",
        )


def _later(found: Obligation, before: Extension | None, granted: Granted, now: float) -> None:
    """Whether it gives time at all, and is no tacit correction of one that gave more."""
    until = second(granted.until)
    if granted.until <= now:
        raise UsageError(f"{until} is over, and no report can be filed until then", hint="check the day and the zone")
    due = found.deadline
    if due is not None and due.adjusted is not None and granted.until <= due.adjusted:
        raise UsageError(
            f"{until} is no later than {found.address} is due anyway ({second(due.adjusted)})",
            hint="check the day and the zone",
        )
    if before is not None and before.until is not None and granted.until < before.until and not granted.reason:
        raise UsageError(
            f"{found.address} is extended to {second(before.until)} already, by {before.authority}",
            hint="an earlier time is a correction: add --reason TEXT; both stay in the record",
        )
