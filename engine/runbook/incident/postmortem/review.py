"""The meeting in which a postmortem is reviewed: when it is due, and whether it was held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from runbook.core.records import Written
from runbook.document.catalog import Catalog
from runbook.document.durations import spoken
from runbook.errors import UsageError
from runbook.incident.desk import Desk, by_me, find, speaking
from runbook.incident.history import Incident
from runbook.incident.records import REVIEW_HELD
from runbook.journal.record import seconds, stamp


class Review(NamedTuple):
    """When the meeting is due and why then (seconds since 1970, UTC); `held` is when it was."""

    due: float
    why: str
    held: float | None = None


def review(incident: Incident, records: Iterable[Written], catalog: Catalog) -> Review | None:
    """The review of an incident that is resolved; None where its severity asks for none, or while it lasts.

    The highest severity that it ever had decides: an outage that became a nuisance is reviewed as an outage.
    """
    resolved = incident.at("resolved")
    names = [incident.severity, *(one.from_ for one in incident.severities if one.from_)]
    level = catalog.level(min(names, key=catalog.rank))
    if resolved is None or level is None or level.response.review is None:
        return None
    held = [record for record in records if record.type == REVIEW_HELD]
    at = held[-1].data.get("at") if held else None
    why = f"{level.name} is reviewed within {spoken(level.response.review)} of its end"
    return Review(resolved + level.response.review, why, seconds(str(at)) if at else None)


def hold(place: Desk, name: str, at: float) -> str:
    """Write down that the meeting was held; UsageError for one before the incident was over."""
    id_ = find(place.journal, name)
    with speaking(place, id_) as (writer, incident):
        resolved = incident.at("resolved")
        if resolved is None or at < resolved:
            raise UsageError(f"{id_} was not resolved then", hint=f"`runbook incident show {id_}` tells when it was")
        writer.append(by_me(place, REVIEW_HELD, {"at": stamp(at)}))
    return id_
