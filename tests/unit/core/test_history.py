"""What a run's records tell of a doubt: who may still say something of it, and where the step stands."""

from __future__ import annotations

import pytest

from runbook.core.words import Status, StepStatus
from support.histories import ROLLBACK, Tape, in_doubt

KEY = f"{ROLLBACK}:apply#1"
UNDO = f"{ROLLBACK}:undo#1"


def disproved() -> Tape:
    """Nobody knew whether it was applied; then it was proven that it was not."""
    return in_doubt().add("change.confirmed", KEY, id="roll_back", found="not_applied", reason="it is not there")


def test_a_proof_ends_the_doubt() -> None:
    """Nothing waits for a person any more; the step stands where it was before it was begun."""
    assert in_doubt().history.status(alive=False) is Status.WAITING
    told = disproved().history
    assert (told.doubts, told.status(alive=False)) == ({}, Status.INTERRUPTED)
    assert told.rows[ROLLBACK].status is StepStatus.APPROVED


def test_a_word_after_the_proof_is_nobodys_result() -> None:
    """The machine does not take it, so what is told must not either, whichever way somebody has settled it."""
    for word in ("applied", "not_applied"):
        told = disproved().add("settlement.given", KEY, who="ben", reason="I think so", **{"as": word}).history
        assert (told.changes, told.rows[ROLLBACK].status) == ({}, StepStatus.APPROVED)


def test_another_attempt_may_be_in_doubt_again() -> None:
    """And then it may be settled, and counts."""
    tape = disproved().add("change.intended", KEY, id="roll_back", phase="resolution", attempt=2)
    tape.add("change.confirmed", KEY, id="roll_back", found="unknown", reason="the answer was lost again")
    assert list(tape.history.doubts) == [KEY]
    told = tape.add("settlement.given", KEY, who="ben", reason="it is there", **{"as": "applied"}).history
    assert (list(told.changes), told.doubts) == ([KEY], {})


def test_what_was_aborted_after_the_proof_is_not_left_in_doubt() -> None:
    """Its report would send somebody to look for what cannot be there."""
    tape = disproved().add("abort.requested", who="ann", reason="enough", by="ann")
    told = tape.add("run.finished", outcome="aborted", option=None, reason=None).history
    assert (str(told.outcome), told.doubts) == ("aborted", {})


def undoing(applied: str) -> Tape:
    """A change that reached the world, whose undo was sent when the runner died."""
    tape = disproved().add("change.intended", KEY, id="roll_back", phase="resolution", attempt=2)
    tape.add("change.resulted", KEY, id="roll_back", applied=applied, state={}, output={}, error=None)
    return tape.add("change.intended", UNDO, id="roll_back", phase="resolution", attempt=1, undoes=KEY)


@pytest.mark.parametrize(("applied", "stands"), [("yes", StepStatus.SUCCEEDED), ("partly", StepStatus.FAILED)])
@pytest.mark.parametrize("looked", [0, 1, 2])
def test_an_undo_that_was_not_applied_leaves_its_step_where_it_stood(
    applied: str, stands: StepStatus, looked: int
) -> None:
    """However often nobody could tell before: what was changed is still there, and nothing is in doubt."""
    tape = undoing(applied)
    for _ in range(looked):
        tape.add("change.confirmed", UNDO, id="roll_back", found="unknown", reason="the answer was lost")
        assert tape.history.rows[ROLLBACK].status is StepStatus.IN_DOUBT
    told = tape.add("change.confirmed", UNDO, id="roll_back", found="not_applied", reason="it is as it was").history
    row = told.rows[ROLLBACK]
    assert (told.doubts, row.status, row.reason) == ({}, stands, "it is as it was")
    assert [change.key for change in told.applied] == [KEY]
    again = tape.add("change.intended", UNDO, id="roll_back", phase="resolution", attempt=2, undoes=KEY)
    tape.add("change.resulted", UNDO, id="roll_back", applied="yes", state={}, output={}, error=None)
    assert (again.history.rows[ROLLBACK].status, again.history.applied) == (StepStatus.UNDONE, [])
