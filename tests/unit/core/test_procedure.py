from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Observe
from runbook.core.words import Mode
from support.machines import T0, Play, Script, book, play, starting

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\n"
TWO = (
    DARK
    + """
triage:
  - {id: x, uses: look}
resolution:
  - {id: one, steps: [{id: a, uses: turn}]}
  - {id: two, steps: [{id: b, uses: turn}]}
finally:
  - {id: bye, uses: look}
  - {id: tell, uses: notify.send, with: {to: team, message: "done: {{ run.outcome }}"}}
"""
)

OUTCOMES = [
    ("resolved", {}, ["one/a"]),
    ("not_needed", {"seen": {"dark": "fail"}}, []),
    ("undetermined", {"seen": {"dark": "unknown"}, "answers": {"symptoms": "no"}}, []),
    ("not_resolved", {"seen": {"works": "fail"}}, ["one/a", "two/b"]),
    ("not_resolved", {"plans": {"*": "nothing"}}, []),
    ("not_resolved", {"gates": {"one": "denied"}, "seen": {"works": "fail"}}, ["two/b"]),
    ("not_resolved", {"gates": {"two": "blocked"}, "seen": {"works": "fail"}}, ["one/a"]),
    ("denied", {"gates": {"*": "denied"}}, []),
    ("denied", {"gates": {"one": "expired", "two": "skipped"}}, []),
    ("not_resolved", {"gates": {"one": "denied"}, "plans": {"b": "refused"}}, []),
    ("blocked", {"gates": {"one": "denied", "two": "blocked"}}, []),
    ("blocked", {"plans": {"*": "forbidden"}}, []),
    ("aborted", {"inputs": [(5.0, "abort.requested", {})], "takes": {"approve": 9.0}}, []),
]


@pytest.mark.parametrize(("outcome", "script", "applied"), OUTCOMES)
def test_a_run_ends_with_the_outcome_of_its_row(outcome: str, script: dict[str, Any], applied: list[str]) -> None:
    """What was applied counts most, then what stood in the way."""
    run = play(TWO, Script(**script))
    assert run.outcome == outcome
    assert run.did("apply") == [f"resolution/{path}:apply#1" for path in applied]
    assert run.finished.option == ("one" if outcome == "resolved" else None)


def test_a_run_that_was_aborted_with_a_doubt_is_in_doubt() -> None:
    """The key of the change is kept; the next change is not made."""
    run = play(TWO, Script(applied={"a": "doubt"}))
    run.say("abort.requested")
    assert run.run().outcome == "in_doubt"
    assert run.finished.doubts == ("resolution/one/a:apply#1",)


def test_a_runbook_that_only_looks_does_not_resolve() -> None:
    """Symptoms, triage, and somebody who takes over."""
    run = play(DARK + "triage: [{id: x, uses: look}]\nescalation: {to: ops}\n")
    assert (run.outcome, run.did("page")) == ("not_resolved", ["escalation:page#1"])


@pytest.mark.parametrize("answer", ["failed", "expired"])
def test_work_by_hand_that_failed_beside_a_denied_change_pages(answer: str) -> None:
    """A no to one option is no sign that somebody is at work on the rest."""
    body = (
        DARK + "resolution:\n  - {id: one, steps: [{id: a, uses: turn}]}\n"
        "  - {id: two, steps: [{id: b, uses: manual.do, with: {text: Call them}}]}\nescalation: {to: ops}\n"
    )
    run = play(body, Script(gates={"one": "denied"}, answers={"b": answer}))
    assert (run.outcome, run.did("page")) == ("not_resolved", ["escalation:page#1"])


# --- triage -------------------------------------------------------------------------------------------------------


def test_triage_goes_in_parallel_and_a_step_waits_for_those_that_it_names() -> None:
    """Three steps of 10 s, one of which needs another, take 20 s."""
    body = (
        DARK
        + """
triage:
  - {id: x, uses: look}
  - {id: y, uses: look, with: {of: "{{ steps.x.value }}"}}
  - {id: z, uses: look}
"""
    )
    run = play(body, Script(seen={"x": 7}, takes={"triage/x": 10.0, "triage/y": 10.0, "triage/z": 10.0}))
    assert run.at() == 20.0
    assert run.of("triage/y:observe#1").inputs == {"of": 7}


def test_a_triage_step_whose_inputs_cannot_be_told_has_failed() -> None:
    """The others go on, and it is said why."""
    body = DARK + "triage: [{id: x, uses: look}, {id: y, uses: ping, with: {of: '{{ steps.x.value }}'}}]\n"
    run = play(body, Script(seen={"x": "unreadable"}))
    assert run.did("observe")[1:] == ["triage/x:observe#1"]
    assert run.notes("triage/y")[0]["reason"] == "cannot tell its inputs: step x failed"


def test_a_triage_step_whose_when_does_not_hold_is_skipped() -> None:
    """What names it cannot tell."""
    body = TWO.replace("uses: look}\nresolution", "uses: look, when: 1 > 2}\nresolution")
    run = play(body.replace("{id: one,", "{id: one, when: steps.x.value > 1,"), Script(answers={"when": "skip"}))
    assert run.notes("triage/x")[0] | {"kind": ""} == {
        "id": "x", "status": "skipped", "reason": "when: 1 > 2", "kind": ""
    }  # fmt: skip
    assert run.did("ask") == ["resolution/one:ask#1"]


# --- facts age ----------------------------------------------------------------------------------------------------


def looks(run: Play) -> list[str]:
    return [c.key for c in run.all(Observe) if c.path in ("symptoms/dark", "triage/x")]


def test_facts_older_than_fifteen_minutes_are_observed_anew_at_the_start_of_an_option() -> None:
    """Symptoms and triage, and a symptom that is gone ends the run."""
    script = {"gates": {"one": "denied"}, "takes": {"resolution/one": 901.0}}
    run = play(TWO, Script(**script))
    first = ["symptoms/dark:observe#1", "triage/x:observe#1"]
    assert looks(run) == [*first, "symptoms/dark:observe#2", "triage/x:observe#2", "symptoms/dark:observe#3"]
    gone = play(TWO, Script(seen={"dark": ["pass", "fail"]}, **script))
    assert (gone.outcome, gone.sent()) == ("not_needed", [])


def test_facts_of_fifteen_minutes_are_fresh() -> None:
    """Nothing is observed that is known."""
    run = play(TWO, Script(gates={"one": "denied"}, takes={"resolution/one": 900.0}))
    assert looks(run)[:3] == ["symptoms/dark:observe#1", "triage/x:observe#1", "symptoms/dark:observe#2"]
    assert "triage/x:observe#2" not in looks(run)


def test_a_second_look_at_the_symptoms_does_not_make_triage_younger() -> None:
    """The first gate was granted after ten minutes, the change took six: triage is older than fifteen."""
    script = Script(seen={"works": "fail"}, takes={"resolution/one": 600.0, "resolution/one/a:apply": 360.0})
    run = play(TWO, script)
    assert "triage/x:observe#2" in looks(run)


def test_after_a_change_the_symptoms_are_looked_at_anew_but_end_nothing() -> None:
    """What was done did not help, as verification said; that a symptom is gone now is no reason to stop."""
    script = Script(seen={"works": ["fail"] * 6 + ["pass"], "dark": ["pass", "pass", "fail"]}, takes={"apply": 901.0})
    run = play(TWO, script)
    assert "symptoms/dark:observe#3" in looks(run)
    assert (run.outcome, run.finished.option) == ("resolved", "two")


# --- the end ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "script", "applied"), OUTCOMES)
def test_finally_runs_once_at_the_end_of_every_run_that_passed_its_symptoms(
    outcome: str, script: dict[str, Any], applied: list[str]
) -> None:
    """After an abort too; it sees the outcome and never changes it."""
    run = play(TWO, Script(**script))
    began = script.get("seen", {}).get("dark", "pass") == "pass"
    assert run.did()[-2:] == ["finally/bye:observe#1", "finally/tell:announce#1"] if began else not run.did("announce")
    assert not began or run.of("finally/tell:announce#1").words == f"done: {outcome}"


def test_finally_fails_without_consequences() -> None:
    """What cannot be read, told or rendered is noted, and the rest is done."""
    body = TWO.replace("{id: bye, uses: look}", "{id: bye, uses: look}\n  - {id: no, uses: look, when: 1 > 2}")
    body = body.replace("run.outcome", "steps.bye.value")
    run = play(body, Script(seen={"bye": "unreadable"}))
    assert run.outcome == "resolved"
    assert run.notes("finally/tell")[0]["reason"] == "cannot tell its inputs: step bye failed"
    assert run.notes("finally/no")[0]["reason"] == "when: 1 > 2"


@pytest.mark.parametrize("times", [1, 2])
def test_an_abort_at_the_end_changes_nothing(times: int) -> None:
    """The outcome is decided, and what is done at the end is done, however impatient somebody is."""
    run = Play(starting(book(TWO)), Script())
    run.run(until=lambda command: command.key == "finally/bye:observe#1")
    for _ in range(times):
        run.say("abort.requested")
    assert run.run().outcome == "resolved"
    assert run.did()[-1] == "finally/tell:announce#1"


def test_an_abort_while_a_change_is_in_flight_waits_for_it_and_then_announces_only() -> None:
    """Its result is taken; nothing is verified, undone or tried after it."""
    run = Play(starting(book(TWO)), Script(takes={"resolution/one/a:apply": 30.0}))
    run.run(until=lambda command: command.verb == "apply" and "resolution/one/a:apply#1" in run.machine.intended)
    run.say("abort.requested", by="ann")
    assert run.pending() == ["resolution/one/a:apply#1"]
    assert run.run().outcome == "aborted"
    assert run.did()[-3:] == ["resolution/one/a:apply#1", "finally/bye:observe#1", "finally/tell:announce#1"]


@pytest.mark.parametrize("mode", [Mode.BY_HAND, Mode.AUTO])
def test_expressions_see_how_the_run_was_started(mode: Mode) -> None:
    """Mode, initiator and the time of its first record."""
    run = play(TWO, mode=mode, initiator="ann", parameters={"p": 1}, env={"region": "eu"})
    scope = run.of("triage/x:observe#1").scope
    assert scope["run"] | {"id": ""} == {
        "id": "", "runbook": "lamp", "mode": str(mode), "initiator": "ann", "started": "2027-01-15T08:00:00Z",
        "option": None, "outcome": None, "attested": False,
        "environment": None,
    }  # fmt: skip
    assert (scope["params"], scope["env"], T0) == ({"p": 1}, {"region": "eu"}, 1_800_000_000.0)
