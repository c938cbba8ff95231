"""Where a report is at a time."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from runbook.incident.desk import told
from runbook.incident.moments import Given
from runbook.incident.obligations import desk
from runbook.incident.obligations.calendars import Calendar
from runbook.incident.obligations.cases import case_of
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.naming import Rules
from runbook.incident.obligations.standing import State, forgotten, obligations
from support.incidents import Room, room
from support.obligations import ACME, acme, at, begun, found, plainly, regimes

RULES = acme()
BERLIN = ZoneInfo("Europe/Berlin")


def since(place: Room, moment: str, rules: Rules, regime: str) -> str:
    """An incident that a regime applies to, whose times count from a moment."""
    place.clock.now = at(moment) - 3600
    id_ = begun(place)
    desk.judge(place, id_, rules, regime, True, "it does")
    desk.anchor(place, id_, rules, "aware", Given(), None)
    return id_


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (0, State.RUNNING),
        (7.99, State.RUNNING),
        (8, State.DUE_SOON),
        (10, State.DUE_SOON),
        (10.01, State.OVERDUE),
    ],
)
def test_a_report_is_due_soon_from_four_fifths_of_its_time_on(hours: float, state: State) -> None:
    """At the deadline itself it is not too late."""
    place = room()
    id_ = since(place, "2026-11-23T10:00:00Z", RULES, "acme")
    place.clock.now += hours * 3600
    assert found(place, RULES, id_)["acme.notice"].state is state


def test_between_both_deadlines_it_is_not_overdue_and_says_which_has_passed() -> None:
    """Over Easter the number alone ends on Sunday, and the law on Tuesday."""
    easter = {date(2026, 4, 3), date(2026, 4, 6)}
    calendar = Calendar("Easter", easter.__contains__)
    rules = Rules(regimes(scope=["gdpr"]), Here(BERLIN, lambda: calendar, lambda: (BERLIN, calendar)))
    place = room()
    id_ = since(place, "2026-04-02T12:00:00Z", rules, "gdpr")
    place.clock.now = at("2026-04-06T12:00:00Z")
    one = found(place, rules, id_)["gdpr.authority"]
    assert one.state is State.DUE_SOON
    assert one.notes == ("the deadline by the number alone has passed; only the adjusted one is left",)
    place.clock.now = at("2026-04-07T22:00:00Z")
    assert found(place, rules, id_)["gdpr.authority"].state is State.OVERDUE


def test_holidays_that_are_not_known_are_told_with_the_report_that_they_concern() -> None:
    """Nobody takes a deadline for adjusted that is not."""
    unknown = Calendar("weekends only", lambda _: False, "the library is missing")
    rules = Rules(regimes(scope=["gdpr"]), Here(BERLIN, lambda: unknown, lambda: (BERLIN, unknown)))
    place = room()
    id_ = since(place, "2026-11-23T12:00:00Z", rules, "gdpr")
    assert found(place, rules, id_)["gdpr.authority"].notes == (
        "not adjusted for public holidays: the library is missing",
    )


def test_what_began_before_the_law_did_is_told() -> None:
    """Whoever judges should see that the text was not in force then."""
    rules = Rules(regimes(), plainly())
    place = room()
    id_ = since(place, "2026-09-10T12:00:00Z", rules, "cra_vulnerability")
    notes = found(place, rules, id_)["cra_vulnerability.early_warning"].notes
    assert notes == ("this version counts from 2026-09-11, and 'aware' is before that",)


def test_the_nearest_comes_first_and_what_is_settled_last() -> None:
    """A page is read from the top."""
    rules = Rules(regimes(scope=["nis2", "gdpr"]), plainly())
    place = room()
    id_ = since(place, "2026-11-23T12:00:00Z", rules, "nis2")
    desk.judge(place, id_, rules, "gdpr", False, "no personal data")
    order = [(address, one.state) for address, one in found(place, rules, id_).items()]
    assert order[0] == ("nis2.early_warning", State.RUNNING)
    assert order[1] == ("nis2.notification", State.RUNNING)
    assert {state for _, state in order[-4:]} == {State.NOT_APPLICABLE}


def test_a_regime_that_was_judged_is_shown_also_outside_of_the_scope() -> None:
    """The scope is what people are asked about, not what they may say."""
    rules = Rules(regimes(scope=["gdpr"]), plainly())
    place = room()
    id_ = since(place, "2026-11-23T12:00:00Z", rules, "pci_dss")
    assert found(place, rules, id_)["pci_dss.acquirer"].state is State.RUNNING


def test_a_regime_that_is_no_longer_known_is_named() -> None:
    """Its deadlines are counted by nobody, and that is told."""
    place = room()
    id_ = since(place, "2026-11-23T12:00:00Z", RULES, "acme")
    other = Rules(regimes(scope=["gdpr"]), plainly())
    case = case_of(place.journal, told(place.journal, id_))
    assert forgotten(case, other.regimes) == ("acme",)
    assert forgotten(case, RULES.regimes) == ()
    assert {one.address.partition(".")[0] for one in obligations(case, other.regimes, other.here, 0.0)} <= {"gdpr"}


def test_the_last_update_is_what_counts_for_what_counts_from_it() -> None:
    """DORA: the final report counts from the last intermediate one, which need not say why it comes late."""
    text = ACME.replace("    phases: true\n", "    updates: true\n")
    rules = acme(text)
    place = room()
    id_ = since(place, "2026-11-23T10:00:00Z", rules, "acme")
    desk.answer(place, id_, rules, "acme.notice", "what", "x")
    desk.file(place, id_, rules, "acme.notice", desk.Filed(Given(), "1"))
    place.clock.now += 86400
    desk.file(place, id_, rules, "acme.notice", desk.Filed(Given(), "2"))
    due = found(place, rules, id_)["acme.account"].deadline
    assert due is not None and due.since == place.clock.now
