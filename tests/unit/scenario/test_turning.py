"""What people said in a run, and what came of it, in the words of a scenario; and what it has no words for."""

from __future__ import annotations

from runbook.document.model import Parameter, Runbook
from runbook.scenario.turning import answers, approvals, expected, masked, parameters, unturned
from support import histories
from support.histories import ROLLBACK, Tape

ASKED = {"purpose": "question", "question": "Is it load?", "id": "reason"}


def test_who_said_yes_and_how_long_it_took() -> None:
    """From the opening of the gate to the decision."""
    assert approvals(histories.granted().history) == (
        {"rollback": {"granted_by": ["ben"], "reason": "looks right", "after": "32s"}}, []
    )  # fmt: skip


def test_a_gate_that_nobody_answered_is_not_named() -> None:
    """It expires in the scenario as well."""
    tape = histories.decided(histories.waiting(), "rollback", "expired", by="nobody")
    assert approvals(tape.history) == ({}, [])


def test_a_gate_that_was_answered_in_two_ways_is_told() -> None:
    """A scenario has one answer for an option."""
    tape = histories.gated(histories.granted(), ROLLBACK, histories.rollback(), number=2)
    gate = tape.records[-1]
    said = {"gate": gate.key, "digest": gate.data["digest"], "verdict": "deny", "reason": "not again"}
    tape.add("vote.given", who="eve", **said)
    found, left = approvals(histories.decided(tape, "rollback", "denied", number=2, by="eve").history)
    assert found["rollback"]["denied_by"] == "eve"
    assert left == ["the gate of rollback was answered granted, then denied; a scenario has the last answer"]


def answered(tape: Tape, number: int, value: object, took: float) -> Tape:
    key = f"resolution/rollback/reason:ask#{number}"
    return tape.add("question.opened", key, **ASKED).wait(took).add("answer.given", key, who="ann", value=value)


def test_an_answer_keeps_its_time_where_it_took_any() -> None:
    """What was answered at once is only the answer."""
    tape = answered(histories.started(), 1, True, 59)
    assert answers(tape.history, tape.records) == ({"reason": {"answer": True, "after": "1m"}}, [])
    quick = answered(histories.started(), 1, True, -0.5)
    assert answers(quick.history, quick.records)[0] == {"reason": True}


def test_a_question_that_was_answered_twice_is_told() -> None:
    """The last answer is the one that counted."""
    tape = answered(answered(histories.started(), 1, True, -1), 2, False, -1)
    assert answers(tape.history, tape.records) == (
        {"reason": False}, ["reason was answered 2 times; a scenario has the last answer"]
    )  # fmt: skip


def test_everything_that_came_is_expected() -> None:
    """Outcome, gates, changes, messages and verdicts; nobody was paged, and that is said."""
    came = expected(histories.resolved().history)
    assert (came["outcome"], came["applied"], came["escalated"]) == ("resolved", ["roll_back"], "none")
    assert came["gates"] == {"rollback": "granted"}
    assert came["told"][0] == "incidents/initial"
    assert came["verdicts"]["verification/errors_low"] == "pass"
    assert came["verdicts"]["triage/redis"] == "fail"


def test_what_a_scenario_has_no_word_for_is_told() -> None:
    """An alert that joined, what was interrupted, doubts that were settled, an end while nothing waited for people."""
    tape = histories.started()
    tape.add("alert.joined").add("run.resumed", who="ann").add("run.resumed", who="ann")
    tape.add("settlement.given", f"{ROLLBACK}:apply#1", who="ann", **{"as": "applied"})
    tape.add("abort.requested", who="ann", reason="enough")
    assert list(unturned(tape.history, tape.records)) == [
        "an alert joined the run",
        "the run was interrupted and gone on with; here it goes through",
        "the run was aborted while no gate was open; in a scenario only a gate waits for that",
        "roll_back was in doubt and was settled; here it is so at once",
    ]


def test_every_place_of_a_masked_secret_is_found() -> None:
    """In texts, lists and maps."""
    value = {"given": {"look": [{"stdout": "token ***"}, {"stdout": "none"}]}, "name": "***"}
    assert list(masked(value)) == ["given/look/0/stdout", "name"]


def test_parameters_that_are_so_by_themselves_are_not_given() -> None:
    """By default, or because the alert says so."""
    known = {name: Parameter(type="string", default="a") for name in ("usual", "other", "label")}
    book = Runbook(name="x", title="x", parameters=known)
    started = {"parameters": {"usual": "a", "other": "b", "label": "c"}}
    assert parameters(book, started, {"label": "c"}) == {"other": "b"}
