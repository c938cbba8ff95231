"""What was left out because its record cannot be read, by name: a line each for people, rows for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runbook.journal import Unread
from runbook.report.safe import shown


def unread_lines(unread: Sequence[Unread]) -> Iterator[str]:
    """Each with the record that is bad and what is wrong with it."""
    for one in _each(unread):
        name = one.stream.partition("/")[2]
        yield shown(f"left out, because it cannot be read: {name}: {one.problem}; see `runbook log verify {name}`")


def unread_object(unread: Sequence[Unread]) -> dict[str, list[dict[str, Any]]]:
    """`{"unreadable": [{"incident": "INC-3", "seq": 4, "problem": …}]}`; `run` instead of `incident` for a run."""
    rows = []
    for one in _each(unread):
        what, _, name = one.stream.partition("/")
        rows.append({what: name, "seq": one.seq, "problem": one.problem})
    return {"unreadable": rows}


def _each(unread: Sequence[Unread]) -> list[Unread]:
    """Each stream once, as it was met first."""
    found: dict[str, Unread] = {}
    for one in unread:
        found.setdefault(one.stream, one)
    return list(found.values())
