"""What must have happened before what, and what at the same time."""

from __future__ import annotations

import pytest

from runbook.errors import UsageError
from runbook.incident import records as r
from runbook.incident.desk import told
from runbook.incident.order import fitting, overlapping, unlikely
from support.incidents import at, declared, room, said


@pytest.mark.parametrize(
    ("times", "time", "moment", "words"),
    [
        ({"declared": 100.0}, "resolved", 99.0, "resolved at .* would be before declared"),
        ({"resolved": 100.0}, "mitigated", 101.0, "mitigated at .* would be after resolved"),
        ({"mitigated": 100.0}, "resolved", 99.0, "resolved at .* would be before mitigated"),
        ({"resolved": 100.0}, "impact_started", 101.0, "impact started at .* would be after resolved"),
        ({"alerted": 100.0}, "acknowledged", 99.0, "acknowledged at .* would be before alerted"),
    ],
)
def test_an_order_that_cannot_be_is_refused(times: dict[str, float], time: str, moment: float, words: str) -> None:
    """The sentence has both times, so that the wrong one can be found."""
    with pytest.raises(UsageError, match=words):
        fitting(times, time, moment)


def test_the_same_moment_is_in_order() -> None:
    """Mitigated and resolved at once is what happens when a rollback helps."""
    fitting({"mitigated": 100.0, "declared": 100.0}, "resolved", 100.0)


def test_who_overlaps_does_not_hang_on_who_is_asked() -> None:
    """Where one does not say in which environment it is, it may be in the other's."""
    place = room()
    ids = [declared(place, service="api", environment=one) for one in ("production", None, "staging")]
    production, unsaid, staging = (told(place.journal, one) for one in ids)
    every = (production, unsaid, staging)
    assert [one.id for one in overlapping(unsaid, every)] == [production.id, staging.id]
    assert [one.id for one in overlapping(production, every)] == [unsaid.id]
    assert [one.id for one in overlapping(staging, every)] == [unsaid.id]


def test_an_odd_order_is_told_and_not_refused() -> None:
    """What was repaired before anybody declared it is possible."""
    assert list(unlikely({"declared": 100.0, "mitigated": 40.0})) == [
        "mitigated (1970-01-01 00:00:40Z) is before declared (1970-01-01 00:01:40Z); is that so?"
    ]
    assert list(unlikely({"declared": 40.0, "mitigated": 100.0})) == []


def test_incidents_of_one_service_at_one_time_overlap() -> None:
    """From the first sign until resolved; what is open has no end yet."""
    place = room()
    first = declared(place, service="api")
    other = declared(place, service="API")
    elsewhere = declared(place, service="mail")
    said(place, first, r.RESOLVED, summary=None)
    later = declared(place, service="api")
    early = declared(place, service="api")
    said(place, early, r.TIMED, time="impact_started", at=at(place, -100), source="graph")
    by_id = {one: told(place.journal, one) for one in (first, other, elsewhere, later, early)}
    assert [one.id for one in overlapping(by_id[first], by_id.values())] == [early, other]
    assert [one.id for one in overlapping(by_id[later], by_id.values())] == [early, other]
    assert overlapping(by_id[elsewhere], by_id.values()) == []
