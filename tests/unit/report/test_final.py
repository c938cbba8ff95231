"""The report at the end: what came of it, what was done, and what to do next."""

from __future__ import annotations

from datetime import UTC

import pytest

from runbook.report.final import report
from runbook.report.safe import columns
from runbook.report.style import Style
from support import histories
from support.cases import CASES
from support.histories import RUN
from support.hostile import hostile, inert


def drawn(
    tape: histories.Tape, *, width: int = 80, alive: bool = False, known: bool = True, colour: bool = False
) -> str:
    book = histories.book() if known else None
    style = Style(width=width, zone=UTC, colour=colour)
    return report(tape.history, RUN, style, tape.now, alive=alive, book=book)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("night", "first"),
    [
        ("resolved", "✓ Resolved by rollback: verified."),
        ("denied", "✗ Denied: no gate that was reached was opened. Nothing was changed."),
        ("waiting", "◌ Waiting: gate rollback is open, it needs 1 of sre"),
        ("in_doubt", "? In doubt: resolution/rollback/roll_back may have been applied"),
        ("interrupted", "◌ Interrupted: nobody runs it now; it is safe to go on from where it was"),
    ],
)
def test_the_first_line_is_what_came_of_it(night, first):
    """Who reads only one line knows where the run is."""
    assert drawn(histories.NIGHTS[night]()).splitlines()[0] == first


@pytest.mark.parametrize(
    ("night", "said"),
    [
        ("resolved", "errors_low fail, value 0.12 pass, value 0 value < 0.01"),
        ("resolved", "resolution/rollback/roll_back, 03:00:49 UTC, yes from ben, in place"),
        ("resolved", "message to incidents (resolved): sent"),
        ("resolved", "evidence logs: may not read logs"),
        ("resolved", f"To take back what is still in place: runbook undo {RUN}"),
        ("resolved", "started 03:00:00 UTC, 3m26s"),
        ("undone", "What was changed was taken back."),
        ("undone", "yes from ben, taken back"),
        ("undone", "page to production (outcome not_resolved): sent"),
        ("denied", "rollback: Roll back the last deployment - denied: wrong deployment"),
        ("in_doubt", "process group 4711 of it still runs"),
        ("in_doubt", f"runbook resume {RUN} --settle roll_back=applied \\ --reason TEXT"),
        ("asked", "errors_low fail, value 0.12 unknown, no data value < 0.01"),
        ("waiting", "nobody runs it now, so what is over takes effect when somebody does"),
    ],
)
def test_what_must_be_known_in_the_morning_is_there(night, said):
    """Before and after, who said yes, what was told, what is missing, what to type."""
    assert said in flat(drawn(histories.NIGHTS[night]()))


def test_a_finished_run_asks_for_nothing():
    """No heading `What to do next` where nothing is to be done."""
    assert "What to do next" not in drawn(histories.resolved())
    assert "runbook undo" not in drawn(histories.undone())


def test_somebody_who_runs_it_need_not_be_told_to_resume():
    """While the runner is alive a vote is enough."""
    assert "runbook resume" not in drawn(histories.waiting(), alive=True)


def test_a_run_in_doubt_looks_like_this():
    """The calmest page is for the worst moment: kept whole, to be read by eye."""
    expected = (CASES / "report" / "final-in-doubt.txt").read_text(encoding="utf-8")
    assert drawn(histories.in_doubt()) + "\n" == expected


def test_an_abort_says_by_whom_and_why():
    """And that what was applied is still there."""
    tape = histories.applied(histories.granted(), histories.ROLLBACK, histories.rollback())
    tape.add("abort.requested", who="ann", by="ann", reason="wrong night")
    text = flat(drawn(histories.finished(tape, "aborted")))
    assert "aborted by ann: wrong night" in text
    assert "1 change is still in place" in text


def started_a_job(**seen):
    """A change whose effect goes on without its run, and a run that was aborted."""
    tape = histories.applied(
        histories.granted(), histories.ROLLBACK, histories.rollback(), state={"stop": "kubectl delete job copy"}
    )
    if seen:
        histories.observed(tape, histories.ROLLBACK, "resolution", seen["verdict"], {}, arrived=True)
    return histories.finished(tape, "aborted")


def test_what_goes_on_without_its_run_is_said_with_the_line_that_stops_it():
    """Until somebody has seen it end."""
    said = "nobody has seen it end, and it does not end with this run; to stop it: kubectl delete job copy"
    assert said in flat(drawn(started_a_job()))
    assert said in flat(drawn(started_a_job(verdict="unknown")))
    assert "to stop it" not in drawn(started_a_job(verdict="pass"))


def test_two_runs_that_are_linked_name_each_other():
    """What took a change back, and what was taken back."""
    tape = histories.applied(histories.granted(), histories.ROLLBACK, histories.rollback())
    key = f"{histories.ROLLBACK}:apply#1"
    tape.add("note.added", None, about="undone", changes=[key], by="01other")
    assert "taken back by run 01other" in flat(drawn(tape))
    other = histories.Tape().add("run.started", who="ann", runbook="x", mode="by_hand", undoes={"run": RUN})
    assert f"takes back run {RUN}" in flat(drawn(other))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_no_line_is_wider_than_the_terminal(night, width):
    """Commands are broken so that they can still be pasted."""
    text = drawn(histories.NIGHTS[night](), width=width)
    assert [line for line in text.splitlines() if columns(line) > width] == []


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_hostile_text_stays_text(night):
    """Reasons, titles, targets, error messages: all of it was written by others."""
    assert inert(drawn(hostile(histories.NIGHTS[night]())))


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_colour_repeats_what_words_say(night):
    """Without its colours the page is the page without colours."""
    import re

    coloured = drawn(histories.NIGHTS[night](), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == drawn(histories.NIGHTS[night]())


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_a_report_needs_no_runbook(night):
    """A run of a runbook that is gone is still told."""
    assert drawn(histories.NIGHTS[night](), known=False)
