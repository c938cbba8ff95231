"""Line by line: everything once, as it happens, in plain text."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from runbook.report.lines import Lines
from runbook.report.safe import columns
from runbook.report.style import Style
from support import histories
from support.hostile import EVIL, hostile, inert


def printed(tape: histories.Tape, *, width: int = 80, known: bool = True, **keys) -> str:
    stream = io.StringIO()
    book = histories.book() if known else None
    lines = Lines(stream, Style(width=width, zone=UTC), book=book, **keys)
    for record in tape.records:
        lines.record(record)
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_no_line_is_wider_than_the_terminal(night, width):
    """CI logs and split windows stay readable."""
    text = printed(histories.NIGHTS[night](), width=width)
    assert [line for line in text.splitlines() if columns(line) > width] == []


def test_every_line_has_the_time_in_utc():
    """A fact starts with the time of its record."""
    assert "\n03:00:01Z ! error_rate: More than 5 % of requests fail: is there" in printed(histories.started())


def test_a_gate_is_printed_whole():
    """A log shows what was approved, diff and all, not only that something was."""
    text = printed(histories.waiting())
    assert "-    image: registry.example.com/api:7" in text
    assert text.count("Gate rollback") == 1


def test_a_resumed_run_is_not_told_from_its_beginning():
    """Records before `since` are known, not printed again."""
    tape = histories.started()
    since = len(tape.records)
    tape.add("run.resumed", who="ben", by="ben")
    text = printed(tape, since=since)
    assert "resumed by ben" in text
    assert "error_rate" not in text


@pytest.mark.fault(59)
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_hostile_text_stays_text(night):
    """Nothing that was read anywhere draws on the terminal."""
    assert inert(printed(hostile(histories.NIGHTS[night]())))


def test_groups_open_and_close_in_github_actions():
    """Each phase folds; the last group is closed when the run is over."""
    text = printed(histories.resolved(), actions=True)
    assert text.count("::group::") == text.count("::endgroup::") > 5
    assert "::group::Symptoms\n" in text


@pytest.mark.fault(60)
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_no_text_is_a_command_to_github_actions(night):
    """A pod called `::set-output …` sets nothing; only our groups are commands."""
    text = printed(hostile(histories.NIGHTS[night]()), width=40, actions=True)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert all(line.startswith("::group::") or line == "::endgroup::" for line in commands)


def test_a_message_on_the_console_is_marked_and_inert():
    """Its lines stay lines, and can be told from ours."""
    stream = io.StringIO()
    Lines(stream, Style(), actions=True).say(f"SEV2: High\n- Impact: much\n{EVIL}")
    assert stream.getvalue().startswith("  | SEV2: High\n  | - Impact: much\n")
    assert inert(stream.getvalue())


def test_a_held_target_is_said_once():
    """The host asks every second; the reader hears it when it changes."""
    stream = io.StringIO()
    lines = Lines(stream, Style())
    for holder in ("run a", "run a", "run b"):
        lines.held(f"api is held by {holder}")
    assert stream.getvalue().count("waiting for a target") == 2
