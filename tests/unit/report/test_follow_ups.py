"""What is temporary is listed until it was taken back, the most urgent first."""

from __future__ import annotations

from datetime import UTC

from runbook.report.final import report
from runbook.report.follow_ups import Listed, follow_ups_object, follow_ups_text
from runbook.report.run_json import run_object
from runbook.report.style import Style
from support import histories

STYLE = Style(zone=UTC)
NOW = histories.START
DAY = 86400.0


def left(*, undo: str | None = "runbook undo 01ka") -> histories.Tape:
    """A rollback for a day."""
    tape = histories.resolved()
    change = next(iter(tape.history.changes.values()))
    note = {"key": change.key, "path": change.path, "summary": change.change.summary, "target": "Deployment api"}
    said = {"about": "follow_up", "option": "rollback", "changes": [note], "since": NOW, "due": NOW + DAY, "undo": undo}
    return tape.add("note.added", "resolution/rollback:note#9", **said)


def listed(tape: histories.Tape, run: str = "01ka") -> Listed:
    [follow_up] = tape.history.follow_ups.values()
    return Listed(run, "high-api-error-rate", follow_up, tape.history.left(follow_up))


def test_the_report_says_what_is_due_and_when() -> None:
    """After it has gone by too."""
    history = left().history
    assert "due       Tue 24 Nov 2026 03:00:00 UTC, in 1d\n" in report(history, histories.RUN, STYLE, NOW)
    assert "due       OVERDUE: 03:00:00 UTC, 2h ago\n" in report(history, histories.RUN, STYLE, NOW + DAY + 7200)


def test_what_was_taken_back_is_due_no_more() -> None:
    """By another run, in whose place a note stands."""
    tape = left()
    [change] = tape.history.changes
    tape.add("note.added", None, about="undone", changes=[change], by="01kb")
    assert "To be taken back" not in report(tape.history, histories.RUN, STYLE, NOW)
    assert run_object(tape.history, histories.RUN, alive=False)["follow_ups"][0]["changes"] == []


def test_a_list_begins_with_what_is_most_urgent() -> None:
    """Each with the command that takes it back."""
    rows = [listed(left(), "01kb"), listed(left(), "01ka")]
    rows[0] = rows[0]._replace(follow_up=type(rows[0].follow_up)(option="x", changes=(), since=NOW, due=NOW + 2 * DAY))
    text = follow_ups_text(rows, STYLE, NOW)
    assert text.index("01ka") < text.index("01kb")
    assert "    runbook undo 01ka\n" in text
    assert "none of it has an undo" in text
    found = follow_ups_object(rows, NOW + 1.5 * DAY)["follow_ups"]
    assert [(row["run"], row["overdue"]) for row in found] == [("01ka", True), ("01kb", False)]


def test_a_rehearsal_leaves_nothing_that_could_be_taken_back() -> None:
    """It shows what a real run would note, without a command that nobody can run."""
    tape = histories.Tape()
    tape.add("run.started", who="ann", runbook="x", mode="by_hand", source={"scenario": "s"})
    said = {"about": "follow_up", "option": "a", "changes": [], "since": NOW, "due": NOW + DAY, "undo": "runbook undo"}
    tape.add("note.added", "resolution/a:note#1", **said)
    assert tape.history.follow_ups["a"].undo is None
    change = histories.rollback()
    histories.planned(tape, histories.ROLLBACK, change)
    histories.applied(tape, histories.ROLLBACK, change)
    [key] = tape.history.changes
    said |= {"changes": [{"key": key, "summary": change.summary}]}
    tape.add("note.added", "resolution/a:note#2", **said)
    text = report(tape.history, histories.RUN, STYLE, NOW)
    assert "To be taken back" in text
    assert "by hand" not in text


def test_what_somebody_has_closed_is_due_no_more_though_it_is_still_changed() -> None:
    """Who said so, and why, stands in the record; scripts see both."""
    tape = left(undo=None)
    tape.add("note.added", None, who="ann", about="follow_up_closed", option="rollback", reason="done by hand")
    assert "To be taken back" not in report(tape.history, histories.RUN, STYLE, NOW)
    [told] = run_object(tape.history, histories.RUN, alive=False)["follow_ups"]
    assert (len(told["changes"]), told["closed"]["by"], told["closed"]["reason"]) == (1, "ann", "done by hand")
