from __future__ import annotations

import pytest

from runbook.core.changes import Outcome
from runbook.core.commands import (
    Announce,
    Apply,
    Approve,
    Ask,
    Command,
    Note,
    Observe,
    Page,
    PlanChange,
    Preserve,
    Wait,
)
from runbook.core.results import RESULTS, Decision, Given, Observed, Plan, answers, decode
from runbook.core.words import Answer, Applied, StepStatus, Verdict
from support.machines import Taken, change, stored

HANDED_OUT = [Announce, Apply, Approve, Ask, Note, Observe, Page, PlanChange, Preserve, Wait]


@pytest.mark.parametrize("command", HANDED_OUT)
def test_every_command_can_be_answered(command: type[Command]) -> None:
    """A command without an event of its own could never end."""
    assert any(issubclass(command, taker) for taker, _ in RESULTS.values())


def test_what_was_stored_comes_back_as_it_was() -> None:
    """Enums, tuples and the change itself, out of plain JSON with whatever else the record holds."""
    planned = decode(Taken("change.planned", data=stored({"change": change("a"), "digest": "x", "id": "a"})))
    seen = {"status": "succeeded", "verdict": "pass", "output": {"value": 12.0}, "started": 5}
    assert planned == Plan(change=change("a"))
    assert decode(Taken("step.observed", data=stored(seen))) == Observed(
        status=StepStatus.SUCCEEDED, verdict=Verdict.PASS, output={"value": 12}
    )
    assert decode(Taken("decision.given", data={"verdict": "granted", "by": ["ann"], "until": 7})) == Decision(
        verdict=Answer.GRANTED, by=("ann",), until=7.0
    )
    assert decode(Taken("answer.given", data={"value": 3, "by": "ann"})) == Given(value=3, by="ann")


def test_a_wait_that_ended_says_nothing_more() -> None:
    """Its time is the record's."""
    assert decode(Taken("wait.ended", data={"command": "x"})) is None


def test_a_settlement_is_the_result_of_the_change_in_doubt() -> None:
    """A person's word, with who said it and why where nothing was applied."""
    applied = decode(Taken("settlement.given", data={"as": "applied", "by": "ann", "reason": "seen"}))
    absent = decode(Taken("settlement.given", data={"as": "not_applied", "by": "ann", "reason": "old pods"}))
    assert applied == Outcome(applied=Applied.YES, state={"settled": "ann"})
    assert (absent.applied, absent.error.code) == (Applied.NO, "settled")
    assert absent.error.message == "settled as not applied by ann: old pods"


def test_an_event_answers_its_own_command_only() -> None:
    """An undo is answered as a change is."""
    wait = Wait(key="w", path="w", until=1.0)
    assert answers("wait.ended", wait)
    assert not answers("step.observed", wait)
