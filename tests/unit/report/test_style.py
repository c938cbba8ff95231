"""Colour, width and redrawing are decided once for a stream."""

from __future__ import annotations

import io
import os
import pty

import pytest

from runbook.cli.streams import Masking, Outlet
from runbook.report.style import Style, put, style


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.fault(96)
@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"RUNBOOK_NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_colour_on_a_terminal_follows_the_environment(environ, coloured):
    """NO_COLOR wins, then FORCE_COLOR, then TERM=dumb."""
    assert style(environ, Terminal()).colour is coloured


def test_a_pipe_has_no_colour_unless_it_is_forced():
    """What goes into a file is plain text."""
    assert style({}, io.StringIO()).colour is False
    assert style({"FORCE_COLOR": "1"}, io.StringIO()).colour is True


@pytest.mark.fault(96)
@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}])
def test_nothing_is_redrawn_where_it_would_be_noise(environ):
    """CI logs and dumb terminals get lines, whatever isatty says."""
    assert style(environ, Terminal()).live is False
    assert style({}, Terminal()).live is True


@pytest.mark.parametrize(("given", "width"), [("100", 100), ("0", 80), ("wide", 80), ("5", 40), ("²", 80)])
def test_the_width_is_what_columns_says_within_reason(given, width):
    """A number is taken, at least 40; anything else leaves it at 80."""
    assert style({"COLUMNS": given}, io.StringIO()).width == width


def test_the_width_of_a_real_terminal_is_asked_for():
    """Without COLUMNS the terminal itself says how wide it is."""
    main, other = pty.openpty()
    os.set_blocking(main, False)
    with os.fdopen(other, "w") as stream:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 111, 0, 0))
        assert style({}, stream).width == 111
    os.close(main)


def test_without_colour_paint_changes_nothing():
    """Words carry the meaning; colour only repeats it."""
    assert Style().paint("danger", "DESTRUCTIVE") == "DESTRUCTIVE"
    assert Style(colour=True).paint("danger", "x") == "\x1b[1;31mx\x1b[0m"


@pytest.mark.fault(96)
def test_a_stream_that_cannot_say_a_character_gets_its_escape():
    """An ASCII terminal at night is no reason to fail."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    put(stream, "✓ done")
    assert raw.getvalue() == b"\\u2713 done\n"


@pytest.mark.parametrize(
    ("encoding", "environ", "blocks"),
    [("utf-8", {}, True), ("ascii", {}, False), ("latin-1", {}, False), ("utf-8", {"TERM": "dumb"}, False)],
)
def test_bars_are_drawn_where_the_stream_can_say_them(encoding, environ, blocks):
    """Behind an outlet that takes everything, it is the stream itself that counts."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert style(environ, stream).blocks is blocks
    assert style(environ, Outlet(stream, Masking())).blocks is blocks
