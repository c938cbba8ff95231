"""An incident as JSON. Times are RFC 3339, UTC; what is not known is null."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from runbook.report.times import instant

if TYPE_CHECKING:
    from runbook.incident.history import Changed, Incident

_PLAIN = (
    "title",
    "severity",
    "type",
    "status",
    "confidential",
    "tlp",
    "user_facing",
    "service",
    "environment",
    "affected",
    "impact",
    "public",
    "war_room",
    "declared_by",
    "summary",
    "imported",
    "catalog",
)


def incident_object(incident: Incident) -> dict[str, Any]:
    """All of an incident, under `incident` its id."""
    return {
        "incident": incident.id,
        **{name: getattr(incident, name) for name in _PLAIN},
        "roles": {
            role: {"person": one.person, "since": instant(one.since)} for role, one in sorted(incident.roles.items())
        },
        "times": {
            name: {"at": instant(one.at), "source": one.source, "recorded": instant(one.recorded)}
            for name, one in sorted(incident.times.items(), key=lambda entry: entry[1].at)
        },
        "severities": [_changed(one) for one in incident.severities],
        "types": [_changed(one) for one in incident.types],
        "runs": [{"run": one.run, "runbook": one.runbook, "joined": instant(one.at)} for one in incident.runs],
        "links": [
            {"what": one.what, "id": one.id, "relation": one.relation, "note": one.note, "by": one.by}
            for one in incident.links
        ],
        "notes": [{"at": instant(one.at), "by": one.by, "text": one.text} for one in incident.notes],
        "reopened": [instant(at) for at in incident.reopened],
        "records": incident.size,
    }


def hidden_object(incident: Incident) -> dict[str, Any]:
    """What of a confidential incident is told to those who are not named in it."""
    return {
        "incident": incident.id,
        "severity": incident.severity,
        "status": incident.status,
        "confidential": True,
        "times": {"declared": {"at": instant(incident.at("declared"))}},
    }


def incidents_object(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The list, newest first: each with what a list needs."""
    brief = (*_PLAIN[:8], "times", "roles")
    return {"incidents": [{"incident": row["incident"], **{k: row[k] for k in brief if k in row}} for row in rows]}


def _changed(one: Changed) -> dict[str, Any]:
    return {"at": instant(one.at), "from": one.from_, "to": one.to, "reason": one.reason, "by": one.by}
