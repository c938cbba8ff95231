"""The run that goes on from another one, with the runbook that it was handed over to.

Its id, runbook and parameters stand in the last record of the first, its documents in the first record of that. So
whoever comes by, after whatever crash, starts the same run, and a store takes its first record only once. The locks of
the first are its own already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from runbook.core.history import History, history
from runbook.document.model import Runbook
from runbook.errors import Refused
from runbook.hosts import pinned as pins
from runbook.hosts.local import resumed, started
from runbook.hosts.past import stream_of
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.place import Manner, Place
from runbook.hosts.ports import Ended, Watcher
from runbook.hosts.said import Desk
from runbook.journal import Journal


class Following(NamedTuple):
    """The run that goes on: how it is started, with which documents, and whether it was started already."""

    start: Start
    documents: Pinned
    begun: bool


def following(place: Place, first: str, past: History | None = None) -> Following | None:
    """The run that goes on from a finished one; None where none does. Raises Diverged for another version's log."""
    past = past or history(place.journal.read(stream_of(first)))
    continued = past.continued
    if continued is None or continued.get("run") is None:
        return None
    start, documents = pins.recalled(first, past.started)
    following = msgspec.structs.replace(
        start,
        run=continued["run"],
        parameters=continued["parameters"],
        target=continued.get("target"),
        only=(),
        skip=(),
        planned=None if start.planned is None else {},  # a plan that does not name it covers nothing of it
        continued_from=first,
    )
    begun = place.journal.head(stream_of(following.run)) is not None
    return Following(following, _documents(documents, continued["runbook"], place), begun)


def _documents(pinned: Pinned, name: str, place: Place) -> Pinned:
    """Those of the runbook that goes on, with the ones that it may go on with itself."""
    left, reached = [name], dict[str, Pinned]()
    while left:
        current = left.pop()
        if current not in reached:
            reached[current] = pinned.continues[current].opened(place.specs)
            left += _named(reached[current].loaded(place.specs)[0])
    own = reached.pop(name)
    return msgspec.structs.replace(own, continues=reached)


def _named(book: Runbook) -> list[str]:
    return [option.continue_with.runbook for option in book.resolution if option.continue_with]


def goes_on(
    place: Place,
    next_: Following,
    source: Callable[[], Mapping[str, Any]],
    manner: Manner,
    desk: Desk,
    watcher: Watcher,
) -> Ended:
    """Start the run that follows, or go on with it where somebody has started it; drives it to where it ends or waits.

    Raises Busy while somebody else runs it, and AlreadyOpen where a run of its own `concurrency` is open.
    """
    run = next_.start.run
    if not next_.begun:
        try:
            return started(place, next_.start, next_.documents, source(), manner, desk, watcher)
        except Refused:
            if place.journal.head(stream_of(run)) is None:
                raise
            # somebody else has started it since we looked
    return resumed(place, run, manner, desk, watcher)


def unstarted(journal: Journal, past: History) -> str | None:
    """The id of the run that goes on from this one and has not been started; None where there is nothing to do."""
    run = (past.continued or {}).get("run")
    return run if run is not None and journal.head(stream_of(run)) is None else None
