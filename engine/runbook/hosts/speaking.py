"""How a guest says something to a run: signed before anything is written, judged and written in one transaction.

What may be said, and by whom, is in `guests.py`, `settling.py` and `notes.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runbook.core.history import History, history
from runbook.core.signing import Signed, Word
from runbook.errors import Refused
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place, signatures
from runbook.journal import Actor, Writer


@contextmanager
def speaking(place: Place, run: str) -> Iterator[tuple[Writer, History]]:
    """A guest's transaction, with everything that was written before it."""
    with place.journal.writing(stream_of(run)) as writer:
        past = history(writer.tail(-1))
        if past.finished is not None:
            raise _over(run, past)
        yield writer, past


def still_open(place: Place, run: str) -> History:
    """A run as it stands, for what is prepared before anything is written; Refused for one that is finished."""
    past = history(place.journal.read(stream_of(run)))
    if past.finished is not None:
        raise _over(run, past)
    return past


def signature(
    place: Place, run: str, word: Word, at: float, key: Path | None, via: Sequence[str] | None = None
) -> Signed | None:
    """The signature of a word where it must have one, or a key was named; made outside of any transaction."""
    made_by = signatures(place, stream_of(run))
    return made_by.sign(word, at, key) if key is not None or made_by.asked(via) else None


def speaker(place: Place, signed: Signed | None) -> Actor:
    """Who speaks, as records name them."""
    return Actor(kind="person", id=place.people.me, via="signature" if signed else "os")


def _over(run: str, past: History) -> Refused:
    return Refused(f"run {run} is finished: {past.outcome}", hint=f"`runbook log show {run}` tells what happened")
