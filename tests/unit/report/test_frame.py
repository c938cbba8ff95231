"""What goes on right now, in a few lines."""

from __future__ import annotations

from datetime import UTC

import pytest

from runbook.core.commands import Apply, Observe
from runbook.report.frame import Busy, frame
from runbook.report.safe import columns
from runbook.report.story import Story
from runbook.report.style import Style
from support import histories
from support.hostile import hostile, inert


def drawn(tape: histories.Tape, *, after: float = 0.0, width: int = 80, busy=None, held=None) -> str:
    story = Story(histories.book(), UTC)
    for record in tape.records:
        story.take(record)
    return "\n".join(frame(story, busy or {}, held, tape.now + after, Style(width=width)))


def reading(**keys) -> Observe:
    plain = {"key": "k", "path": "p", "id": "database", "phase": "triage", "kind": "x", "inputs": {}, "timeout": 3.0}
    return Observe(**{**plain, **keys})


def test_a_step_shows_how_long_it_may_take():
    """Elapsed against its timeout."""
    tape = histories.started()
    busy = {"k": Busy(reading(title="The database answers"), tape.now - 2)}
    line = drawn(tape, busy=busy).splitlines()[0]
    assert line.startswith("  ▸ reading database: The database answers")
    assert line.endswith("2s of 3s")


def test_a_change_under_way_is_named_as_one():
    """Nobody takes the moment in which something changes for a read."""
    change = Apply(key="k", path="p", id="roll_back", phase="resolution", change=histories.rollback())
    assert "applying roll_back" in drawn(histories.started(), busy={"k": Busy(change, histories.START)})
    undo = reading(id="roll_back", sent=histories.rollback())
    assert "waiting until it has taken effect: roll_back" in drawn(
        histories.started(), busy={"k": Busy(undo, histories.START)}
    )


def test_a_gate_counts_down():
    """Who is waited for, and how long still."""
    line = drawn(histories.waiting(), after=59).splitlines()[0]
    assert line.startswith("  ◌ gate rollback is open, it needs 1 of sre")
    assert line.endswith("9m left")


def test_a_question_and_a_held_target_are_waited_for():
    """Everything that holds a run up stands there."""
    assert "waiting for an answer: It could not be seen" in drawn(histories.asked())
    assert "waiting for a target: api is held" in drawn(histories.started(), held="api is held")


def test_time_to_settle_is_shown_between_change_and_checks():
    """Two minutes in which nothing happens are explained."""
    tape = histories.applied(histories.granted(), histories.ROLLBACK, histories.rollback())
    assert "letting things settle" in drawn(tape, after=29)
    assert "30s of 2m" in drawn(tape, after=29)


def test_a_verification_shows_its_round_and_its_hold():
    """The newest round, how long it has held of how long it must, how much time is gone."""
    tape = histories.applied(histories.granted(), histories.ROLLBACK, histories.rollback())
    histories.verified(tape, "rollback", 1, "pass", 0.0)
    text = drawn(tape, after=7)
    assert "round 1: pass  ✓ errors_low pass  ✓ latency pass  ✓ health pass" in text
    assert "holds for 10s of 1m, 10s of 10m gone, next look in 4s" in text


def test_what_comes_by_itself_is_announced():
    """The next update and the page that goes out while nobody has resolved it."""
    assert "next update to incidents in 14m; page to production in 19m" in drawn(histories.started())
    paged = histories.started().add("page.sent", "escalation:page#1", to="production", reason="x", status="sent")
    assert "page to" not in drawn(paged)


@pytest.mark.parametrize("night", ["resolved", "denied", "undone"])
def test_nothing_goes_on_when_the_run_is_over(night):
    """The frame is empty."""
    assert drawn(histories.NIGHTS[night]()) == ""


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_a_frame_fits_and_is_inert(night, width):
    """A line that wraps would make the terminal jump at every refresh."""
    text = drawn(hostile(histories.NIGHTS[night]()), width=width, held="x" * 200)
    assert inert(text)
    assert all(columns(line) <= width for line in text.splitlines())
