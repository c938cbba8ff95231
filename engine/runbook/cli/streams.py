"""The two streams of a command: data to stdout, talk to stderr. Writing never fails a command.

Nobody may read any more (`| head`), or the terminal may be gone (a closed laptop): a run that is changing something
goes on all the same, because its record is in the journal, not on the screen.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from runbook.errors import Exit

FORMAT = 1


def opened() -> None:
    """Give the standard streams that were closed before us (`2>&-`) somewhere to go: the next file that is opened
    would get their number, and the journal is no place for talk.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the process's life


def said(text: str, stream: TextIO | None = None, end: str = "\n") -> None:
    """Talk, one or more lines, to stderr."""
    _written(sys.stderr if stream is None else stream, text, end)


def wrote(data: Any, stream: TextIO | None = None) -> None:
    """Data as one line of JSON, to stdout. ASCII only: no terminal and no encoding can make anything else of it."""
    import json

    import msgspec

    plain = msgspec.json.decode(msgspec.json.encode(data, enc_hook=str))
    _written(sys.stdout if stream is None else stream, json.dumps(plain))


def result(data: Mapping[str, Any], exit_: Exit) -> dict[str, Any]:
    """What a command's JSON is made of: its format, its data, and its exit code by number and name."""
    return {"format": FORMAT, **data, "exit": {"code": int(exit_), "name": exit_.word}}


def printed(text: str, stream: TextIO | None = None) -> None:
    """Data as text, to stdout."""
    _written(sys.stdout if stream is None else stream, text)


def _written(stream: TextIO, text: str, end: str = "\n") -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + end)
        stream.flush()
    except (OSError, ValueError):  # a broken pipe, a terminal that is gone, a closed file
        _muted(stream)


def _muted(stream: TextIO) -> None:
    """Send the rest nowhere, so that the interpreter does not stumble over it at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
