from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.core.gates import Vote, decide
from runbook.core.results import Decision
from runbook.core.terms import Terms
from runbook.core.words import Answer

DIGEST, DEADLINE = "d" * 64, 900.0
NAMES = ["ann", "ben", "cleo", "dora"]
ONE = Terms(required=1, timeout=600.0, from_=("ann", "ben"))
TWO = Terms(required=2, timeout=600.0, from_=("ann", "ben", "cleo"))
EACH = Terms(required=1, timeout=600.0, from_=tuple(NAMES), from_each=(("ann", "ben"), ("ann", "cleo")))

votes_of = st.builds(
    Vote,
    verdict=st.sampled_from(["grant", "grant", "grant", "deny", "skip", "nonsense"]),
    by=st.sampled_from(NAMES),
    digest=st.sampled_from([DIGEST, DIGEST, "other"]),
    at=st.floats(0, 1800),
    break_glass=st.sampled_from([False, False, False, True]),
)
many = st.lists(votes_of, max_size=8)
terms_of = st.sampled_from([ONE, TWO, EACH])


def yes(by: str, at: float = 10.0, **more: Any) -> Vote:
    return Vote(verdict="grant", by=by, digest=DIGEST, at=at, **more)


def no(by: str, at: float = 10.0, **more: Any) -> Vote:
    return Vote(verdict="deny", by=by, digest=DIGEST, at=at, reason="not at night", **more)


def decided(terms: Terms, *votes: Vote, now: float = 100.0, banned: frozenset[str] = frozenset()) -> Decision | None:
    def may(vote: Vote) -> str | None:
        return "may not" if vote.by in banned else None

    return decide(terms, votes, DIGEST, DEADLINE, now, may, ["ann"])


def counts(vote: Vote) -> bool:
    return vote.at <= DEADLINE and vote.digest == DIGEST


@pytest.mark.fault(45)
@given(terms_of, many)
def test_one_denial_wins(terms: Terms, votes: list[Vote]) -> None:
    """However many say yes, before it or after."""
    decision = decided(terms, *[vote for vote in votes if vote.verdict != "skip"], no("ben", 500.0))
    assert decision is not None
    assert decision.verdict is Answer.DENIED


@pytest.mark.fault(44, 46)
@given(terms_of, many, st.floats(0, 1800))
def test_late_votes_and_votes_for_another_plan_never_count(terms: Terms, votes: list[Vote], now: float) -> None:
    """Leaving them out changes nothing."""
    assert decided(terms, *votes, now=now) == decided(terms, *filter(counts, votes), now=now)


@given(terms_of, many, st.sampled_from(NAMES))
def test_the_vote_of_one_who_may_not_never_counts(terms: Terms, votes: list[Vote], name: str) -> None:
    """Rights are judged when the votes are counted."""
    without = [vote for vote in votes if vote.by != name]
    assert decided(terms, *votes, banned=frozenset([name])) == decided(terms, *without)


@pytest.mark.fault(45, 51)
@given(terms_of, many)
def test_a_person_counts_once_however_often_they_say_yes(terms: Terms, votes: list[Vote]) -> None:
    """Saying it again neither opens the gate nor makes the grant last longer."""
    plain = [vote for vote in votes if vote.verdict == "grant" and counts(vote) and not vote.break_glass]
    first = {vote.by: vote for vote in reversed(plain)}
    twice, once = decided(terms, *plain), decided(terms, *[vote for vote in plain if first[vote.by] is vote])
    assert twice == once


@pytest.mark.fault(51)
@given(terms_of, many)
def test_a_gate_opens_only_for_enough_different_persons(terms: Terms, votes: list[Vote]) -> None:
    """Or for one who breaks the glass."""
    decision = decided(terms, *votes)
    if decision is not None and decision.verdict is Answer.GRANTED and not decision.break_glass:
        assert len(set(decision.by)) == len(decision.by) >= terms.required
        assert terms.met_by(decision.by, ["ann"])


@pytest.mark.fault(50)
@given(terms_of, many, st.floats(0, 1800))
def test_a_gate_is_never_opened_by_time(terms: Terms, votes: list[Vote], now: float) -> None:
    """Without a yes that counts, the end of the time is the end of the gate."""
    decision = decided(terms, *[vote for vote in votes if vote.verdict != "grant" or not counts(vote)], now=now)
    assert decision is None or decision.verdict is not Answer.GRANTED
    assert decision is not None or now <= DEADLINE


def test_one_of_each_list_means_a_person_for_each() -> None:
    """Ann stands in both lists and speaks for one of them."""
    assert decided(EACH, yes("ann")) is None
    assert decided(EACH, yes("ann"), yes("dora")) is None
    decision = decided(EACH, yes("ann"), yes("cleo", 20.0))
    assert decision is not None
    assert decision.by == ("ann", "cleo")


def test_a_grant_holds_from_the_vote_that_completed_it() -> None:
    """A yes that was not needed any more does not make it last longer."""
    decision = decided(TWO, yes("ann", 10.0), yes("ben", 40.0), yes("cleo", 300.0))
    assert decision is not None
    assert decision.until == 40.0 + 600.0


@pytest.mark.fault(44)
def test_a_vote_at_the_deadline_counts_and_one_after_it_does_not() -> None:
    """Whether or not a runner was alive then."""
    in_time, late = (
        decided(ONE, yes("ann", DEADLINE), now=5000.0),
        decided(ONE, yes("ann", DEADLINE + 1e-6), now=5000.0),
    )
    assert (in_time and in_time.verdict) is Answer.GRANTED
    assert (late and late.verdict) is Answer.EXPIRED


@pytest.mark.fault(50)
def test_an_expired_gate_says_how_far_it_came() -> None:
    """`1 of 2` tells whoever is paged whom to look for."""
    half, none = decided(TWO, yes("ann"), now=901.0), decided(TWO, now=901.0)
    assert (half and half.reason) == "1 of 2 said yes in time"
    assert (none and none.reason) == "nobody decided in time"


def test_who_breaks_the_glass_opens_the_gate_alone_and_it_shows() -> None:
    """It meets `required`, also by one who had said yes already."""
    decision = decided(TWO, yes("ann"), yes("ann", 20.0, break_glass=True, reason="the shop is down"))
    assert decision is not None
    assert decision.break_glass
    assert decision.reason == "the shop is down"


def test_skipping_is_not_denying() -> None:
    """The initiator leaves the option out without a reason; an approver denies it with one."""
    skipped = decided(ONE, Vote(verdict="skip", by="ann", digest=DIGEST, at=1.0))
    denied = decided(ONE, no("ben"))
    assert skipped == Decision(verdict=Answer.SKIPPED, by=("ann",), reason="skipped by the initiator")
    assert denied == Decision(verdict=Answer.DENIED, by=("ben",), reason="not at night")


def test_the_reasons_of_a_grant_are_kept_together() -> None:
    """Both approvers' words go into the record."""
    decision = decided(TWO, yes("ann", reason="seen it"), yes("ben", reason="me too"))
    assert decision is not None
    assert decision.reason == "seen it; me too"
