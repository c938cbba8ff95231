"""The records of an incident and of its runs as one sequence, in the order in which the store took them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

from runbook.errors import BrokenChain
from runbook.incident.desk import stream_of
from runbook.incident.history import Incident
from runbook.journal import Journal, Record, Unread

_RUNS: Final = "run/"


def streams(incident: Incident) -> list[str]:
    """The incident's stream, and those of its runs, in the order in which they joined."""
    return [stream_of(incident.id), *(f"{_RUNS}{joined.run}" for joined in incident.runs)]


def missing(journal: Journal, incident: Incident) -> list[str]:
    """Streams of its runs that this store does not have."""
    return [name for name in streams(incident) if journal.head(name) is None]


def merged(journal: Journal, incident: Incident, unread: list[Unread] | None = None) -> Iterator[Record]:
    """Every record of all of them, once. By the store's position; where it gives none, by time.

    A stream's own order is always kept: its positions and its times never go back. One that cannot be read to its end
    is told until there, and goes to `unread`; where there is no such list, BrokenChain.
    """
    return heapq.merge(*(readable(journal, name, unread) for name in streams(incident)), key=_place)


def readable(journal: Journal, stream: str, unread: list[Unread] | None) -> Iterator[Record]:
    """A stream's records up to the first that cannot be read; that goes to `unread`, else it is a BrokenChain."""
    try:
        yield from journal.read(stream)
    except BrokenChain as error:
        if unread is None:
            raise
        unread.append(Unread.of(error))


def _place(record: Record) -> tuple[int, str, str, int]:
    return (record.position or 0, record.at, record.stream, record.seq)
