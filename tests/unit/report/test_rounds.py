"""Checks are told by rounds, and passing rounds in a row are a hold."""

from __future__ import annotations

from runbook.core.commands import Observe
from runbook.report.story import Story
from support import histories


def told(tape: histories.Tape, story: Story) -> list[str]:
    return [fact.text for record in tape.records for fact in story.take(record) if fact.round]


def test_a_round_is_one_fact_with_every_check():
    """What each check saw and what was expected of it, in one line."""
    tape = histories.verified(histories.Tape(), "rollback", 1, "fail", 0.03)
    (text,) = told(tape, Story(histories.book()))
    assert text.startswith("round 1: fail; errors_low fail, value 0.03 (expects value < 0.01); latency pass")
    assert "(expects value < 0.5, advisory)" in text


def test_expectations_are_said_once():
    """Later rounds say what was seen, not again what is wanted."""
    tape = histories.verified(histories.Tape(), "rollback", 1, "fail", 0.03)
    texts = told(histories.verified(tape, "rollback", 2, "pass", 0.0), Story(histories.book()))
    assert "expects" not in texts[1]


def test_an_advisory_check_does_not_decide_a_round():
    """p95 may be bad while nobody is awake to send requests."""
    tape = histories.Tape()
    path = "resolution/rollback/verification"
    for id_, verdict in (("errors_low", "pass"), ("latency", "fail"), ("health", "pass")):
        histories.observed(tape, f"{path}/{id_}", "verification", verdict, {"value": 1}, round=1)
    (text,) = told(tape, Story(histories.book()))
    assert text.startswith("round 1: pass")


def test_a_round_waits_for_everything_that_was_begun():
    """With a runbook of two checks known to begin, one answer is not a round."""
    story = Story()
    path = "resolution/x/verification"
    for id_ in ("a", "b"):
        key = f"{path}/{id_}:observe#1"
        story.performing(
            Observe(key=key, path=f"{path}/{id_}", id=id_, phase="verification", kind="k", inputs={}, round=1)
        )
    tape = histories.observed(histories.Tape(), f"{path}/a", "verification", "pass", {}, round=1)
    assert told(tape, story) == []


def test_without_a_runbook_a_round_ends_when_something_else_comes():
    """Who only reads the records still sees whole rounds."""
    tape = histories.verified(histories.Tape(), "x", 1, "pass", 0.0)
    histories.verified(tape, "x", 2, "pass", 0.0)
    assert [text.split(";")[0] for text in told(tape, Story())] == ["round 1: pass"]
    assert len(told(histories.finished(tape, "resolved"), Story())) == 2


def test_a_hold_begins_with_the_first_passing_round_and_breaks_with_a_failing_one():
    """The clock of the hold is the beginning of the first of an unbroken series."""
    story = Story(histories.book())
    tape = histories.verified(histories.Tape(), "rollback", 1, "pass", 0.0)
    told(tape, story)
    since = story.rounds.passing_since
    more = histories.Tape().wait(60)
    histories.verified(more, "rollback", 2, "pass", 0.0)
    told(more, story)
    assert story.rounds.passing_since == since
    told(histories.verified(histories.Tape(), "rollback", 3, "unknown", None), story)
    assert story.rounds.passing_since is None
