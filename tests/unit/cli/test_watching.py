"""A run is shown in order, and never into the line that somebody is typing."""

from __future__ import annotations

from pathlib import Path

from runbook.cli.watching import View
from runbook.core.commands import Apply
from support import histories
from support.sessions import Heard, session


def view(heard: Heard) -> View:
    return View(heard, None, lambda: 0.0)


def test_what_happens_while_somebody_is_asked_is_shown_afterwards(tmp_path: Path) -> None:
    """In the order in which it happened."""
    heard = session(tmp_path)
    shown = view(heard)
    with shown.paused():
        assert shown.asking
        shown.say("first")
        shown.held("second")
        assert heard.err.getvalue() == ""
    assert not shown.asking
    assert heard.err.getvalue().index("first") < heard.err.getvalue().index("second")


def test_the_console_channel_speaks_through_whoever_owns_the_screen(tmp_path: Path) -> None:
    """While a run is shown, and to stderr again afterwards."""
    heard = session(tmp_path)
    shown = view(heard)
    with shown.shown(), shown.paused():
        heard.console("for the incident channel")
        assert heard.err.getvalue() == ""
    heard.console("afterwards")
    assert "for the incident channel" in heard.err.getvalue()
    assert heard.err.getvalue().endswith("afterwards\n")


def test_a_screen_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    """The record is in the journal, not on the screen."""
    heard = session(tmp_path)
    shown = view(heard)
    heard.stderr.close()
    shown.say("into nothing")
    heard.say("nor this")


def test_what_is_being_changed_is_known_until_its_result_is_there(tmp_path: Path) -> None:
    """Ctrl-C speaks of doubt only in between."""
    shown = view(session(tmp_path))
    came = next(record for record in histories.resolved().records if record.type == "change.resulted")
    assert not shown.changing
    shown.performing(Apply(key=came.key or "", path="p", id="p", phase="resolution", change=histories.rollback()))
    assert shown.changing
    shown.record(came)
    assert not shown.changing
