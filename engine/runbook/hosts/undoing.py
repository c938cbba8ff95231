"""Taking back what a finished run changed: a run of its own, and each change once per store.

Two of them at once keep each other out by a lock; the note in the run that was undone is for whoever reads it.
"""

from __future__ import annotations

from pathlib import Path

from runbook.core.dropped import needed
from runbook.core.history import History, history
from runbook.core.taking_back import TakeBack, TakenBack
from runbook.core.views import AppliedChange
from runbook.errors import Refused
from runbook.hosts import pinned as pins
from runbook.hosts.notes import mark
from runbook.hosts.past import stream_of, taken_back
from runbook.hosts.pinned import Pinned, Start
from runbook.hosts.place import Place


def undo_start(place: Place, run: str, new: str) -> tuple[Start, Pinned]:
    """How a run that takes back what another applied is started; Refused when there is nothing to take back."""
    past = history(place.journal.read(stream_of(run)))
    if past.finished is None:
        raise Refused(f"run {run} is still open", hint=f"end it first: runbook abort {run}")
    gone = taken_back(place.journal, run)
    left = [done for done in past.standing if done.key not in gone]
    if not left:
        what = "was taken back already" if past.changes else "applied nothing"
        raise Refused(f"run {run} {what}; there is nothing to undo")
    missed = next((done.lost for done in left if done.lost is not None), None)
    if missed is not None:
        raise needed(f"an undo of run {run}", missed)
    undoes = TakeBack(run=run, changes=tuple(_described(past, done) for done in left))
    first, documents = pins.recalled(run, past.started)
    start = Start(
        run=new,
        parameters=first.parameters,
        initiator=place.people.me,
        environment=first.environment,
        env=first.env,
        target=first.target,
        incident=first.incident,
        undoes=undoes,
    )
    return start, documents


def noted(place: Place, past: History, run: str, key: Path | None = None) -> str | None:
    """Write what a run took back into the run that applied it, once; gives why that is not signed though it must."""
    other = past.started.get("takes_back")
    if not other:
        return None
    known = history(place.journal.read(stream_of(other))).undone_by
    gone = [key for key in past.took_back if key not in known]
    return mark(place, other, {"about": "undone", "changes": gone, "by": run}, key) if gone else None


def _described(past: History, done: AppliedChange) -> TakenBack:
    return TakenBack(
        key=done.key,
        path=done.path,
        id=done.id,
        option=done.path.split("/")[1],
        title=past.rows[done.path].title,
        change=done.change,
        outcome=done.outcome,
    )
