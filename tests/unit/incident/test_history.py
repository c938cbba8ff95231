"""The fold of an incident's stream."""

from __future__ import annotations

import pytest

from runbook.errors import Bug
from runbook.incident import records as r
from runbook.incident.desk import told
from runbook.incident.history import history
from runbook.incident.words import Status
from support.incidents import at, declared, room, said


def test_a_declared_incident_is_open_and_says_since_when() -> None:
    """Declaring gives the first time, by the record's own clock."""
    place = room()
    incident = told(place.journal, declared(place, affected="all users"))
    assert (incident.title, incident.severity, incident.status) == ("Checkout is down", "SEV1", Status.OPEN)
    assert incident.times["declared"].at == incident.times["declared"].recorded == place.clock.now
    assert (incident.declared_by, incident.affected, incident.size) == ("ana", "all users", 1)


def test_a_time_that_was_given_keeps_who_says_so_and_when_it_was_said() -> None:
    """A backdated time is told apart from the time of its record."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.TIMED, time="impact_started", at=at(place, -600), source="dashboards", reason=None)
    moment = told(place.journal, id_).times["impact_started"]
    assert (moment.recorded - moment.at, moment.source) == (660, "dashboards")


def test_an_incident_that_is_reopened_has_no_end() -> None:
    """What was said of its end does not hold any more; that it was reopened does."""
    place = room()
    id_ = declared(place)
    for type_ in (r.MITIGATED, r.RESOLVED):
        said(place, id_, type_, summary="rolled back")
    assert told(place.journal, id_).status is Status.RESOLVED
    said(place, id_, r.REOPENED, reason="errors again")
    incident = told(place.journal, id_)
    assert (incident.status, incident.times.keys()) == (Status.OPEN, {"declared"})
    assert incident.reopened == (place.clock.now,)


def test_a_role_has_the_last_who_was_given_it_until_relieved() -> None:
    """Hand-over replaces; relief leaves nobody."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.ASSIGNED, role="commander", person="ana", **{"from": None})
    said(place, id_, r.ASSIGNED, role="commander", person="ben", **{"from": "ana"})
    assert told(place.journal, id_).who("commander") == "ben"
    said(place, id_, r.RELIEVED, role="commander", person="ben")
    assert told(place.journal, id_).who("commander") is None


def test_changes_of_severity_are_kept_with_their_reasons() -> None:
    """The severity is the last; the way there stays."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.SEVERITY_CHANGED, to="SEV2", reason="half of the users", by="ben", **{"from": "SEV1"})
    incident = told(place.journal, id_)
    assert incident.severity == "SEV2"
    assert [(one.from_, one.to, one.reason, one.by) for one in incident.severities] == [
        ("SEV1", "SEV2", "half of the users", "ben")
    ]


def test_a_run_joins_once_however_often_it_is_said() -> None:
    """A run that continued, or was linked by hand as well, is one run."""
    place = room()
    id_ = declared(place)
    for _ in range(2):
        said(place, id_, r.JOINED, run="01k", runbook="api")
    assert [(joined.run, joined.runbook) for joined in told(place.journal, id_).runs] == [("01k", "api")]


def test_records_of_other_parts_are_counted_and_passed_over() -> None:
    """A part folds its own records only; a later version's do no harm."""
    place = room()
    id_ = declared(place)
    before = told(place.journal, id_)
    said(place, id_, r.MESSAGE_SENT, message="m", status="sent")
    said(place, id_, "incident.never_heard_of", anything=[1])
    after = told(place.journal, id_)
    assert (after.size, after.status, after.times) == (3, before.status, before.times)


def test_a_stream_that_declares_nothing_is_no_incident() -> None:
    """Such a stream is ours to have prevented."""
    with pytest.raises(Bug, match="no records"):
        history("INC-1", [])
