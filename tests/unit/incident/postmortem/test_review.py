"""When a postmortem is reviewed."""

from __future__ import annotations

import pytest

from runbook.document.catalog import Catalog, Level, Response
from runbook.document.durations import Duration
from runbook.errors import UsageError
from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.postmortem.review import Review, hold, review
from support.incidents import Room, declared, room, said

DAY = 86400.0
CATALOG = Catalog(
    severities=(
        Level(name="SEV1", title="x", response=Response(review=Duration.parse("3d"))),
        Level(name="SEV2", title="x", response=Response(review=Duration.parse("7d"))),
        Level(name="SEV4", title="x"),
    )
)


def told(place: Room, id_: str) -> Review | None:
    return review(desk.told(place.journal, id_), list(desk.records(place.journal, id_)), CATALOG)


def resolved(place: Room, **data: object) -> str:
    id_ = declared(place, **data)
    said(place, id_, r.RESOLVED, at=None, source=None, summary="over")
    return id_


def test_it_is_due_some_days_after_the_end() -> None:
    """As the catalog says for the severity."""
    place = room()
    due = told(place, resolved(place))
    assert due is not None
    assert (due.due, due.why) == (place.clock.now + 3 * DAY, "SEV1 is reviewed within 3d of its end")


def test_the_highest_severity_ever_decides() -> None:
    """An outage that became a nuisance is reviewed as an outage."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.SEVERITY_CHANGED, to="SEV4", reason="fixed mostly", **{"from": "SEV1"})
    said(place, id_, r.RESOLVED, at=None, source=None, summary="over")
    due = told(place, id_)
    assert due is not None and due.why.startswith("SEV1")


def test_none_is_due_while_it_lasts_or_where_the_severity_asks_for_none() -> None:
    """Nor for a severity that the catalog does not know."""
    place = room()
    assert told(place, declared(place)) is None
    assert told(place, resolved(place, severity="SEV4")) is None
    assert told(place, resolved(place, severity="P7")) is None


def test_what_was_held_is_known_to_be() -> None:
    """With the time that was said."""
    place = room()
    id_ = resolved(place)
    at = place.clock.now + DAY
    hold(place, id_, at)
    due = told(place, id_)
    assert due is not None and due.held == at


def test_a_meeting_before_the_end_was_not_held() -> None:
    """Nothing is written."""
    place = room()
    id_ = resolved(place)
    with pytest.raises(UsageError, match="was not resolved then"):
        hold(place, id_, place.clock.now - DAY)
    assert desk.told(place.journal, id_).size == 2
