"""Runs found by the beginning of their ids, and read by whoever does not run them."""

from __future__ import annotations

from runbook.core.history import History
from runbook.errors import UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.journal import Journal

SHORTEST_RUN = 4


def find_run(journal: Journal, prefix: str) -> str:
    """The run whose id begins so; UsageError when there is none, or more than one."""
    wanted = prefix.lower()
    if len(wanted) < SHORTEST_RUN:
        raise UsageError(f"{prefix!r} is too short for a run's id", hint=f"give at least {SHORTEST_RUN} characters")
    found = [name.partition("/")[2] for name in journal.names(f"run/{wanted}")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no run begins with {prefix!r}", hint="`runbook runs` lists them")
    raise UsageError(f"{len(found)} runs begin with {prefix!r}: {', '.join(found[:4])}", hint="give more of it")


def seen(place: Place, run: str, past: History | None = None) -> tuple[History, bool]:
    """A run as its journal tells it, and whether somebody runs it now. `past` was seen before, and is read on from."""
    stream = stream_of(run)
    told = past or History()
    for record in place.journal.read(stream, after=told.size - 1):
        told.take(record)
    return told, place.journal.holder(stream) is not None
