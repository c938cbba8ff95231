"""Taking a change back: its undo is a change like any other, planned beforehand and part of what was approved.

The undo is planned anew each time before it is sent. As long as what we left is still there it gives the digest that
was approved, and goes under the same approval; otherwise it passes a gate of its own, three times at most.
"""

from __future__ import annotations

import math

from runbook.core.advice import Advice, advice_of, cautioned
from runbook.core.changes import Change, Outcome
from runbook.core.changing import ROUNDS, arrives
from runbook.core.commands import Approve, Flow, PlanChange, Proposal, Undo
from runbook.core.context import CHANGE_TIMEOUT, Done, Run, seconds
from runbook.core.results import Decision, Observed, Plan
from runbook.core.words import Answer, Applied, RunOutcome, StepStatus, Verdict
from runbook.document.model import Option
from runbook.document.words import Verb

MOVED = "what was left there is not there any more"
_EXPIRED = "the approval has run out"


class UndoFailed(Exception):
    """An undo could not be done or is in doubt; no further option is tried."""

    def __init__(self, path: str, why: str, outcome: RunOutcome = RunOutcome.NOT_RESOLVED) -> None:
        super().__init__(why)
        self.path = path
        self.outcome = outcome


def undone(run: Run, done: Done, option: Option | None) -> Flow:
    """Take one change back; raises UndoFailed."""
    undo = done.change.undo
    if undo is None:
        raise UndoFailed(done.path, done.change.irreversible or "it has no undo")
    approved, grant, until = undo.digest, done.grant, math.inf  # the approval of the change covers its undo for ever
    attempt = 0
    while (change := (yield from _planned(run, done, undo))) is not None:
        same = change.digest == approved
        if same and grant is not None and run.now <= until:
            yield from _sent(run, done, change, grant)
            break
        attempt += 1
        if attempt > ROUNDS:
            raise UndoFailed(done.path, f"it was asked for {ROUNDS} times and could not be sent in time")
        changed = _EXPIRED if same and grant is not None else None if same else MOVED
        approved = change.digest
        grant, until = yield from _asked_for(run, done, change, option, attempt, changed)
    run.facts.set(done.step.id, StepStatus.UNDONE)


def _planned(run: Run, done: Done, undo: Change) -> Flow:
    planned: Plan = yield PlanChange(
        key=run.key(done.path, Verb.PLAN),
        path=done.path,
        title=done.step.title,
        id=done.step.id,
        phase="undo",
        kind=undo.kind,
        inputs=undo.inputs,
        option=done.option,
        connection=done.step.connection,
        timeout=seconds(None, run.specs[undo.kind].timeout),
        hold=(undo.target.lock,),
        undoes=done.key,
    )
    if planned.change is not None or planned.nothing is not None:
        return planned.change
    said = planned.refused or (planned.error.message if planned.error else "it could not be planned")
    raise UndoFailed(done.path, said)


def _asked_for(run: Run, done: Done, change: Change, option: Option | None, attempt: int, changed: str | None) -> Flow:
    """A gate of the undo's own; gives the key of the decision and when it runs out."""
    key = run.key(done.path, Verb.APPROVE)
    decision: Decision = yield Approve(
        key=key,
        path=done.path,
        title=f"Take back: {done.step.title or done.step.id}",
        option=done.option,
        changes=(Proposal(path=done.path, change=change, title=done.step.title),),
        approval=option.approval if option else None,
        attempt=attempt,
        changed=changed,
        caution=cautioned(run.book.caution, run.scope()),
        advice=advice_of(option, run.scope()) if option else Advice(),
        findings=tuple(run.findings.values()),
    )
    if decision.verdict is not Answer.GRANTED:
        outcome = RunOutcome.BLOCKED if decision.verdict is Answer.BLOCKED else RunOutcome.DENIED
        raise UndoFailed(done.path, decision.reason or f"the gate was {decision.verdict}", outcome)
    return key, decision.until


def _sent(run: Run, done: Done, change: Change, grant: str) -> Flow:
    limit = seconds(done.step.timeout, None, CHANGE_TIMEOUT)
    begun = run.now
    outcome: Outcome = yield Undo(
        key=run.key(done.path, Verb.UNDO),
        path=done.path,
        title=done.step.title,
        id=done.step.id,
        phase="undo",
        change=change,
        option=done.option,
        timeout=limit,
        grant=grant,
        undoes=done.key,
    )
    if outcome.applied is not Applied.YES or outcome.error is not None:
        raise UndoFailed(done.path, outcome.error.message if outcome.error else str(outcome.applied))
    if run.specs[change.kind].arrives:
        seen: Observed = yield from arrives(run, done.path, done.step, change, outcome, limit - (run.now - begun))
        if seen.verdict is not Verdict.PASS:
            raise UndoFailed(done.path, seen.reason or "it was accepted, but did not arrive in time")
