"""What must have happened before what, and what happened at the same time.

Some orders cannot be otherwise (nothing is resolved before it began), so a time against them is refused; others are
only unlikely, and are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from runbook.errors import UsageError
from runbook.incident import moments
from runbook.incident.history import Incident
from runbook.incident.words import Status

_NEVER_AFTER: Final = (  # the first of each is never after the second
    ("impact_started", "mitigated"),
    ("impact_started", "resolved"),
    ("detected", "resolved"),
    ("alerted", "acknowledged"),
    ("alerted", "resolved"),
    ("declared", "resolved"),
    ("acknowledged", "resolved"),
    ("mobilised", "resolved"),
    ("mitigated", "resolved"),
)
_SELDOM_AFTER: Final = (
    ("impact_started", "detected"),
    ("impact_started", "alerted"),
    ("impact_started", "declared"),
    ("detected", "acknowledged"),
    ("acknowledged", "mitigated"),
    ("mobilised", "mitigated"),
    ("declared", "mitigated"),
)

_RECORDED: Final = "nothing was written; look at both times with `runbook incident time INC`, and correct the wrong one"
GIVEN: Final = "correct one of the two"  # of times that no record has yet


def fitting(times: Mapping[str, float], time: str, at: float, hint: str = _RECORDED) -> None:
    """Raises UsageError where `time` cannot have been `at`, seconds since 1970, beside the other `times`."""
    for first, second in _NEVER_AFTER:
        if time == first and second in times and at > times[second]:
            raise _against(first, at, "after", second, times[second], hint)
        if time == second and first in times and at < times[first]:
            raise _against(second, at, "before", first, times[first], hint)


def unlikely(times: Mapping[str, float]) -> Iterator[str]:
    """Sentences about times that are in an odd order."""
    for first, second in _SELDOM_AFTER:
        if first in times and second in times and times[first] > times[second]:
            yield (
                f"{spoken(second)} ({moments.second(times[second])}) is before "
                f"{spoken(first)} ({moments.second(times[first])}); "
                "is that so?"
            )


def overlapping(incident: Incident, others: Iterable[Incident]) -> list[Incident]:
    """Other incidents of the same service whose impact was there at the same time, the earliest first."""
    if incident.service is None:
        return []
    begin, end = _span(incident)
    found = [
        one
        for one in others
        if one.id != incident.id
        and one.service is not None
        and one.service.casefold() == incident.service.casefold()
        and (one.environment == incident.environment or None in (one.environment, incident.environment))
        and _span(one)[0] < end
        and begin < _span(one)[1]
    ]
    return sorted(found, key=lambda one: one.started)


def _span(incident: Incident) -> tuple[float, float]:
    end = incident.at("resolved") if incident.status is Status.RESOLVED else None
    return incident.started, float("inf") if end is None else end


def spoken(time: str) -> str:
    """`impact started`, of `impact_started`."""
    return time.replace("_", " ")


def _against(time: str, at: float, how: str, other: str, there: float, hint: str) -> UsageError:
    said = f"{spoken(time)} at {moments.second(at)} would be {how} {spoken(other)} at {moments.second(there)}"
    return UsageError(said, hint=hint)
