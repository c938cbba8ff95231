"""One change of a stage: planned once more, compared with what was approved, sent, and seen to arrive.

The plan just before it is sent holds the locks of all targets of the stage and brings the precondition that is sent
along. Another digest, or an approval that has run out, is `Stale`: nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runbook.core.approving import Grant
from runbook.core.changes import Change, Outcome
from runbook.core.commands import Apply, Flow, Observe
from runbook.core.context import CHANGE_TIMEOUT, Done, OptionEnded, Run, seconds
from runbook.core.differences import difference
from runbook.core.extraction import completed
from runbook.core.planning import path_of, plan, usable
from runbook.core.results import SETTLED, Observed
from runbook.core.words import Applied, Ended, StepStatus, Verdict
from runbook.document.model import Option, Output, Step
from runbook.document.words import StepOnFailure, Verb

ROUNDS = 3  # times that something is planned before the world is called too lively for it
PRECONDITION = "precondition"


class Stale(Exception):
    """The world moved: what was approved is not what would happen now."""

    def __init__(self, left: Sequence[Step], what: str) -> None:
        super().__init__(what)
        self.left = tuple(left)


def applied(run: Run, option: Option, step: Step, grant: Grant, rest: Sequence[Step]) -> Flow:
    """Plan once more, compare, send. What is proven not to have been applied may be sent again under the same grant.

    `rest` is what is left of the stage, from this step on, which a `Stale` names.
    """
    approved = grant.proposals[step.id].change
    settled = 0
    for _ in range(ROUNDS):
        fresh = yield from plan(run, option, step, hold=grant.hold, grant=grant.key)
        change = usable(run, step, fresh)
        if change is None:
            run.facts.set(step.id, StepStatus.SKIPPED)
            return
        change = msgspec.structs.replace(change, after=approved.after)
        if change.digest != approved.digest:
            raise Stale(rest, difference(approved, change))
        if run.now > grant.until:
            raise Stale(rest, "the approval has run out")
        if settled > 1:
            raise Stale(rest, "the approval is used up: it is given back once")
        begun = run.now
        done = yield from _sent(run, option, step, change, grant.key)
        code = done.outcome.error.code if done.outcome.error else None
        if done.outcome.applied is Applied.NO and code in (PRECONDITION, SETTLED):
            settled += code == SETTLED
            continue
        yield from _resulted(run, done, _limit(step) - (run.now - begun))
        return
    raise OptionEnded(Ended.STALE, f"{step.id}: the target changed each time it was about to be applied")


def _sent(run: Run, option: Option, step: Step, change: Change, grant: str) -> Flow:
    """Send a change; gives what came of it, as a `Done`."""
    path = path_of(option, step)
    key = run.key(path, Verb.APPLY)
    outcome: Outcome = yield Apply(
        key=key,
        path=path,
        title=step.title,
        id=step.id,
        phase="resolution",
        change=change,
        option=option.id,
        timeout=_limit(step),
        grant=grant,
        outputs=step.outputs,
    )
    return Done(
        step=step, path=path, key=key, change=change, outcome=outcome, grant=grant, option=option.id, at=run.now
    )


def _limit(step: Step) -> float:
    """How long a change and its arrival may take, in seconds."""
    return seconds(step.timeout, None, CHANGE_TIMEOUT)


def _resulted(run: Run, done: Done, time_left: float) -> Flow:
    """Remember what reached the world, see whether it arrives, and stop the option where it failed."""
    step, outcome = done.step, done.outcome
    if outcome.applied.touched:
        run.done.append(done)
        run.changing = True
        run.worked += 1
    reason = outcome.error.message if outcome.error else None
    arrived, output = outcome.applied is Applied.YES and outcome.error is None, outcome.output
    if arrived and run.spec(step).arrives:
        seen = yield from arrives(run, done.path, step, done.change, outcome, time_left, step.outputs)
        output = completed(output, seen.output)
        arrived = seen.verdict is Verdict.PASS
        reason = seen.reason or (seen.error.message if seen.error else "accepted, but it did not arrive in time")
    run.facts.set(step.id, StepStatus.SUCCEEDED if arrived else StepStatus.FAILED, None, output)
    if arrived:
        return
    run.auto = False
    if step.on_failure is not StepOnFailure.CONTINUE:
        raise OptionEnded(Ended.FAILED, f"{step.id}: {reason or outcome.applied}")


def arrives(
    run: Run,
    path: str,
    step: Step,
    change: Change,
    outcome: Outcome,
    time_left: float,
    outputs: Mapping[str, Output] | None = None,
) -> Flow:
    """Look until the accepted change has taken effect, or the step's time is over; then read its declared outputs."""
    observed: Observed = yield Observe(
        key=run.key(path, Verb.OBSERVE),
        path=path,
        title=step.title,
        id=step.id,
        phase="resolution",
        kind=change.kind,
        inputs=change.inputs,
        connection=step.connection,
        timeout=max(1.0, time_left),
        sent=change,
        outcome=outcome,
        outputs=outputs or {},
    )
    return observed
