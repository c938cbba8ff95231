"""What somebody is to be reminded of, by whichever part knows: each is a function of an incident, its records and now.

A part adds itself by a line in `SOURCES`. A reminder has a key that is the same whenever it is computed: it is recorded
under that key before it is sent, and so is sent once, by however many processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Final

import msgspec

from runbook.document.catalog import Catalog
from runbook.incident.history import Incident
from runbook.journal import Record


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """Remind `to` (a role, or `person:NAME`) of something `about` (update obligation review action left), due at `due`.

    `key` names it within its incident; `text` is one line, without the incident's id.
    """

    key: str
    about: str
    due: float
    text: str
    to: str = "communications"


Source = Callable[[Incident, Sequence[Record], Catalog, float], Iterable[Reminder]]

# Name of the part → `module:function`, imported when reminders are asked for.
SOURCES: Final[Mapping[str, str]] = {
    "update": "runbook.incident.cadence:reminders",
    "review": "runbook.incident.afterwards:of_review",
    "action": "runbook.incident.afterwards:of_actions",
    "left": "runbook.incident.afterwards:of_leftovers",
}


def reminders(
    incident: Incident, records: Sequence[Record], catalog: Catalog, now: float, more: Iterable[Source] = ()
) -> list[Reminder]:
    """All that is due now, the oldest first. `records` are the incident's, and those of runs that joined.

    `more` are the parts that need to know more of the project than its catalog.
    """
    sources = [*map(_source, SOURCES.values()), *more]
    found = [one for source in sources for one in source(incident, records, catalog, now)]
    return sorted((one for one in found if one.due <= now), key=lambda one: (one.due, one.key))


def _source(path: str) -> Source:
    module, _, name = path.partition(":")
    source: Source = getattr(import_module(module), name)
    return source
