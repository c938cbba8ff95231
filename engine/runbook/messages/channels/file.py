"""The channel `file`: messages appended to a file of the project, such as a status page in Markdown.

Each message ends with a comment that holds its key. One whose comment is there is complete and is not
appended again, so what is sent twice stands there once. What did not fit on the disk is cut back at once;
nothing else in the file is ever touched, for people write in it too. A symbolic link is not followed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from runbook.errors import UsageError
from runbook.messages.outgoing import Means, Outgoing
from runbook.messages.plain import plain

LONGEST_WAIT = 2.0  # seconds for another process that is appending; a message takes it a few milliseconds

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MARK = "<!-- runbook message "
_BETWEEN = b"\n---\n\n"


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> None:
    """Append the message, durably; nothing if it is there already."""
    if not isinstance(settings.get("path"), str):
        raise UsageError("a file channel needs a `path`")
    path = means.project / settings["path"]
    mark = f"{_MARK}{quote(message.key, safe='/:#@+ ')} -->\n".encode()
    with _opened(path) as handle:
        gap = _gap(handle, mark)
        if gap is not None:
            # A value that looks like the comment of a message to come would keep that one out.
            text = plain(message.text).replace("<!--", "&lt;!--")
            _append(handle, gap + text.encode() + b"\n\n" + mark + _BETWEEN)
            _keep_name(path.parent)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, ours alone while we append; OSError for a link, a folder, a pipe or one that stays busy."""
    handle = os.open(path, _FLAGS, 0o644)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        give_up = time.monotonic() + LONGEST_WAIT
        while not _locked(handle):
            if time.monotonic() > give_up:
                raise OSError(errno.EBUSY, "another process holds the file's lock", str(path))
            time.sleep(0.02)
        yield handle
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gap(handle: int, mark: bytes) -> bytes | None:
    """What sets the next message apart from what is there; None if it is there itself."""
    last = b"\n"
    with os.fdopen(os.dup(handle), "rb") as file:
        for last in file:
            if last.rstrip() == mark.rstrip():
                return None
    return b"" if last == b"\n" else b"\n" if last.endswith(b"\n") else b"\n\n"


def _append(handle: int, data: bytes) -> None:
    """All of it, durably, or nothing."""
    before = os.fstat(handle).st_size
    try:
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, before)
        raise


def _keep_name(folder: Path) -> None:
    """A file that was just created is lost in a power cut unless its folder is written too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
