"""One run at a time: what two runs may not share, and who has it.

A run's own lock is taken before its first record is written. A lock whose run was never recorded is let go; one that
was handed over belongs to the run that goes on, started or not.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from runbook.core.canonical import digest
from runbook.core.target import spoken
from runbook.document.expressions import Unknown
from runbook.document.model import Runbook
from runbook.document.templates import render_value
from runbook.errors import Refused
from runbook.hosts.past import taken_back
from runbook.hosts.pinned import Start
from runbook.hosts.place import Place
from runbook.journal import LockInfo


class AlreadyOpen(Refused):
    """A run of the same runbook with the same parameters is open."""

    code = "already-open"

    def __init__(self, message: str, *, run: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.run = run


def claim(place: Place, start: Start, book: Runbook, stream: str) -> None:
    """Take the run's own lock, or say which run has it. A lock whose run was never recorded is let go.

    Raises AlreadyOpen; Refused where what the run takes back was taken back since it was looked at. The lock is the
    caller's to release.
    """
    name = concurrency_key(start, book)
    for _ in range(2):
        held = place.journal.take_locks([name], stream, holder(place, start, book))
        if not held:
            _not_taken_back(place, start)
            return
        if (other := _open(place, start, book, held[0])) is not None:
            raise other
        place.journal.release_locks(held[0].owner)


def look(place: Place, start: Start, book: Runbook) -> None:
    """Raise AlreadyOpen where another run has the lock now, before anybody is shown or asked anything; take nothing.

    StoreError for a store that nothing can be recorded in: to go on with the other run would be no advice then.
    """
    place.journal.check_writable()
    name = concurrency_key(start, book)
    for held in (lock for lock in place.journal.locks() if lock.name == name):
        if (other := _open(place, start, book, held)) is not None:
            raise other


def _open(place: Place, start: Start, book: Runbook, held: LockInfo) -> AlreadyOpen | None:
    """That a run has the lock, and how it is gone on with; None where none ever was recorded."""
    owner, first = held.owner, held.info.get("continued_from")
    driven = place.journal.holder(owner) is not None
    if first is not None and place.journal.head(owner) is None:
        return AlreadyOpen(
            f"run {first} has handed over to {held.info.get('runbook')}, which has not been started yet",
            run=str(first),
            hint=f"go on with it: `runbook resume {first}`",
        )
    if not driven and place.journal.head(owner) is None:
        return None
    run = owner.partition("/")[2]
    go_on = f"see it with `runbook watch {run}`" if driven else f"go on with it: `runbook resume {run}`"
    return AlreadyOpen(
        f"run {run} of {book.name} {_about(start)} is open since {held.since[:16].replace('T', ' ')}Z",
        run=run,
        hint=f"{go_on}, or end it with `runbook abort {run}`",
    )


def concurrency_key(start: Start, book: Runbook) -> str:
    """What two runs may not share: the runbook's `concurrency`, else its name and environment, and what it is about.

    That is its target, or its parameters where it declares none. Nothing for what is typed by hand: two of the same
    command are kept apart by the target of their change.
    """
    if start.undoes is not None:
        return f"undo/{start.undoes.run}"
    if start.within is not None:
        return f"exec/{start.run}"
    if book.concurrency is None:
        about = start.parameters if start.target is None else {"target": start.target}
        where = f"{book.name}@{start.environment}" if start.environment else book.name
        return f"runbook/{where}/{digest(dict(about))[:16]}"
    scope: dict[str, object] = {
        "params": start.parameters,
        "runbook": {"name": book.name},
        "env": start.env,
        "target": start.target or {},
        "run": {"environment": start.environment},
    }
    with suppress(Unknown):
        return f"runbook/{render_value(book.concurrency, scope)}"
    return f"runbook/{book.name}"


def holder(place: Place, start: Start, book: Runbook) -> dict[str, Any]:
    """What a lock or a lease says of the run that holds it, and of the process that drives it."""
    where = {"environment": start.environment} if start.environment else {}
    target = {"target": spoken(start.target)} if start.target else {}
    return {
        "run": start.run,
        "runbook": book.name,
        **where,
        **target,
        "user": place.people.me,
        "host": os.uname().nodename,
        "pid": os.getpid(),
    }


def _not_taken_back(place: Place, start: Start) -> None:
    """Asked under the lock, when no other run can be at it."""
    if start.undoes is None:
        return
    gone = taken_back(place.journal, start.undoes.run)
    if any(change.key in gone for change in start.undoes.changes):
        raise Refused(f"what run {start.undoes.run} changed was taken back already; there is nothing to undo")


def _about(start: Start) -> str:
    where = f" in {start.environment}" if start.environment else ""
    return f"{f'on {spoken(start.target)}' if start.target else 'with these parameters'}{where}"
