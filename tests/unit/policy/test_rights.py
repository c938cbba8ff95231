from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook.core.gates import Vote
from runbook.core.terms import Terms
from runbook.document.model import BreakGlass, From, Policy
from runbook.policy.people import People
from runbook.policy.rights import may_approve, may_attest, may_break_glass, may_deny, may_run, may_settle, may_vote
from support.policies import people

SRE = Terms(required=1, timeout=900.0, from_=("ann", "ben"), asks="1 of sre")
OTHERS = Terms(required=1, timeout=900.0, from_=("ann", "ben"), exclude_initiator=True)
INITIATOR = Terms(required=1, timeout=900.0)
ALONE = People(None, "kim")


def test_who_may_run_is_what_the_policy_says() -> None:
    """Members of `run.from` may; who is not listed is told so by OS user."""
    known = people("u-zoe", run=From(from_=("sre",)))
    assert may_run(known, "ann") is None
    assert "the policy names sre" in (may_run(known, "dora") or "")
    assert "nobody with the OS user 'u-zoe'" in (may_run(known, known.me) or "")


@pytest.mark.parametrize("known", [ALONE, People(Policy(), "kim")])
def test_everybody_may_run_where_no_policy_says_who(known: People) -> None:
    """Without a policy, or without `run` in it, starting a run is not restricted."""
    assert may_run(known, known.me) is None


def test_a_gate_that_names_nobody_is_answered_by_who_started_the_run() -> None:
    """Somebody else has to resume it first, and counts as initiator from then on."""
    assert may_approve("ann", INITIATOR, ["ann"]) is None
    assert "ann did, and may answer" in (may_approve("ben", INITIATOR, ["ann"]) or "")
    assert may_approve("ben", INITIATOR, ["ann", "ben"]) is None


def test_who_is_not_named_by_the_gate_may_not_answer_it() -> None:
    """The refusal says what the gate asks for."""
    assert may_approve("ben", SRE, ["ann"]) is None
    assert may_approve("dora", SRE, ["ann"]) == "dora may not answer this gate; it asks for 1 of sre"


@pytest.mark.fault(42)
def test_the_initiator_may_not_approve_where_somebody_else_is_asked_for() -> None:
    """Exclusion holds against whoever started, resumed or settled the run."""
    assert "somebody else" in (may_approve("ann", OTHERS, ["ann"]) or "")
    assert may_approve("ben", OTHERS, ["ann"]) is None


def test_an_approval_must_come_in_a_way_that_counts() -> None:
    """A gate that wants a token does not take the word of the operating system."""
    signed = Terms(required=1, timeout=900.0, from_=("ann",), via=("oidc",))
    assert "by oidc, and this one came by os" in (may_approve("ann", signed, [], "os") or "")
    assert may_approve("ann", signed, [], "oidc") is None


def test_saying_no_is_open_to_all_whom_the_gate_names() -> None:
    """The initiator may stop what they may not approve; a stranger may do neither."""
    assert may_deny("ann", OTHERS, ["ann"]) is None
    assert may_deny("dora", OTHERS, ["ann"]) is not None


def test_attesting_is_for_those_named_else_for_those_who_may_run() -> None:
    """`attest` narrows; without it, who may run may also say what was seen."""
    assert may_attest(people(attest=From(from_=("dba",))), "ann") is not None
    assert may_attest(people(run=From(from_=("sre",))), "ann") is None
    assert may_attest(people(run=From(from_=("sre",))), "dora") is not None


@pytest.mark.fault(50)
def test_the_glass_is_broken_by_members_with_a_reason() -> None:
    """No reason, no membership, no `break_glass` in the policy: each is refused in its own words."""
    known = people(break_glass=BreakGlass(from_=("sre",)))
    assert may_break_glass(known, "ann", "users are down") is None
    assert "needs a reason" in (may_break_glass(known, "ann", "  ") or "")
    assert "the policy names sre" in (may_break_glass(known, "dora", "users are down") or "")
    assert "no `break_glass`" in (may_break_glass(people(), "ann", "users are down") or "")


def test_without_a_policy_the_os_user_may_break_the_glass() -> None:
    """It is the one way past a gate that needs a second person where there is none, and needs a reason too."""
    assert may_break_glass(ALONE, "kim", "users are down") is None
    assert may_break_glass(ALONE, "kim", None) is not None


def test_a_doubt_is_settled_by_somebody_who_may_approve_the_change() -> None:
    """By the terms of its gate, or by the glass; nobody else decides what happened."""
    known = people(break_glass=BreakGlass(from_=("dba",)))
    assert may_settle(known, "ben", OTHERS, ["ann"]) is None
    assert may_settle(known, "dora", OTHERS, ["ann"]) is None
    assert "may approve it" in (may_settle(known, "ann", OTHERS, ["ann"]) or "")


def vote(verdict: str, by: str = "ben", **keys: Any) -> Vote:
    return Vote(verdict=verdict, by=by, digest="d", at=0.0, **keys)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (vote("grant"), None),
        (vote("grant", "ann"), "somebody else"),
        (vote("grant", "dora"), "may not answer"),
        (vote("grant", via="chat"), "by os, and this one came by chat"),
        (vote("deny", "ann", reason="not now"), None),
        (vote("deny", reason=" "), "a no needs a reason"),
        (vote("deny", "dora", reason="not now"), "may not answer"),
        (vote("skip", "ann"), None),
        (vote("skip"), "may not skip"),
        (vote("grant", "ann", break_glass=True, reason="users are down"), None),
        (vote("grant", "ann", break_glass=True), "needs a reason"),
        (vote("grant", "ann", break_glass=True, reason="users are down", via="chat"), "came by chat"),
        (vote("grant", "dora", break_glass=True, reason="users are down"), "may not break the glass"),
    ],
)
def test_a_vote_is_judged_whole(given: Vote, why: str | None) -> None:
    """Who, how and with what reason; the glass stands for number and exclusion and for nothing else."""
    known = people(break_glass=BreakGlass(from_=("sre",)))
    terms = msgspec.structs.replace(OTHERS, via=("os",))
    said = may_vote(known, given, terms, ["ann"])
    assert said is None if why is None else why in (said or "")


def test_a_gate_that_asks_for_a_reason_counts_no_yes_without_one() -> None:
    """A reason is part of the terms; a yes with one counts."""
    terms = msgspec.structs.replace(SRE, reason_required=True)
    assert may_vote(people(), vote("grant"), terms, ["ann"]) == "this gate asks for a reason"
    assert may_vote(people(), vote("grant", reason="deploy 7 is bad"), terms, ["ann"]) is None
