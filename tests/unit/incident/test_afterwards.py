"""What somebody is reminded of when an incident is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from runbook.document.catalog import Catalog, Level, Response
from runbook.document.durations import Duration
from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.afterwards import of_actions, of_leftovers, of_review
from runbook.incident.history import Incident
from runbook.incident.postmortem.review import hold
from runbook.incident.reminders import Reminder
from runbook.journal import Record
from support.histories import RUN, Tape
from support.histories import resolved as run_that_helped
from support.incidents import Room, declared, room, said

DAY = 86400.0
CATALOG = Catalog(severities=(Level(name="SEV1", title="x", response=Response(review=Duration.parse("3d"))),))
Source = Callable[[Incident, Sequence[Record], Catalog, float], Iterable[Reminder]]


def due(source: Source, place: Room, id_: str, now: float, more: Sequence[Record] = ()) -> list[tuple[str, str]]:
    records = [*desk.records(place.journal, id_), *more]
    return [(one.key.split("/")[-1], one.to) for one in source(desk.told(place.journal, id_), records, CATALOG, now)]


def test_the_review_is_reminded_of_a_day_before_and_when_it_is_due() -> None:
    """Until it was held."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.RESOLVED, at=None, source=None, summary="over")
    end = place.clock.now
    assert due(of_review, place, id_, end + 1.9 * DAY) == []
    assert due(of_review, place, id_, end + 2 * DAY) == [("soon", "commander")]
    assert due(of_review, place, id_, end + 3 * DAY) == [("due", "commander")]
    place.clock.now = end + 2.5 * DAY
    hold(place, id_, end + 2.5 * DAY)
    assert due(of_review, place, id_, end + 4 * DAY) == []


def test_an_action_item_is_reminded_of_the_day_after_its_own() -> None:
    """Its owner, else the commander; not when it is done, nor when it has no day."""
    place = room()
    id_ = declared(place)
    for number, owner, day in (
        (1, "dba", "2026-10-01"),
        (2, None, "2026-10-01"),
        (3, "ben", None),
        (4, "ben", "2026-10-01"),
    ):
        said(place, id_, r.ACTION_ADDED, action=f"{id_}-A{number}", title="x", aim="prevent", owner=owner, due=day)
    said(place, id_, r.ACTION_CHANGED, action=f"{id_}-A4", state="done", reason="merged")
    evening = 1_790_899_199.0  # 2026-10-01T23:59:59Z
    assert due(of_actions, place, id_, evening) == []
    assert due(of_actions, place, id_, evening + 1) == [("2026-10-01", "person:dba"), ("2026-10-01", "commander")]


def test_another_day_is_another_reminder() -> None:
    """Whoever moved it is reminded again."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.ACTION_ADDED, action=f"{id_}-A1", title="x", aim="prevent", owner="dba", due="2026-10-01")
    said(place, id_, r.ACTION_CHANGED, action=f"{id_}-A1", fields={"due": "2026-10-02"}, reason="late")
    assert due(of_actions, place, id_, 1_791_000_000.0) == [("2026-10-02", "person:dba")]


def temporary() -> Tape:
    tape = run_that_helped()
    change = {"key": "resolution/rollback/roll_back:apply#1", "path": "resolution/rollback/roll_back", "summary": "x"}
    words = {"option": "rollback", "since": tape.now, "due": tape.now + 3600, "changes": [change]}
    return tape.add("note.added", about="follow_up", undo=f"runbook undo {RUN}", **words)


def test_what_is_temporary_is_reminded_of_when_its_time_is_over() -> None:
    """Whoever leads operations; not before."""
    place = room()
    tape = temporary()
    id_ = declared(place, run=RUN, runbook="high-api-error-rate")
    late = tape.history.follow_ups["rollback"].due
    assert due(of_leftovers, place, id_, late - 1, tape.records) == []
    assert due(of_leftovers, place, id_, late, tape.records) == [("roll_back:apply#1", "operations")]
