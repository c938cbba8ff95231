"""What people did and wrote down by hand, in the report and in the story of a run."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from runbook.report.by_hand import by_hand_lines, exec_text, note_lines, result
from runbook.report.final import report
from runbook.report.story import Story
from runbook.report.style import Style
from support import histories
from support.histories import RUN, Tape
from support.hostile import hostile, inert

STYLE = Style(width=80, zone=UTC, colour=False)
DF = {"about": "exec", "exec": "01exec", "state": "begun", "title": "run df -h", "effect": "read", "asked": "the disk"}
ENDED = {**DF, "state": "ended", "outcome": "resolved", "exit_code": 0}


def did(*notes: dict[str, Any]) -> Tape:
    tape = histories.started()
    for note in notes:
        tape.add("note.added", who="ann", **note)
    return tape


def test_a_command_that_has_ended_says_how_and_where_its_record_is() -> None:
    """With who, when and why."""
    tape = did(DF, ENDED)
    text = "\n".join(by_hand_lines(tape.history, STYLE, tape.now))
    for word in ("✓ run df -h", "a read, by ann", "ended with 0", "because: the disk", "runbook log show 01exec"):
        assert word in text


def test_a_command_that_has_not_ended_says_how_to_go_on() -> None:
    """It may wait at its gate, or have been killed."""
    tape = did({**DF, "effect": "change"})
    text = "\n".join(by_hand_lines(tape.history, STYLE, tape.now))
    assert "◌ run df -h" in text
    assert "a change, by ann" in text
    assert "it has not ended" in text
    assert "runbook resume 01exec" in text


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ({"state": "begun"}, "it has not ended"),
        ({"state": "ended", "exit_code": 3, "outcome": "not_resolved"}, "ended with 3"),
        ({"state": "ended", "outcome": "denied", "reason": "not now"}, "denied: not now"),
        ({"state": "ended", "outcome": "resolved"}, "resolved"),
    ],
)
def test_what_came_of_it_is_said_in_a_few_words(note: dict[str, Any], said: str) -> None:
    """Its own exit code first."""
    assert result(note) == said


def test_it_is_told_as_it_happens() -> None:
    """A line when it begins and one when it has ended, with the notes between them."""
    tape = did(DF, {"about": "note", "text": "nearly full"}, ENDED)
    story = Story(histories.book(), UTC)
    told = [fact.text for record in tape.records for fact in story.take(record)]
    assert told[-3:] == [
        "by hand: run df -h (a read), by ann; the disk", "note by ann: nearly full", "by hand: run df -h: ended with 0",
    ]  # fmt: skip
    assert exec_text({**DF, "asked": None}, "ann") == "by hand: run df -h (a read), by ann"


def test_notes_stand_with_who_and_when_and_about_which_step() -> None:
    """In their order."""
    tape = did({"about": "note", "text": "one\ntwo", "step": "look"}, {"about": "note", "text": "three"})
    text = "\n".join(note_lines(tape.history, STYLE, tape.now))
    assert text.index("one") < text.index("two") < text.index("about look") < text.index("three")
    assert "ann, 03:00" in text


def test_nothing_that_was_typed_moves_the_cursor() -> None:
    """Titles, notes and names come from outside."""
    tape = hostile(did(DF, {"about": "note", "text": "nearly full", "step": "look"}, ENDED))
    assert inert(report(tape.history, RUN, STYLE, tape.now))
