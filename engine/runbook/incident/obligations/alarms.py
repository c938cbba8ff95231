"""Reminders of deadlines: at half of their time, at four fifths, and when it is over, by the number alone.

They go by the raw deadline, never by the adjusted one: who is reminded before a holiday can still be glad of it; and by
what an authority made of it, which is no opinion. A limit that names no number has one reminder, at its aim. A deadline
that was moved or extended reminds anew; one that was set late reminds once, by what is over already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from runbook.core.records import Written
from runbook.document.catalog import Catalog
from runbook.incident.history import Incident
from runbook.incident.moments import minute
from runbook.incident.obligations.cases import RUNS
from runbook.incident.obligations.deadlines import Deadline
from runbook.incident.obligations.glass import BREAKING, broken
from runbook.incident.obligations.history import said
from runbook.incident.obligations.naming import Rules
from runbook.incident.obligations.standing import TICKING, Broken, Case, Obligation, obligations
from runbook.incident.records import PREFIX
from runbook.incident.reminders import Reminder
from runbook.journal import Record
from runbook.journal.record import stamp

PARTS: Final = (100, 80, 50)  # per cent of the time of a report
WHO: Final = "commander"


def alarms(
    rules: Rules, incident: Incident, records: Sequence[Written], catalog: Catalog, now: float
) -> Iterator[Reminder]:
    """What is to be reminded of now: for each report whose time runs, the last of its reminders that is due."""
    del catalog
    own = [one for one in records if not isinstance(one, Record) or one.stream.startswith(PREFIX)]
    case = Case(incident.id, said(own), incident.started, tuple(_broken(records)))
    for one in obligations(case, rules.regimes, rules.here, now):
        if one.state in TICKING and one.deadline is not None:
            yield from _of(one, one.deadline, now)


def _of(one: Obligation, due: Deadline, now: float) -> Iterator[Reminder]:
    name = f"{one.report.title} ({one.address})"
    if due.raw is None and not due.reaches:
        if now >= due.alarm:
            yield _reminder(one, "aim", due.alarm, f"{name} is due without undue delay, and not filed")
        return
    for part in PARTS:
        at = due.since + (due.alarm - due.since) * part / 100
        if now >= at:
            by = minute(due.alarm)
            left = "that is over" if part == PARTS[0] else f"{part} % of its time are over"
            yield _reminder(
                one, f"{part}", at, f"{name} is due by {by}{_extended(one, due)}; {left}{_adjusted(due, now)}"
            )
            return


def _extended(one: Obligation, due: Deadline) -> str:
    """Who gave more time, where that is what counts."""
    return f", extended by {one.extensions[-1].authority}" if due.reaches else ""


def _adjusted(due: Deadline, now: float) -> str:
    """What weekends and holidays leave, where the number alone is over."""
    if due.reaches or due.raw is None or due.adjusted is None or not due.raw < now <= due.adjusted:
        return ""
    return f", and adjusted it ends at {minute(due.adjusted)}"


def _reminder(one: Obligation, part: str, at: float, text: str) -> Reminder:
    since = stamp(one.deadline.since) if one.deadline is not None else ""
    if one.deadline is not None and one.deadline.reaches and one.deadline.extended is not None:
        since += f"/{stamp(one.deadline.extended)}"
    return Reminder(key=f"obligation/{one.address}/{since}/{part}", about="obligation", due=at, text=text, to=WHO)


def _broken(records: Iterable[Written]) -> Iterator[Broken]:
    runs: dict[str, list[Written]] = {}
    for record in records:
        if isinstance(record, Record) and record.type in BREAKING and record.stream.startswith(RUNS):
            runs.setdefault(record.stream.removeprefix(RUNS), []).append(record)
    for run, told in runs.items():
        found = broken(run, told)
        if found is not None:
            yield found
