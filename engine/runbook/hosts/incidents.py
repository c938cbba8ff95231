"""Runs and the incident that they belong to: what expressions see of it, and the record that a run has joined it.

A run keeps the facts of its start, so that it replays; the incident goes on changing beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.core.words import Mode
from runbook.hosts.past import stream_of
from runbook.hosts.pinned import Start
from runbook.journal.record import stamp

if TYPE_CHECKING:
    from runbook.incident.desk import Desk
    from runbook.incident.history import Incident

Declares = Callable[[str], str]  # declares an incident for the run of this id, and gives the incident's id


def within(place: Desk, start: Start, declares: Declares | None = None) -> Start:
    """A start with the facts of its incident as they are now; UsageError where the store has no such incident."""
    id_ = declares(start.run) if declares is not None else (start.incident or {}).get("id")
    if id_ is None:
        return start
    from runbook.incident import desk  # for the runs that belong to one

    incident = desk.told(place.journal, desk.find(place.journal, str(id_)))
    return msgspec.structs.replace(start, incident=facts(incident))


def joined(place: Desk, start: Start, *, begins: bool = True) -> None:
    """Record in the incident that a run has joined it, once. A dry run does nothing that belongs to one.

    Who starts a run by hand works on the incident: where nobody was recorded to have acknowledged it, they have.
    """
    id_ = (start.incident or {}).get("id")
    if id_ is None or start.mode is Mode.DRY:
        return
    from runbook.incident import acts, desk

    if place.journal.head(desk.stream_of(str(id_))) is None:
        return  # a run that was started before incidents had records may name one that there is not
    runbook = next(iter(place.journal.read(stream_of(start.run)))).data.get("runbook")
    by_hand = begins and start.mode is Mode.BY_HAND and start.initiator == place.people.me
    acts.join(place, str(id_), start.run, runbook, acknowledges=by_hand)


def facts(incident: Incident) -> Mapping[str, Any]:
    """What expressions and templates of a run see as `incident`."""
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "class": incident.type,
        "status": str(incident.status),
        "lead": incident.who("commander"),
        "started": stamp(incident.started)[:19] + "Z",
        "affected": incident.affected,
        "user_facing": incident.user_facing,
        "url": incident.war_room,
    }
