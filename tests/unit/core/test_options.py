from __future__ import annotations

import pytest

from runbook.core.commands import Ask, Wait
from runbook.core.words import Mode
from support.machines import T0, Script, play

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\n"
TRIAGE = "triage: [{id: x, uses: look}]\n"
TWO = (
    DARK
    + TRIAGE
    + """
resolution:
  - {id: one, when: steps.x.value > 5, steps: [{id: a, uses: turn}]}
  - {id: two, steps: [{id: b, uses: turn}]}
"""
)


def option(words: str, *steps: str) -> str:
    """Two options; the first has these words and steps."""
    listed = ", ".join(f"{{{step}}}" for step in steps)
    first = f"  - {{id: one, {words}steps: [{listed}]}}\n"
    return f"{DARK}resolution:\n{first}  - {{id: two, steps: [{{id: last, uses: turn}}]}}\n"


# --- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seen", "tried"), [(7, "one"), (3, "two")])
def test_an_option_whose_when_holds_is_tried_and_another_skipped_with_the_reason(seen: int, tried: str) -> None:
    """The reason is the expression."""
    run = play(TWO, Script(seen={"x": seen}))
    assert run.finished.option == tried
    if tried == "two":
        assert run.notes("resolution/one")[0] == {
            "option": "one",
            "ended": "skipped",
            "reason": "when: steps.x.value > 5",
        }


@pytest.mark.parametrize(("answer", "resolved_by"), [("try", "one"), ("skip", "two"), ("expired", "two")])
def test_an_option_that_cannot_be_told_is_offered_to_a_person(answer: str, resolved_by: str) -> None:
    """Marked with what could not be told; without a yes it is skipped."""
    run = play(TWO, Script(seen={"x": "unreadable"}, answers={"when": answer}))
    assert run.all(Ask)[0].question == "Cannot tell whether this applies (step x failed). Try it?"
    assert run.finished.option == resolved_by
    assert answer == "try" or run.notes("resolution/one")[0]["reason"] == "cannot tell: step x failed"


def test_in_auto_an_option_that_cannot_be_told_ends_the_run() -> None:
    """Nobody is asked, and nothing further is tried."""
    run = play(TWO, Script(seen={"x": "unreadable"}), mode=Mode.AUTO)
    assert (run.outcome, run.sent(), run.all(Ask)) == ("undetermined", [], [])
    assert run.finished.reason == "cannot tell whether one applies: step x failed"


# --- probes among the steps ---------------------------------------------------------------------------------------

PROBED = option("", "id: a, uses: turn", "id: p, uses: look, expect: value == 1", "id: b, uses: turn")
UNDONE = option("on_failure: undo, ", "id: a, uses: turn", "id: p, uses: look, expect: value == 1")

PROBES = [
    (Mode.BY_HAND, "pass", ["one/a:apply#1", "one/b:apply#1"], "resolved"),
    (Mode.BY_HAND, "fail", ["one/a:apply#1", "two/last:apply#1"], "resolved"),
    (Mode.BY_HAND, "unknown", ["one/a:apply#1", "two/last:apply#1"], "resolved"),
    (Mode.AUTO, "fail", ["one/a:apply#1", "two/last:apply#1"], "resolved"),
    (Mode.AUTO, "unknown", ["one/a:apply#1"], "undetermined"),
]


@pytest.mark.parametrize(("mode", "verdict", "sent", "outcome"), PROBES)
def test_a_probe_among_the_steps_that_does_not_pass_ends_the_option(
    mode: Mode, verdict: str, sent: list[str], outcome: str
) -> None:
    """Unknown is no better than a fail, and in `auto` everything stops there."""
    run = play(PROBED, Script(seen={"p": verdict}), mode=mode)
    assert [key.removeprefix("resolution/") for key in run.sent()] == sent
    assert run.outcome == outcome


@pytest.mark.parametrize(("verdict", "undone"), [("fail", True), ("unknown", False)])
def test_what_was_applied_before_a_probe_follows_on_failure_but_never_on_unknown(verdict: str, undone: bool) -> None:
    """An undo needs something that is known to have failed."""
    run = play(UNDONE, Script(seen={"p": verdict}))
    assert ("resolution/one/a:undo#1" in run.sent()) is undone
    assert run.finished.option == "two"


def test_a_probe_may_say_that_its_verdict_does_not_matter() -> None:
    """`on_failure: continue`: what follows is done all the same."""
    body = option("", "id: p, uses: look, expect: value == 1, on_failure: continue", "id: a, uses: turn")
    assert play(body, Script(seen={"p": "fail"})).finished.option == "one"


def test_a_probe_without_an_expectation_only_has_to_be_readable() -> None:
    """What it saw is there for later steps."""
    body = option("", "id: p, uses: look", 'id: a, uses: turn, with: {to: "{{ steps.p.value }}"}')
    run = play(body, Script(seen={"p": 7}))
    assert run.of("resolution/one/a:plan#1").inputs == {"to": 7}
    assert play(body, Script(seen={"p": "unreadable"})).ends()["one"] == "failed"


# --- manual steps, pauses, messages -------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "ended"), [("done", "resolved"), ("failed", "failed"), ("expired", "failed")])
def test_a_manual_step_is_done_by_a_person_or_ends_the_option(answer: str, ended: str) -> None:
    """Within an hour unless the step says otherwise; what a person did is verified like a change."""
    run = play(option("", "id: go, uses: manual.do, with: {text: Turn it on}"), Script(answers={"go": answer}))
    [ask] = run.all(Ask)
    assert (ask.question, ask.choices, ask.deadline) == ("Turn it on", ("done", "failed"), T0 + 3600.0)
    assert run.ends()["one"] == ended
    assert run.notes("resolution/one")[-1]["ended"] == ended


def test_an_answer_is_an_output_and_not_a_change() -> None:
    """An option that only asked did nothing, and nothing is verified."""
    body = option("", "id: q, uses: manual.ask, with: {question: Which, choices: [left, right]}, timeout: 5m")
    run = play(body, Script(answers={"q": "left"}))
    assert (run.all(Ask)[0].choices, run.all(Ask)[0].deadline) == (("left", "right"), T0 + 300.0)
    assert run.ends() == {"one": "nothing_to_do", "two": "resolved"}
    assert run.sent() == ["resolution/two/last:apply#1"]


def test_a_manual_step_that_was_left_out_did_nothing() -> None:
    """Its `when` did not hold."""
    run = play(option("", "id: go, uses: manual.do, when: 1 > 2, with: {text: x}"))
    assert run.ends() == {"one": "nothing_to_do", "two": "resolved"}


# --- settle, verify, the next one ---------------------------------------------------------------------------------


def test_an_option_is_given_time_to_settle_before_it_is_verified() -> None:
    """The wait counts from the last change."""
    run = play(option("settle: 2m, ", "id: a, uses: turn"), Script(takes={"apply": 30.0}))
    [wait] = run.all(Wait)
    assert (wait.key, wait.until) == ("resolution/one/settle:wait#1", T0 + 30.0 + 120.0)


def test_what_did_not_help_is_kept_and_the_next_option_is_tried() -> None:
    """`when_not_helped` is keep unless the author says undo."""
    run = play(option("", "id: a, uses: turn"), Script(seen={"works": ["fail"] * 6 + ["pass"]}))
    assert run.ends() == {"one": "not_helped", "two": "resolved"}
    assert run.sent() == ["resolution/one/a:apply#1", "resolution/two/last:apply#1"]
    assert (run.outcome, run.finished.option) == ("resolved", "two")


def test_the_first_option_that_helped_ends_the_run() -> None:
    """Those after it are not even looked at."""
    run = play(option("", "id: a, uses: turn"))
    assert run.ends() == {"one": "resolved"}


def test_without_a_verification_what_was_applied_has_helped() -> None:
    """Lint says that nobody would know."""
    from runbook.document.model import Option, Runbook, Step
    from support.machines import Play, starting

    one = Option(id="one", steps=(Step(id="a", uses="turn"),))
    run = Play(starting(Runbook(name="x", title="X", resolution=(one,)))).run()
    assert (run.outcome, run.did("observe")) == ("resolved", [])


def test_only_and_skip_say_which_options_are_tried_in_which_order() -> None:
    """An option that is named is still asked whether it applies."""
    fails = Script(seen={"works": "fail", "x": 7})
    assert list(play(TWO, fails, only=("two", "one")).ends()) == ["two", "one"]
    assert list(play(TWO, fails, only=("two",)).ends()) == ["two"]
    assert list(play(TWO, fails, skip=("two",)).ends()) == ["one"]
    nothing = play(TWO, skip=("one", "two"))
    assert (nothing.outcome, nothing.sent()) == ("not_resolved", [])
