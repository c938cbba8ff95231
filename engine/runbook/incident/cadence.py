"""When the next update is due: after the last one, by what it promised, else by what the catalog says of the severity.

Pure: an incident, its messages, and now. While nothing is said, each further interval is another reminder: a promise to
customers and colleagues that is broken twice is worth two interruptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runbook.core.records import Written
from runbook.document.catalog import Catalog
from runbook.document.durations import spoken
from runbook.incident.history import Incident
from runbook.incident.messages import Messages, messages
from runbook.incident.reminders import Reminder
from runbook.incident.wording import when
from runbook.incident.words import Status


def next_due(incident: Incident, told: Messages, catalog: Catalog) -> float | None:
    """When the next update is due, seconds since 1970; None where none is."""
    if incident.status is Status.RESOLVED or incident.imported is not None:
        return None
    level = catalog.level(incident.severity)
    response = level.response if level is not None else None
    last = told.last()
    if last is None:
        first = (response.first_update or response.update_every) if response is not None else None
        declared = incident.at("declared")
        return None if first is None or declared is None else declared + first
    if last.next_update is not None:
        return last.next_update
    every = response.update_every if response is not None else None
    return None if every is None else last.at + every


def due(incident: Incident, told: Messages, catalog: Catalog, now: float) -> list[Reminder]:
    """The reminder of the newest interval that has begun, if one has."""
    at = next_due(incident, told, catalog)
    if at is None or at > now:
        return []
    level = catalog.level(incident.severity)
    every = level.response.update_every if level is not None else None
    missed = int((now - at) // every) if every else 0
    last = told.last()
    since = "nothing has been said yet" if last is None else f"the last was at {when(last.at, now)}"
    late = "" if now - at < 60 else f", {spoken((now - at) // 60 * 60)} ago"
    return [
        Reminder(
            key=f"update/{at:.0f}/{missed}",
            about="update",
            due=at + missed * (every or 0),
            text=f"an update was due at {when(at, now)}{late}; {since}",
        )
    ]


def reminders(incident: Incident, records: Sequence[Written], catalog: Catalog, now: float) -> Iterator[Reminder]:
    """As a source of reminders."""
    yield from due(incident, messages(records), catalog, now)
