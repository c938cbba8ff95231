"""How one stream is drawn: with colour or without, how wide, and whether it may be redrawn. Decided once for each.

NO_COLOR wins over everything, then FORCE_COLOR, then TERM=dumb, then whether the stream is a terminal. Colour only
ever repeats what a word says. No library is needed for that: a line is text with a few SGR codes of our own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import tzinfo
from typing import NamedTuple, TextIO

NARROWEST = 40

_CODES = {
    "heading": "1",
    "good": "32",
    "bad": "31",
    "danger": "1;31",
    "warn": "33",
    "busy": "36",
    "dim": "2",
    "plain": "",
}


class Style(NamedTuple):
    """`live`: lines may be drawn anew. `zone` is where the reader is; None is the system's time zone. `blocks`: the
    stream can say block characters.
    """

    colour: bool = False
    width: int = 80
    live: bool = False
    zone: tzinfo | None = None
    blocks: bool = True

    def paint(self, role: str, text: str) -> str:
        """Text in the colour of a role (`heading good bad danger warn busy dim plain`), or as it is."""
        code = _CODES[role]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text

    def narrowed(self, columns: int) -> Style:
        """The same with less room, for what is indented."""
        return self._replace(width=max(NARROWEST // 2, self.width - columns))


def style(environ: Mapping[str, str], stream: TextIO, *, no_color: bool = False) -> Style:
    """How this stream is drawn in this environment; `no_color` is the flag."""
    terminal = stream.isatty()
    dumb = environ.get("TERM") == "dumb"
    return Style(
        colour=not no_color and _coloured(environ, terminal and not dumb),
        width=_width(environ, stream if terminal else None),
        live=terminal and not dumb and not environ.get("CI"),
        blocks=not dumb and _says_blocks(stream),
    )


def put(stream: TextIO, text: str) -> None:
    """Write a line, at once; what the stream's encoding cannot say is escaped, never an error."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _says_blocks(stream: TextIO) -> bool:
    encoding = getattr(stream, "draws_in", None) or getattr(stream, "encoding", None) or "utf-8"
    try:
        "▁█▲".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _coloured(environ: Mapping[str, str], terminal: bool) -> bool:
    if environ.get("NO_COLOR") or environ.get("RUNBOOK_NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    return terminal


def _width(environ: Mapping[str, str], terminal: TextIO | None) -> int:
    given = environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return max(NARROWEST, int(given))
    if terminal is None:
        return 80
    try:
        return max(NARROWEST, os.get_terminal_size(terminal.fileno()).columns)
    except (OSError, ValueError):
        return 80
