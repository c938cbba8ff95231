"""A commit, read from its object as it lies there: anything may stand in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple


class Commit(NamedTuple):
    """What a commit says of itself; nothing of it is proved. `at` is the committer's time."""

    oid: str
    author: str
    author_email: str
    committer: str
    committer_email: str
    at: datetime
    subject: str


def parsed(oid: str, data: bytes) -> Commit:
    """The commit that these bytes are."""
    head, _, message = data.partition(b"\n\n")
    lines = dict(reversed([(key, value) for key, _, value in (line.partition(b" ") for line in head.split(b"\n"))]))
    author, committer = _signature(lines.get(b"author", b"")), _signature(lines.get(b"committer", b""))
    subject = message.lstrip(b"\n").partition(b"\n")[0].decode(errors="replace")
    return Commit(oid, author[0], author[1], committer[0], committer[1], committer[2], subject)


def _signature(line: bytes) -> tuple[str, str, datetime]:
    """Name, address and time of `Name <address> 1700000000 +0100`; anything may stand there."""
    who, _, when = line.rpartition(b">")
    name, _, address = who.partition(b"<")
    try:
        at = datetime.fromtimestamp(int(when.split()[0]), UTC)
    except (ValueError, IndexError, OverflowError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return name.decode(errors="replace").strip(), address.decode(errors="replace").strip(), at
