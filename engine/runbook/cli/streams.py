"""The two streams of a command: data to stdout, talk to stderr. Writing never fails a command.

Nobody may read any more (`| head`), or the terminal may be gone (a closed laptop): a run that is changing something
goes on all the same, because its record is in the journal, not on the screen.

All that the process writes there, by whatever way (a live view, a library's warning, a traceback of a thread), leaves
through an `Outlet`, which takes out the secrets that were resolved by then.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from runbook.core.masking import Masker
    from runbook.errors import Exit

FORMAT = 1
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no room where something is written

_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/@]+@")


class Masking:
    """What is taken out of all that a process says: nothing, until a project that can resolve secrets is opened."""

    masker: Masker | None = None

    def text(self, text: str) -> str:
        """The text without secrets."""
        return text if self.masker is None else self.masker.text(text)

    def error(self, text: str) -> str:
        """What went wrong, or the words of a command line, without secrets and without the passwords of URLs."""
        return _PASSWORD.sub(r"\1:***@", self.text(text))

    def value(self, data: Any) -> Any:
        """JSON data without secrets."""
        return data if self.masker is None else self.masker.value(data)


class Outlet:
    """One of the standard streams, which masks what is written and escapes what its encoding cannot say.

    It takes any character, so that nobody spells a secret otherwise before it is looked for.
    """

    encoding = "utf-8"

    def __init__(self, stream: TextIO, masking: Masking) -> None:
        self._stream = stream
        self.masking = masking

    def write(self, text: str) -> int:
        """Write all of it, masked."""
        encoding = self.draws_in
        self._stream.write(self.masking.text(text).encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    @property
    def draws_in(self) -> str:
        """The encoding of what is drawn in the end: what it cannot say looks bad there."""
        return self._stream.encoding or "utf-8"

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def opened() -> Masking:
    """Make the standard streams of this process outlets, for good; what they mask is to be filled in.

    Those that were closed before us (`2>&-`) get somewhere to go: the next file that is opened would get their number,
    and the journal is no place for talk.
    """
    masking = Masking()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the process's life
        if mode == "w":
            setattr(sys, name, Outlet(getattr(sys, name), masking))
    return masking


def said(text: str, stream: TextIO | None = None, end: str = "\n") -> None:
    """Talk, one or more lines, to stderr."""
    _written(sys.stderr if stream is None else stream, text, end)


def wrote(data: Any, stream: TextIO | None = None) -> None:
    """Data as one line of JSON, to stdout. ASCII only: no terminal and no encoding can make anything else of it."""
    import json

    import msgspec

    out = sys.stdout if stream is None else stream
    try:
        encoded = msgspec.json.encode(data, enc_hook=str)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_escaped(msgspec.to_builtins(data, enc_hook=str)))
    plain = msgspec.json.decode(encoded)
    _written(out, json.dumps(out.masking.value(plain) if isinstance(out, Outlet) else plain))


def _escaped(data: Any) -> Any:
    """Data whose text UTF-8 can say: half of a pair of surrogates, which a server may send in JSON, as an escape."""
    if isinstance(data, str):
        return data.encode("utf-8", "backslashreplace").decode()
    if isinstance(data, list):
        return [_escaped(item) for item in data]
    return {_escaped(name): _escaped(item) for name, item in data.items()} if isinstance(data, dict) else data


def result(data: Mapping[str, Any], exit_: Exit) -> dict[str, Any]:
    """What a command's JSON is made of: its format, its data, and its exit code by number and name."""
    return {"format": FORMAT, **data, "exit": {"code": int(exit_), "name": exit_.word}}


def printed(text: str, stream: TextIO | None = None) -> None:
    """Data as text, to stdout."""
    _written(sys.stdout if stream is None else stream, text)


def copied(data: bytes, stream: TextIO | None = None) -> None:
    """Bytes as they are stored, to stdout: masked when they were written, in UTF-8 whatever this terminal takes. A
    byte that was changed on its way out would break their chain.
    """
    out = sys.stdout if stream is None else stream
    raw = getattr(out, "buffer", None)
    if raw is None:  # a stream of a test, which takes text
        _written(out, data.decode(), end="")
        return
    try:
        out.flush()
        raw.write(data)
        raw.flush()
    except (OSError, ValueError) as error:  # as below
        _muted(out)
        _lost(error)


def _written(stream: TextIO, text: str, end: str = "\n") -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + end)
        stream.flush()
    except (OSError, ValueError) as error:  # a broken pipe, a terminal that is gone, a closed file
        _muted(stream)
        if stream is not sys.stderr:
            _lost(error)


def _lost(error: Exception) -> None:
    """Say that a file does not hold what it was given: whoever keeps it would take it for whole."""
    if isinstance(error, OSError) and error.errno in FULL:
        said(f"runbook: what stands in stdout is not whole, the rest is lost: {error.strerror}")


def _muted(stream: TextIO) -> None:
    """Send the rest nowhere, so that the interpreter does not stumble over it at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
