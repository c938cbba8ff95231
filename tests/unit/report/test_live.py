"""On a terminal: the same facts as in a log, above a few lines that are kept up to date."""

from __future__ import annotations

import io
import re
from datetime import UTC

import pytest

from runbook.core.commands import Observe
from runbook.report.live import LiveView
from runbook.report.story import Story
from runbook.report.style import Style
from support import histories
from support.hostile import EVIL, hostile, inert

OURS = re.compile(r"\x1b\[(?:\?25[lh]|[0-9;]*[mAK])|\r")


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """Eighty columns and thirty lines, whatever the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("TERM", "xterm-256color")


def view(stream: io.StringIO, now: float = histories.START) -> LiveView:
    return LiveView(stream, Style(width=80, live=True, zone=UTC), lambda: now, book=histories.book())


def printed(tape: histories.Tape) -> str:
    stream = io.StringIO()
    live = view(stream)
    for record in tape.records:
        live.record(record)
    return stream.getvalue()


def plain(text: str) -> str:
    """A drawing without times and line breaks."""
    return " ".join(re.sub(r"\d\d:\d\d:\d\dZ", "", OURS.sub("", text)).split())


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_both_views_tell_the_same_facts(night):
    """Every fact of the story stands in the scroll-back of a terminal, as it does in a log."""
    tape = histories.NIGHTS[night]()
    story = Story(histories.book(), UTC)
    facts = [fact.text for record in tape.records for fact in story.take(record)]
    text = plain(printed(tape))
    assert [fact for fact in facts if plain(fact) not in text] == []


def test_rounds_that_say_the_same_are_told_once_and_the_last_again():
    """Forty passing rounds are two lines: when it began to pass, and how it ended."""
    tape = histories.granted()
    for number in range(1, 41):
        histories.verified(tape, "rollback", number, "pass", 0.0)
    assert re.findall(r"round (\d+)", printed(tape)) == ["1"]
    assert re.findall(r"round (\d+)", printed(histories.finished(tape, "resolved"))) == ["1", "40"]


def test_the_frame_is_drawn_and_taken_away():
    """While it runs the frame shows what goes on; afterwards the cursor is back and the facts remain."""
    stream = io.StringIO()
    live = view(stream)
    with live:
        for record in histories.started().records:
            live.record(record)
        plain_read = {"path": "p", "phase": "triage", "kind": "x", "inputs": {}, "timeout": 3.0}
        live.performing(Observe(key="k", id="history", **plain_read))
        live.pause()
        live.resume()
    text = stream.getvalue()
    assert "reading history" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "error_rate" in text


def test_while_it_is_paused_nothing_is_redrawn():
    """A prompt has the terminal for itself; facts that come meanwhile are plain lines."""
    stream = io.StringIO()
    live = view(stream)
    with live:
        live.pause()
        before = stream.tell()
        live.record(histories.started().records[0])
        assert "\x1b[2K" not in stream.getvalue()[before:]


@pytest.mark.fault(59)
def test_hostile_text_does_nothing_to_the_terminal():
    """What is left when our own sequences are taken out is visible text."""
    stream = io.StringIO()
    live = view(stream)
    with live:
        for record in hostile(histories.asked()).records:
            live.record(record)
        live.held(EVIL)
        live.say(EVIL)
    assert inert(OURS.sub("", stream.getvalue()))


def test_a_resumed_run_is_not_told_from_its_beginning():
    """Records before `since` are known, not printed again."""
    stream = io.StringIO()
    tape = histories.started()
    live = LiveView(stream, Style(), lambda: tape.now, since=len(tape.records))
    for record in tape.add("run.resumed", who="ben", by="ben").records:
        live.record(record)
    assert plain(stream.getvalue()) == "Run · resumed by ben"
