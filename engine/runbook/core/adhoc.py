"""The procedure of a command that somebody runs by hand within another run.

What changes something goes the way of every option, and what only reads is looked at once; neither says that any
trouble is over, only how the command ended.
"""

from __future__ import annotations

import msgspec

from runbook.core.commands import Aborted, Flow
from runbook.core.context import Run
from runbook.core.procedure import Finished, interpreted
from runbook.core.words import RunOutcome, Verdict

_OUTCOME = {
    Verdict.PASS: RunOutcome.RESOLVED,
    Verdict.FAIL: RunOutcome.NOT_RESOLVED,
    Verdict.UNKNOWN: RunOutcome.UNDETERMINED,
}
_REASON = {
    RunOutcome.RESOLVED: "the command ended with 0",
    RunOutcome.NOT_RESOLVED: "the command was not run, or did not end with 0",
    RunOutcome.UNDETERMINED: "it could not be read",
}


def by_hand(run: Run) -> Flow:
    """One command; `resolved` when it ended with 0, `undetermined` when what should be read could not be."""
    finished: Finished = yield from interpreted(run) if run.book.resolution else _looked(run)
    return msgspec.structs.replace(finished, reason=finished.reason or _REASON.get(finished.outcome))


def _looked(run: Run) -> Flow:
    [step] = run.book.triage
    run.working = True
    try:
        verdict: Verdict = yield from run.perform(f"triage/{step.id}", step, "triage")
    except Aborted:
        return Finished(outcome=RunOutcome.ABORTED)
    return Finished(outcome=_OUTCOME[verdict])
