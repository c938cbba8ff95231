"""What is easily forgotten when an incident is over: its review, its action items, what was changed for a while only.

Three sources of reminders. What has no day has no reminder; it is listed instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from runbook.core.history import history
from runbook.document.catalog import Catalog
from runbook.incident.actions import State, actions
from runbook.incident.history import Incident
from runbook.incident.leftovers import leftovers
from runbook.incident.postmortem.review import review
from runbook.incident.reminders import Reminder
from runbook.journal import Record

_DAY = 86400.0
_RUNS = "run/"


def of_review(incident: Incident, records: Sequence[Record], catalog: Catalog, now: float) -> Iterator[Reminder]:
    """A day before the review is due, or that it is, unless it was held."""
    due = review(incident, records, catalog)
    if due is None or due.held is not None:
        return
    name, at = ("due", due.due) if due.due <= now else ("soon", due.due - _DAY)
    if at <= now:
        text = f"{due.why}; `runbook postmortem {incident.id} --held TIME` says that it was"
        yield Reminder(key=f"review/{due.due:.0f}/{name}", about="review", due=at, text=text, to="commander")


def of_actions(incident: Incident, records: Sequence[Record], catalog: Catalog, now: float) -> Iterator[Reminder]:
    """The day after an item's own, while it is open: its owner, by name or by role."""
    del catalog
    own = [record for record in records if not record.stream.startswith(_RUNS)]
    for item in actions(incident.id, own):
        if item.state is not State.OPEN or item.due is None:
            continue
        day = datetime.combine(item.due, datetime.min.time(), UTC) + timedelta(days=1)
        if day.timestamp() <= now:
            text = f"action item {item.id} was due on {item.due}: {item.title}"
            to = f"person:{item.owner}" if item.owner else "commander"
            yield Reminder(key=f"action/{item.id}/{item.due}", about="action", due=day.timestamp(), text=text, to=to)


def of_leftovers(incident: Incident, records: Sequence[Record], catalog: Catalog, now: float) -> Iterator[Reminder]:
    """When what was changed for a while only is to be taken back, and was not."""
    del incident, catalog
    runs: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.stream.startswith(_RUNS):
            runs[record.stream.removeprefix(_RUNS)].append(record)
    for run, told in runs.items():
        gone = [key for other in runs.values() if _takes_back(other, run) for key in history(other).took_back]
        for left in leftovers(run, history(told), gone):
            if left.due is not None and left.due <= now:
                undo = f"; {left.undo}" if left.undo else ""
                text = f"to be taken back by now: {left.summary}{undo}"
                yield Reminder(key=f"left/{run}/{left.key}", about="left", due=left.due, text=text, to="operations")


def _takes_back(other: Sequence[Record], run: str) -> bool:
    return other[0].data.get("takes_back") == run
