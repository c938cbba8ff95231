"""What statistics need of one incident: when what happened, how severe, of which service and type.

The severity is the highest that the incident ever had: it is often lowered when the worst is over, and sometimes begun
too low; neither says how bad it was. `declared_severity` is the first one, for who wants to know how well people judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runbook.incident.history import Incident
from runbook.incident.words import TIMES, Status


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One incident in times (seconds since 1970, UTC; None where not known) and words."""

    id: str
    severity: str
    declared_severity: str
    service: str | None = None
    type: str | None = None
    status: Status = Status.OPEN
    imported: bool = False
    impact_started: float | None = None
    detected: float | None = None
    alerted: float | None = None
    declared: float
    acknowledged: float | None = None
    mobilised: float | None = None
    mitigated: float | None = None
    resolved: float | None = None

    @property
    def began(self) -> float:
        """When the impact began; where that is not known, when it was first noticed in some way."""
        if self.impact_started is not None:
            return self.impact_started
        began: float = getattr(self, self.noticed)
        return began

    @property
    def noticed(self) -> str:
        """The time that `began` is."""
        if self.impact_started is not None:
            return "impact_started"
        known = {name: at for name in _NOTICES if (at := getattr(self, name)) is not None}
        return min(known, key=lambda name: known[name])

    def is_open(self, time: str) -> bool:
        """Whether a time is not there yet because the incident goes on, and not because nobody wrote it down."""
        if time == "resolved":
            return self.status is not Status.RESOLVED
        return time == "mitigated" and self.status is Status.OPEN


def facts_of(incident: Incident, severities: Sequence[str]) -> Facts:
    """The facts of an incident; `severities` are the Catalog's, the worst first."""
    had = [incident.severity, *(name for change in incident.severities for name in (change.from_, change.to) if name)]
    return Facts(
        id=incident.id,
        severity=worst(had, severities),
        declared_severity=next((change.from_ for change in incident.severities if change.from_), incident.severity),
        service=incident.service,
        type=incident.type,
        status=incident.status,
        imported=incident.imported is not None,
        **_times(incident),
    )


def worst(names: Sequence[str], severities: Sequence[str]) -> str:
    """The highest of these severities; one that the Catalog does not have (any more) counts as lower than all."""
    order = {name: rank for rank, name in enumerate(severities)}
    return min(names, key=lambda name: order.get(name, len(order)))


def _times(incident: Incident) -> Mapping[str, float]:
    return {name: moment.at for name, moment in incident.times.items() if name in _KNOWN}


_KNOWN = frozenset(TIMES)
_NOTICES = ("detected", "alerted", "declared")
