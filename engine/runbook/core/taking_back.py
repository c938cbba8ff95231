"""The procedure of `runbook undo RUN`: a run of its own that takes back what another run applied, newest first.

Every undo is planned anew and passes a gate of its own, whatever was approved before.
"""

from __future__ import annotations

import msgspec

from runbook.core.changes import Change, Outcome
from runbook.core.commands import Aborted, Flow
from runbook.core.context import Done, Run
from runbook.core.procedure import Finished
from runbook.core.undoing import UndoFailed, undone
from runbook.core.words import RunOutcome
from runbook.document.model import Step


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the other run."""

    key: str
    path: str
    id: str
    option: str
    title: str | None = None
    change: Change
    outcome: Outcome


class TakeBack(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be taken back, and of which run; oldest first."""

    run: str
    changes: tuple[TakenBack, ...]


def taken_back(run: Run, what: TakeBack) -> Flow:
    """Take everything back; `resolved` when all of it is gone."""
    run.working = True
    try:
        for change in reversed(what.changes):
            done = Done(
                step=Step(
                    id=change.id, uses=change.change.kind, title=change.title, connection=change.change.connection
                ),
                path=change.path,
                key=change.key,
                change=change.change,
                outcome=change.outcome,
                grant=None,
                option=change.option,
            )
            yield from undone(run, done, None)
    except UndoFailed as failed:
        return Finished(outcome=failed.outcome, reason=f"taking back {failed.path} did not work: {failed}")
    except Aborted as aborted:
        outcome = RunOutcome.IN_DOUBT if aborted.doubts else RunOutcome.ABORTED
        return Finished(outcome=outcome, doubts=aborted.doubts)
    return Finished(outcome=RunOutcome.RESOLVED, reason=f"what run {what.run} changed was taken back")
