"""Runs found by the beginning or the end of their ids, and read by whoever does not run them."""

from __future__ import annotations

from runbook.core.history import History
from runbook.errors import UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.journal import Journal

SHORTEST_RUN = 4


def find_run(journal: Journal, part: str) -> str:
    """The run whose id begins so, else the one whose id ends so; UsageError when there is none, or more than one.

    Ids begin with the time: the first four characters are the same for twelve days, the last four are not.
    """
    wanted = part.lower()
    if len(wanted) < SHORTEST_RUN:
        raise UsageError(f"{part!r} is too short for a run's id", hint=f"give at least {SHORTEST_RUN} characters")
    begin = [_id(name) for name in journal.names(f"run/{wanted}")]
    if len(begin) == 1:
        return begin[0]
    end = [_id(name) for name in journal.names("run/") if name.endswith(wanted)]
    if len(end) == 1:
        return end[0]
    found = begin or end
    if not found:
        raise UsageError(f"no run's id begins or ends with {part!r}", hint="`runbook runs` lists them")
    how = "begin" if begin else "end"
    more = "give more of it, or its last characters" if begin else "give more of it"
    raise UsageError(f"{len(found)} runs {how} with {part!r}: {', '.join(found[:4])}", hint=more)


def _id(stream: str) -> str:
    return stream.partition("/")[2]


def seen(place: Place, run: str, past: History | None = None) -> tuple[History, bool]:
    """A run as its journal tells it, and whether somebody runs it now. `past` was seen before, and is read on from."""
    stream = stream_of(run)
    told = past or History()
    for record in place.journal.read(stream, after=told.size - 1):
        told.take(record)
    return told, place.journal.holder(stream) is not None
