"""Whoever spoke in vain in a scenario is told why."""

from __future__ import annotations

from runbook.core.history import History
from runbook.document.model import Freeze, Person, Policy, ScenarioCase, ScenarioExpect
from runbook.policy.people import People
from runbook.scenario.unheard import unheard
from support import histories

PEOPLE = {name: Person(user=name) for name in ("ann", "ben", "eve")}
CASE = ScenarioCase(name="x", expect=ScenarioExpect(), answers={"region": "moon"})


def voted(who: str, *, reason: str | None = None, late: float = 0.0, **terms: object) -> History:
    tape = histories.waiting(terms=terms)
    gate = tape.history.open_gates[0]
    tape.wait(late).add("vote.given", who=who, gate=gate.key, digest=gate.digest, verdict="grant", reason=reason)
    return tape.history


def why(seen: History, policy: Policy | None = None) -> list[str]:
    return unheard(CASE, seen, People(policy or Policy(people=PEOPLE), "ann"))


def test_a_vote_that_counts_is_not_spoken_of() -> None:
    """Only what was said in vain."""
    assert why(voted("ben")) == []


def test_a_yes_in_vain_says_why() -> None:
    """By somebody else, without a reason, by who started it, too late, in a freeze."""
    lead = "'s yes at the gate of rollback did not count: "
    assert why(voted("eve")) == [f"eve{lead}eve may not answer this gate; it asks for 1 of sre"]
    assert why(voted("ben", reason_required=True)) == [f"ben{lead}this gate asks for a reason"]
    assert "asks for somebody else" in why(voted("ann", exclude_initiator=True))[0]
    assert why(voted("ben", late=601)) == [f"ben{lead}the gate was closed by then"]
    frozen = Freeze(starts="2026-11-23T00:00:00Z", ends="2026-11-24T00:00:00Z", reason="Sale")
    assert why(voted("ben"), Policy(people=PEOPLE, freeze=(frozen,))) == [f"ben{lead}changes are frozen: Sale"]


def test_an_answer_that_is_none_of_the_choices_says_which_there_were() -> None:
    """They may be what the scenario's world has given."""
    tape = histories.started()
    said = {"purpose": "choice", "question": "Which?", "choices": ["eu", "us"], "id": "region"}
    tape.add("question.opened", "resolution/rollback/region:ask#1", **said)
    assert why(tape.history) == ["the answer 'moon' to region is none of eu, us"]
