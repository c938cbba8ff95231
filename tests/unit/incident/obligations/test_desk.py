"""What people say of obligations, and what is refused."""

from __future__ import annotations

import pytest

from runbook.errors import Refused, UsageError
from runbook.incident import records as r
from runbook.incident.desk import records, stream_of
from runbook.incident.moments import Given
from runbook.incident.obligations import desk
from runbook.incident.obligations.standing import State
from support.incidents import Room, room
from support.obligations import ACME, acme, begun, found
from support.policies import people

RULES = acme()
NOW = Given()


def judged(place: Room, what: str = "acme", applies: bool = True) -> str:
    id_ = begun(place)
    desk.judge(place, id_, RULES, what, applies, "their data were on it")
    return id_


def running(place: Room) -> str:
    id_ = judged(place)
    desk.anchor(place, id_, RULES, "aware", NOW, None)
    return id_


def test_nobody_but_a_person_decides_whether_a_regime_applies() -> None:
    """However severe the incident, nothing runs before somebody has said so."""
    place = room()
    id_ = begun(place, severity="SEV1", type="Security")
    desk.anchor(place, id_, RULES, "aware", NOW, None)
    assert {one.state for one in found(place, RULES, id_).values()} == {State.UNDECIDED}
    desk.judge(place, id_, RULES, "acme", True, "their data were on it")
    states = {address: one.state for address, one in found(place, RULES, id_).items()}
    assert states == {
        "acme.notice": State.RUNNING,
        "acme.account": State.NOT_STARTED,
        "acme.interview": State.UNDECIDED,
    }


def test_a_report_with_a_condition_is_judged_by_itself() -> None:
    """That data were hit does not say that Acme asked for an interview."""
    place = room()
    id_ = judged(place, "acme.interview")
    states = {address: one.state for address, one in found(place, RULES, id_).items()}
    assert states["acme.interview"] is State.NOT_STARTED
    assert states["acme.notice"] is State.UNDECIDED


def test_a_no_to_the_regime_that_comes_later_holds_for_all_of_it() -> None:
    """The last word counts, and a yes after it opens one report again."""
    place = room()
    id_ = judged(place, "acme.interview")
    desk.judge(place, id_, RULES, "acme", False, "it was another customer")
    assert {one.state for one in found(place, RULES, id_).values()} == {State.NOT_APPLICABLE}
    desk.judge(place, id_, RULES, "acme.notice", True, "it was theirs too")
    assert found(place, RULES, id_)["acme.notice"].state is State.NOT_STARTED


def test_a_judgement_keeps_which_text_was_judged() -> None:
    """When the text changes afterwards, whoever judged is asked to look again."""
    place = room()
    id_ = running(place)
    assert found(place, RULES, id_)["acme.notice"].notes == ()
    other = acme(ACME.replace("hours: 10", "hours: 12"))
    assert found(place, other, id_)["acme.notice"].notes == (
        "the text of acme has changed since ana judged it; look again",
    )


def test_a_proposal_cannot_be_judged_to_apply() -> None:
    """Nobody has to report under a text that is not law."""
    place, rules = room(), acme(ACME.replace("status: user_set", "status: proposed"))
    id_ = begun(place)
    with pytest.raises(Refused, match="acme is a proposal, and nothing is due under it"):
        desk.judge(place, id_, rules, "acme", True, "it will be law")
    assert found(place, rules, id_) == {}


def test_an_unknown_regime_report_item_or_anchor_is_refused_with_the_nearest() -> None:
    """A slip at night is mended by what is shown."""
    place = room()
    id_ = begun(place)
    with pytest.raises(UsageError) as error:
        desk.judge(place, id_, RULES, "acne", True, "x")
    assert (error.value.message, error.value.hint) == ("no regime is called 'acne'", "did you mean 'acme'?")
    with pytest.raises(UsageError, match=r"no report is called 'acme\.notise'"):
        desk.answer(place, id_, RULES, "acme.notise", "what", "x")
    with pytest.raises(UsageError, match=r"acme\.notice has no item 'waht'"):
        desk.answer(place, id_, RULES, "notice", "waht", "x")
    with pytest.raises(UsageError, match="'awre' is no anchor"):
        desk.anchor(place, id_, RULES, "awre", NOW, None)
    with pytest.raises(UsageError, match="'filed:notice' is set by filing that report"):
        desk.anchor(place, id_, RULES, "filed:notice", NOW, None)
    assert len(list(records(place.journal, id_))) == 1


def test_an_anchor_that_is_moved_needs_a_reason_and_both_deadlines_stay() -> None:
    """What was believed yesterday is part of the record."""
    place = room()
    id_ = running(place)
    later = Given(place.clock.now - 600, "the log")
    with pytest.raises(UsageError, match=r"'aware' is set already, to .* by ana"):
        desk.anchor(place, id_, RULES, "aware", later, " ")
    desk.anchor(place, id_, RULES, "aware", later, "it was only a suspicion")
    one = found(place, RULES, id_)["acme.notice"]
    assert one.deadline is not None and one.before is not None and one.moved is not None
    assert one.before.raw == (one.deadline.raw or 0) + 600
    assert one.moved.reason == "it was only a suspicion"
    assert [record.data["replaces"] for record in records(place.journal, id_) if record.type == r.ANCHORED][1]


def test_the_same_moment_said_twice_is_written_once() -> None:
    """A command that is repeated changes nothing."""
    place = room()
    id_ = running(place)
    desk.anchor(place, id_, RULES, "aware", NOW, None)
    assert sum(record.type == r.ANCHORED for record in records(place.journal, id_)) == 1


def test_an_anchor_before_the_incident_began_is_refused_with_what_to_correct() -> None:
    """Nobody is aware of what has not happened; one of the two times is wrong."""
    place = room()
    id_ = judged(place)
    with pytest.raises(UsageError, match="before the incident began") as error:
        desk.anchor(place, id_, RULES, "aware", Given(place.clock.now - 7200, "a mail"), None)
    assert "incident time INC-1 impact_started" in str(error.value.hint)


def test_a_deadline_that_is_over_when_its_anchor_is_set_is_overdue_at_once() -> None:
    """A day late is not the time to be told tomorrow."""
    place = room()
    id_ = judged(place)
    place.clock.now += 86400
    desk.anchor(place, id_, RULES, "aware", Given(place.clock.now - 80000, "a mail"), None)
    assert found(place, RULES, id_)["acme.notice"].state is State.OVERDUE


def test_an_anchor_of_one_regime_alone_goes_before_the_common_one() -> None:
    """One may know of an outage long before one knows that it hit personal data."""
    place = room()
    id_ = running(place)
    desk.anchor(place, id_, RULES, "acme.aware", Given(place.clock.now - 60, "Acme"), None)
    one = found(place, RULES, id_)["acme.notice"]
    assert one.deadline is not None and one.deadline.since == place.clock.now - 60


def test_filing_is_refused_until_all_is_said_and_each_missing_item_is_named() -> None:
    """A form that is half empty comes back."""
    place = room()
    id_ = running(place)
    with pytest.raises(Refused) as error:
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    assert "  what: What happened" in error.value.message
    assert "--partial REASON" in str(error.value.hint)
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    one = found(place, RULES, id_)["acme.notice"]
    assert (one.state, one.late, one.filings[0].reference) == (State.MET, False, "17")


def test_what_is_filed_late_must_say_why() -> None:
    """Reasons for the delay are only asked of who is late."""
    place = room()
    id_ = running(place)
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    place.clock.now += 11 * 3600
    with pytest.raises(Refused, match="delay: Why it comes late"):
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    on_time = Given(place.clock.now - 2 * 3600, "the portal")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(on_time, "17"))
    assert not found(place, RULES, id_)["acme.notice"].late


def test_a_filing_in_part_meets_the_deadline_and_says_what_is_to_follow() -> None:
    """GDPR 33(4): in phases, with a reason; the rest is filed under the same name."""
    place = room()
    id_ = running(place)
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17", partial="the disk is being looked for"))
    one = found(place, RULES, id_)["acme.notice"]
    assert (one.state, one.partly, one.filings[0].missing) == (State.MET, True, ("what",))
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    assert not found(place, RULES, id_)["acme.notice"].partly


def test_what_may_not_be_filed_in_part_is_refused() -> None:
    """Only where the rule lets information follow."""
    place, rules = room(), acme(ACME.replace("    phases: true\n", ""))
    id_ = begun(place)
    desk.judge(place, id_, rules, "acme", True, "theirs")
    desk.anchor(place, id_, rules, "aware", NOW, None)
    with pytest.raises(Refused, match=r"acme.notice cannot be filed in part; it does not say yet: what"):
        desk.file(place, id_, rules, "acme.notice", desk.Filed(NOW, "17", partial="later"))


def test_what_was_filed_is_not_filed_again() -> None:
    """A second number for the same report would leave nobody knowing which counts."""
    place = room()
    id_ = running(place)
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    with pytest.raises(Refused, match=r"acme.notice was filed at .* as 17, by ana"):
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "18"))
    with pytest.raises(Refused, match="there is nothing to waive"):
        desk.waive(place, id_, RULES, "acme.notice", "x")


def test_a_report_that_counts_from_a_filing_begins_with_it() -> None:
    """The account is due two weeks after the notice, not after the theft."""
    place = room()
    id_ = running(place)
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    one = found(place, RULES, id_)["acme.account"]
    assert one.deadline is not None and one.deadline.since == place.clock.now


def test_nobody_files_what_nobody_has_judged() -> None:
    """The decision comes first, with a name."""
    place = room()
    id_ = begun(place)
    with pytest.raises(Refused, match=r"nobody has judged whether acme\.notice applies") as error:
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW, "17"))
    assert "judge INC-1 acme --applies" in str(error.value.hint)
    with pytest.raises(UsageError, match="cannot be found again"):
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(NOW))


def test_a_filing_before_its_anchor_is_refused() -> None:
    """One of the two times is wrong, and nobody knows which but who was there."""
    place = room()
    id_ = running(place)
    desk.answer(place, id_, RULES, "acme.notice", "what", "a disk was stolen")
    with pytest.raises(UsageError, match="before 'aware'"):
        desk.file(place, id_, RULES, "acme.notice", desk.Filed(Given(place.clock.now - 600, "a mail"), "17"))


def test_a_waiver_holds_until_it_is_judged_anew() -> None:
    """Who waived, and why, stays in the record."""
    place = room()
    id_ = running(place)
    desk.waive(place, id_, RULES, "acme.notice", "Acme knows already")
    one = found(place, RULES, id_)["acme.notice"]
    assert one.state is State.WAIVED and one.waiver is not None
    assert (one.waiver.by, one.waiver.reason) == ("ana", "Acme knows already")
    desk.judge(place, id_, RULES, "acme.notice", True, "they ask for it in writing")
    assert found(place, RULES, id_)["acme.notice"].state is State.RUNNING


def test_who_may_not_run_may_say_nothing() -> None:
    """The policy's right to run is the right to speak here too."""
    place = room()
    id_ = begun(place)
    stranger = place._replace(people=people("u-stranger"))
    with pytest.raises(Refused, match="may not start, resume or abort runs"):
        desk.judge(stranger, id_, RULES, "acme", True, "x")
    assert place.journal.head(stream_of(id_)).seq == 0  # type: ignore[union-attr]
