"""What the records of an incident say: the fold of its stream into an `Incident`.

Only the records that tell what it is, who leads, when what happened and what belongs to it; messages, clocks and
action items are folds of their own. Total: records of other parts, and of later versions, are counted and passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from runbook.core.records import Written
from runbook.errors import Bug
from runbook.incident import records as r
from runbook.incident.words import Status
from runbook.journal.record import seconds


class Holder(msgspec.Struct, frozen=True):
    """Who has a role, and since when (seconds since 1970, UTC)."""

    person: str
    since: float


class Moment(msgspec.Struct, frozen=True):
    """When something happened; `source` says who says so, None where it was recorded as it happened."""

    at: float
    source: str | None
    recorded: float


class Changed(msgspec.Struct, frozen=True):
    """One change of severity or of type."""

    at: float
    from_: str | None
    to: str
    reason: str
    by: str


class Joined(msgspec.Struct, frozen=True):
    """A run that belongs to the incident."""

    run: str
    runbook: str | None
    at: float


class Link(msgspec.Struct, frozen=True):
    """Something else that belongs to it: a run, an incident, a drill, evidence, an address, a ticket."""

    what: str
    id: str
    relation: str | None
    note: str | None
    at: float
    by: str


class Note(msgspec.Struct, frozen=True):
    """What somebody wrote down."""

    at: float
    by: str
    text: str


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as its records tell it: `size` of them, the newest at `last`. Times are seconds since 1970, UTC.

    `catalog` is the digest of the Catalog's bytes that it was declared with, `imported` `{from, id}` where it came from
    elsewhere. `public` is the text for customers, None until somebody wrote one. `roles` and `times` have no key for
    what nobody has, and what is not known.
    """

    id: str
    title: str
    severity: str
    type: str | None = None
    status: Status = Status.OPEN
    confidential: bool = False
    tlp: str | None = None
    user_facing: bool | None = None
    service: str | None = None
    environment: str | None = None
    affected: str | None = None
    impact: str | None = None
    public: str | None = None
    war_room: str | None = None
    declared_by: str
    roles: Mapping[str, Holder] = {}
    times: Mapping[str, Moment] = {}
    severities: tuple[Changed, ...] = ()
    types: tuple[Changed, ...] = ()
    runs: tuple[Joined, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    summary: str | None = None
    reopened: tuple[float, ...] = ()
    imported: Mapping[str, Any] | None = None
    catalog: str | None = None
    size: int = 0
    last: float = 0.0

    def at(self, time: str) -> float | None:
        """When something happened; None where it is not known."""
        moment = self.times.get(time)
        return None if moment is None else moment.at

    def who(self, role: str) -> str | None:
        """Who has a role; None where nobody has."""
        holder = self.roles.get(role)
        return None if holder is None else holder.person

    @property
    def started(self) -> float:
        """When it began to hurt, as far as is known: else when it was detected, alerted of or declared."""
        return min(moment.at for moment in self.times.values())


def history(id_: str, records: Iterable[Written]) -> Incident:
    """The fold of all these records, from the first. Bug where the first one declares nothing."""
    incident: Incident | None = None
    size = 0
    for record in records:
        size += 1
        if incident is None:
            if record.type != r.DECLARED:
                raise Bug(f"the stream of {id_} begins with {record.type}, and not with {r.DECLARED}")
            incident = _declared(id_, record)
        elif (fold := _FOLDS.get(record.type)) is not None:
            incident = fold(incident, record)
    if incident is None:
        raise Bug(f"{id_} has no records")
    return msgspec.structs.replace(incident, size=size, last=record.time)


def after(incident: Incident, record: Written) -> Incident:
    """The incident once this record, the next of its stream, is folded in."""
    fold = _FOLDS.get(record.type)
    folded = fold(incident, record) if fold is not None else incident
    return msgspec.structs.replace(folded, size=incident.size + 1, last=record.time)


def _declared(id_: str, record: Written) -> Incident:
    data = record.data
    catalog = data.get("catalog")
    incident = Incident(
        id=id_,
        title=str(data.get("title") or ""),
        severity=str(data.get("severity") or ""),
        type=data.get("type"),
        declared_by=record.actor.id,
        times={"declared": _moment(record)},
        runs=(Joined(data["run"], data.get("runbook"), record.time),) if data.get("run") else (),
        imported=data.get("imported"),
        catalog=catalog.get("digest") if isinstance(catalog, Mapping) else None,
    )
    given = {name: data[name] for name in FIELDS if data.get(name) is not None}
    return msgspec.structs.replace(incident, **given)


FIELDS = (  # what `incident.updated` may set
    "title",
    "impact",
    "affected",
    "service",
    "environment",
    "war_room",
    "public",
    "tlp",
    "user_facing",
    "confidential",
)


def _updated(incident: Incident, record: Written) -> Incident:
    fields = {name: value for name, value in record.data.get("fields", {}).items() if name in FIELDS}
    return msgspec.structs.replace(incident, **fields)


def _severity_changed(incident: Incident, record: Written) -> Incident:
    change = _change(record)
    return msgspec.structs.replace(incident, severity=change.to, severities=(*incident.severities, change))


def _classified(incident: Incident, record: Written) -> Incident:
    change = _change(record)
    return msgspec.structs.replace(incident, type=change.to, types=(*incident.types, change))


def _timed(incident: Incident, record: Written) -> Incident:
    times = {**incident.times, str(record.data.get("time")): _moment(record)}
    return msgspec.structs.replace(incident, times=times)


def _mitigated(incident: Incident, record: Written) -> Incident:
    times = {**incident.times, "mitigated": _moment(record)}
    summary = record.data.get("summary") or incident.summary
    return msgspec.structs.replace(incident, status=Status.MITIGATED, times=times, summary=summary)


def _resolved(incident: Incident, record: Written) -> Incident:
    times = {**incident.times, "resolved": _moment(record)}
    summary = record.data.get("summary") or incident.summary
    return msgspec.structs.replace(incident, status=Status.RESOLVED, times=times, summary=summary)


def _reopened(incident: Incident, record: Written) -> Incident:
    """It hurts again: what was said of its end does not hold any more."""
    times = {name: moment for name, moment in incident.times.items() if name not in ("mitigated", "resolved")}
    reopened = (*incident.reopened, record.time)
    return msgspec.structs.replace(incident, status=Status.OPEN, times=times, reopened=reopened)


def _assigned(incident: Incident, record: Written) -> Incident:
    holder = Holder(str(record.data.get("person")), record.time)
    return msgspec.structs.replace(incident, roles={**incident.roles, str(record.data.get("role")): holder})


def _relieved(incident: Incident, record: Written) -> Incident:
    roles = {role: holder for role, holder in incident.roles.items() if role != record.data.get("role")}
    return msgspec.structs.replace(incident, roles=roles)


def _linked(incident: Incident, record: Written) -> Incident:
    data = record.data
    what, id_ = str(data.get("what")), str(data.get("id"))
    link = Link(what, id_, data.get("relation"), data.get("note"), record.time, record.actor.id)
    return msgspec.structs.replace(incident, links=(*incident.links, link))


def _joined(incident: Incident, record: Written) -> Incident:
    run = str(record.data.get("run"))
    if any(known.run == run for known in incident.runs):
        return incident
    joined = Joined(run, record.data.get("runbook"), record.time)
    return msgspec.structs.replace(incident, runs=(*incident.runs, joined))


def _noted(incident: Incident, record: Written) -> Incident:
    note = Note(record.time, record.actor.id, str(record.data.get("text") or ""))
    return msgspec.structs.replace(incident, notes=(*incident.notes, note))


def _moment(record: Written) -> Moment:
    """When what a record says happened: then, or at the time that it gives with its source."""
    at = record.data.get("at")
    return Moment(seconds(at) if at else record.time, record.data.get("source"), record.time)


def _change(record: Written) -> Changed:
    data = record.data
    return Changed(record.time, data.get("from"), str(data.get("to")), str(data.get("reason") or ""), record.actor.id)


_FOLDS: dict[str, Callable[[Incident, Written], Incident]] = {
    r.UPDATED: _updated,
    r.SEVERITY_CHANGED: _severity_changed,
    r.CLASSIFIED: _classified,
    r.TIMED: _timed,
    r.MITIGATED: _mitigated,
    r.RESOLVED: _resolved,
    r.REOPENED: _reopened,
    r.ASSIGNED: _assigned,
    r.RELIEVED: _relieved,
    r.LINKED: _linked,
    r.JOINED: _joined,
    r.NOTED: _noted,
}
