"""A glass that was broken in a run of an incident opens the obligation to review it."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident import records as r
from runbook.incident.moments import Given
from runbook.incident.obligations import cases, desk
from runbook.incident.obligations.standing import State
from runbook.journal import Actor, Draft
from support.incidents import Room, room, said
from support.obligations import acme, at, begun, found
from support.policies import people

RULES = acme()
RUN = "01jd0000000000000000000001"
ADDRESS = f"break_glass_review.review:{RUN}"


def broke(place: Room, *records: tuple[str, dict[str, Any]]) -> str:
    """An incident with a run in which this was recorded, on a Monday."""
    place.clock.now = at("2026-11-23T10:00:00Z")
    id_ = begun(place)
    actor = Actor(kind="person", id="ana")
    place.journal.open_stream(f"run/{RUN}", Draft("run.started", None, {"initiator": "ana"}, actor), epoch=0)
    for type_, data in records:
        lease = place.journal.lease(f"run/{RUN}", {})
        with place.journal.writing(f"run/{RUN}", lease) as writer:
            writer.tail(-1)
            writer.append(Draft(type_, None, data, actor))
        lease.release()
    said(place, id_, r.JOINED, run=RUN, runbook="rollback")
    return id_


GRANTED = {"verdict": "granted", "by": ["ana"], "reason": "the approver sleeps", "break_glass": True}


def test_a_broken_glass_is_due_for_review_in_three_business_days() -> None:
    """Nobody has to judge what the record shows."""
    place = room()
    id_ = broke(place, ("decision.given", GRANTED))
    one = found(place, RULES, id_)[ADDRESS]
    assert (one.state, one.notes) == (State.RUNNING, (f"ana broke the glass in run {RUN}: the approver sleeps",))
    assert one.deadline is not None and one.deadline.adjusted == at("2026-11-26T23:59:59Z")


def test_a_grant_without_breaking_the_glass_opens_nothing() -> None:
    """Approvals are no oddities, and neither is an override that was not granted."""
    place = room()
    denied = {**GRANTED, "verdict": "denied"}
    id_ = broke(place, ("decision.given", {**GRANTED, "break_glass": False}), ("decision.given", denied))
    assert ADDRESS not in found(place, RULES, id_)


def test_two_in_one_run_are_one_review() -> None:
    """One look at the run tells of both."""
    place = room()
    id_ = broke(place, ("decision.given", GRANTED), ("decision.given", GRANTED))
    assert found(place, RULES, id_)[ADDRESS].notes[0].endswith("(and 1 more in this run)")


def test_the_review_is_filed_under_the_run_that_it_is_about() -> None:
    """With what was found; the first letters of the run suffice, and none where there is one."""
    place = room()
    id_ = broke(place, ("decision.given", GRANTED))
    for item in ("needed", "outcome", "change"):
        desk.answer(place, id_, RULES, "break_glass_review", item, "yes")
    desk.file(place, id_, RULES, f"break_glass_review:{RUN[:6]}", desk.Filed(Given(), how="in the review meeting"))
    assert found(place, RULES, id_)[ADDRESS].state is State.MET


def test_a_review_of_what_was_not_broken_is_refused() -> None:
    """There is nothing that it could be about."""
    place = room()
    id_ = broke(place)
    with pytest.raises(UsageError, match="no glass was broken in a run of this incident"):
        desk.answer(place, id_, RULES, "break_glass_review", "needed", "yes")


def test_who_broke_the_glass_does_not_review_it() -> None:
    """Where a policy says who is who."""
    place = room()
    id_ = broke(place, ("decision.given", {**GRANTED, "by": ["ann"]}))
    place = place._replace(people=people("u-ann"))
    for item in ("needed", "outcome", "change"):
        desk.answer(place, id_, RULES, "break_glass_review", item, "yes")
    with pytest.raises(Refused, match="ann broke this glass; somebody else reviews it"):
        desk.file(place, id_, RULES, "break_glass_review", desk.Filed(Given(), how="alone"))


def test_the_whole_store_is_told_in_one_pass_as_each_incident_is() -> None:
    """The list over all incidents says what the page of one says."""
    place = room()
    id_ = broke(place, ("decision.given", GRANTED))
    [(incident, case)] = cases.cases_of(place.journal, [])
    assert case == cases.case_of(place.journal, incident)
    assert incident.id == id_
