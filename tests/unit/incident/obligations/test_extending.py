"""More time that an authority gives: what it moves, what it leaves where it is, and what is refused."""

from __future__ import annotations

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident import desk as incidents
from runbook.incident import records as r
from runbook.incident.moments import Given
from runbook.incident.obligations import desk
from runbook.incident.obligations.alarms import alarms
from runbook.incident.obligations.extending import Granted, extend, withdraw
from runbook.incident.obligations.standing import Obligation, State
from support.incidents import CATALOG, Room, room
from support.obligations import acme, begun, found

RULES = acme()
HOUR = 3600.0
LETTER = Given(None, "their letter")


def running(place: Room) -> str:
    """An incident whose notice is due in ten hours."""
    id_ = begun(place)
    desk.judge(place, id_, RULES, "acme", True, "their data were on it")
    desk.anchor(place, id_, RULES, "aware", Given(), None)
    return id_


def granted(place: Room, hours: float, reason: str | None = None) -> Granted:
    return Granted(place.clock.now + hours * HOUR, "Acme's auditor", LETTER, "26-4711", reason)


def notice(place: Room, id_: str) -> Obligation:
    return found(place, RULES, id_)["acme.notice"]


def reminded(place: Room, id_: str) -> list[str]:
    told = list(incidents.records(place.journal, id_))
    return [one.text for one in alarms(RULES, incidents.told(place.journal, id_), told, CATALOG, place.clock.now)]


def extended(place: Room, id_: str) -> list[dict[str, object]]:
    told = incidents.records(place.journal, id_)
    return [dict(record.data) for record in told if record.type == r.EXTENDED]


def test_an_extension_stands_beside_the_deadline_with_who_gave_it() -> None:
    """The rule's own deadline is what the authority will compare it with."""
    place = room()
    id_ = running(place)
    raw = place.clock.now + 10 * HOUR
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    one = notice(place, id_)
    assert one.deadline is not None
    assert (one.deadline.raw, one.deadline.extended) == (raw, place.clock.now + 30 * HOUR)
    [given] = one.extensions
    assert (given.authority, given.reference, given.source, given.by) == (
        "Acme's auditor",
        "26-4711",
        "their letter",
        "ana",
    )


@pytest.mark.parametrize(("hours", "state"), [(12, State.RUNNING), (24, State.DUE_SOON), (30.01, State.OVERDUE)])
def test_what_was_extended_is_overdue_once_the_extension_is_over(hours: float, state: State) -> None:
    """Not when the number alone says so."""
    place = room()
    id_ = running(place)
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    place.clock.now += hours * HOUR
    assert (notice(place, id_).state, notice(place, id_).notes) == (state, ())


def test_what_is_filed_within_the_extension_is_not_late() -> None:
    """Nobody has to give reasons for a delay that was granted."""
    place = room()
    id_ = running(place)
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    place.clock.now += 20 * HOUR
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(Given(), "17"))
    assert (notice(place, id_).state, notice(place, id_).late) == (State.MET, False)


def test_reminders_go_by_the_extension_and_name_who_gave_it() -> None:
    """Those of the deadline that it follows come no more; it has its own."""
    place = room()
    id_ = running(place)
    place.clock.now += 6 * HOUR
    assert len(reminded(place, id_)) == 1
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    assert reminded(place, id_) == []
    place.clock.now += 23 * HOUR
    [text] = reminded(place, id_)
    assert text.endswith(", extended by Acme's auditor; 80 % of its time are over")


def test_what_names_no_number_can_be_given_one_by_an_authority() -> None:
    """Without undue delay ends when they say."""
    place = room()
    id_ = begun(place)
    desk.judge(place, id_, RULES, "acme.interview", True, "Acme asked")
    desk.anchor(place, id_, RULES, "asked", Given(), None)
    extend(place, id_, RULES, "acme.interview", granted(place, 48))
    place.clock.now += 30 * HOUR
    assert found(place, RULES, id_)["acme.interview"].state is State.RUNNING
    place.clock.now += 19 * HOUR
    assert found(place, RULES, id_)["acme.interview"].state is State.OVERDUE
    assert reminded(place, id_)[0].endswith("extended by Acme's auditor; that is over")


def test_a_second_extension_may_go_further_and_an_earlier_one_says_why() -> None:
    """Thirty days, and thirty more; a slip of the pen is corrected, and stays in the record."""
    place = room()
    id_ = running(place)
    extend(place, id_, RULES, "acme.notice", granted(place, 20))
    extend(place, id_, RULES, "acme.notice", granted(place, 20))
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    with pytest.raises(UsageError, match=r"is extended to .* already, by Acme's auditor"):
        extend(place, id_, RULES, "acme.notice", granted(place, 25))
    extend(place, id_, RULES, "acme.notice", granted(place, 25, "read again"))
    told = extended(place, id_)
    assert [one["replaces"] for one in told] == [None, told[0]["until"], told[1]["until"]]
    assert len(notice(place, id_).extensions) == 3


def test_an_extension_that_is_withdrawn_leaves_the_rule_s_deadline() -> None:
    """It was for another report: that is overdue at once, and both records stay."""
    place = room()
    id_ = running(place)
    with pytest.raises(Refused, match="was not extended"):
        withdraw(place, id_, RULES, "acme.notice", "x")
    extend(place, id_, RULES, "acme.notice", granted(place, 30))
    place.clock.now += 11 * HOUR
    with pytest.raises(UsageError, match="the reason is empty"):
        withdraw(place, id_, RULES, "acme.notice", " ")
    withdraw(place, id_, RULES, "acme.notice", "it was for another report")
    one = notice(place, id_)
    assert one.state is State.OVERDUE and one.deadline is not None and one.deadline.extended is None
    assert [one["until"] is None for one in extended(place, id_)] == [False, True]


def test_a_deadline_that_is_moved_beyond_its_extension_holds_and_says_so() -> None:
    """An extension only ever gives time."""
    place = room()
    id_ = running(place)
    extend(place, id_, RULES, "acme.notice", granted(place, 11))
    place.clock.now += 5 * HOUR
    desk.anchor(place, id_, RULES, "aware", Given(), "it was a suspicion only")
    one = notice(place, id_)
    assert one.deadline is not None and one.deadline.alarm == one.deadline.raw
    assert one.notes[0].endswith("is due later than that; that changes nothing")


def test_what_gives_no_time_or_cannot_be_found_again_is_refused() -> None:
    """A time that is over, one that the rule gives anyway, nobody who gave it, no trace of it: nothing is written."""
    place = room()
    id_ = running(place)
    for hours, why in ((-1, "is over, and no report"), (9, "is no later than acme.notice is due anyway")):
        with pytest.raises(UsageError, match=why):
            extend(place, id_, RULES, "acme.notice", granted(place, hours))
    with pytest.raises(UsageError, match="the authority is empty"):
        extend(place, id_, RULES, "acme.notice", granted(place, 30)._replace(authority=" "))
    with pytest.raises(UsageError, match="the extension cannot be found again"):
        extend(place, id_, RULES, "acme.notice", Granted(place.clock.now + 30 * HOUR, "Acme", Given()))
    with pytest.raises(UsageError, match=r"no report is called 'acme\.notise'"):
        extend(place, id_, RULES, "acme.notise", granted(place, 30))
    assert extended(place, id_) == []


def test_only_a_report_that_somebody_still_has_to_file_is_extended() -> None:
    """Not one that nobody judged, whose time has not begun, that is waived, or filed."""
    place = room()
    id_ = begun(place)
    with pytest.raises(Refused, match=r"nobody has judged whether acme\.notice applies"):
        extend(place, id_, RULES, "acme.notice", granted(place, 30))
    desk.judge(place, id_, RULES, "acme", True, "their data were on it")
    with pytest.raises(Refused, match=r"the time of acme\.notice has not begun; it waits for aware"):
        extend(place, id_, RULES, "acme.notice", granted(place, 30))
    desk.anchor(place, id_, RULES, "aware", Given(), None)
    desk.waive(place, id_, RULES, "acme.notice", "Acme knows")
    with pytest.raises(Refused, match=r"acme\.notice was waived by ana"):
        extend(place, id_, RULES, "acme.notice", granted(place, 30))
    desk.judge(place, id_, RULES, "acme.notice", True, "in writing, they say")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(Given(), "17", partial="the disk is looked for"))
    with pytest.raises(Refused, match=r"acme\.notice was filed at .*, by ana: there is nothing to extend"):
        extend(place, id_, RULES, "acme.notice", granted(place, 30))
    assert extended(place, id_) == []
