"""A stage: planned, shown, approved, applied; and asked for again when the world has moved.

    plan all → gate → [the symptoms once more] → for each change: plan again → same digest? → apply → arrived?

The plan just before applying holds the locks of all targets of the stage and brings the precondition that is sent
along. Another digest voids the approval: what is left of the stage is planned, shown and asked for again, three times
at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from runbook.core import differences, gathering, symptoms, verification
from runbook.core.advice import advice_of, cautioned
from runbook.core.changes import Change, Error, Outcome
from runbook.core.commands import Apply, Approve, Flow, Observe, PlanChange, Proposal, Together
from runbook.core.context import CHANGE_TIMEOUT, Done, OptionEnded, Run, seconds
from runbook.core.extraction import completed
from runbook.core.loops import Loop
from runbook.core.redrawn import PREVIEW, redrawn, without
from runbook.core.repeating import Relisted, in_turn, judged, listed, listed_again, passed
from runbook.core.results import SETTLED, Decision, Observed, Plan
from runbook.core.stages import Stage
from runbook.core.words import Answer, Applied, Ended, StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Option, Output, Step
from runbook.document.words import NotHelped, OnFailure, StepOnFailure, Verb

ROUNDS = 3
PRECONDITION = "precondition"


class _Stale(Exception):
    """The world moved: what was approved is not what would happen now."""

    def __init__(self, left: Sequence[Step], what: str) -> None:
        super().__init__(what)
        self.left = tuple(left)


def stage_done(
    run: Run, option: Option, stage: Stage, later: tuple[str, ...], asked: int = 0, changed: str | None = None
) -> Flow:
    """Bring one stage to its end; raises OptionEnded where it cannot be.

    `asked` is how often it was asked for before, `changed` what is different since. A loop may outlast its approval:
    as long as one of its items was done under each, it is asked for again.
    """
    for step in stage.lead:
        yield from in_turn(run, option, step, partial(passed, run, option, step))
    left: tuple[Step, ...] = stage.body
    attempt, moved = asked, 0  # how often it was asked for, and how often in vain
    while moved < ROUNDS:
        left = yield from _one_by_one(run, option, left)
        proposals = yield from _planned(run, option, left)
        if not proposals:
            for step in left:
                if not run.changes(step):
                    yield from in_turn(run, option, step, partial(passed, run, option, step))
                judged(run, step)
            return
        attempt, worked = attempt + 1, run.worked
        decision, grant = yield from _approved(run, option, proposals, attempt, later, changed)
        yield from _looked_again(run)
        try:
            yield from _applied(run, option, left, proposals, decision, grant)
        except _Stale as stale:
            left, changed = stale.left, str(stale)
            moved = 1 if run.worked > worked and _repeats(run, left) else moved + 1
        else:
            return
    raise OptionEnded(Ended.STALE, f"the world moved {ROUNDS} times between plan and change: {changed}")


def path_of(option: Option, step: Step) -> str:
    """Address of a step of an option."""
    return f"resolution/{option.id}/{step.id}"


def _one_by_one(run: Run, option: Option, left: Sequence[Step]) -> Flow:
    """The steps that are left, a change that is repeated as one step for each item."""
    steps: list[Step] = []
    for step in left:
        if step.for_each is not None and run.changes(step):
            loop: Loop | None = yield from listed(run, path_of(option, step), step)
            steps += loop.all if loop else ()
        else:
            steps.append(run.current(step))
    return tuple(steps)


# --- planning ---------------------------------------------------------------------------------------------


def _planned(run: Run, option: Option, left: Sequence[Step]) -> Flow:
    """Plans of all changes that are left, as they will stand at the gate; without those with nothing to do."""
    wanted = []
    for step in left:
        if run.changes(step) and not _over(run, step) and (yield from run.wanted(path_of(option, step), step)):
            wanted.append(step)
    plans = yield Together({step.id: (frozenset[str](), partial(plan, run, option, step)) for step in wanted})
    proposals: dict[str, Proposal] = {}
    newest: dict[str, str] = {}
    for step in wanted:
        change = _usable(run, step, plans[step.id])
        if change is None:
            run.facts.set(step.id, StepStatus.SKIPPED)
            continue
        change = msgspec.structs.replace(change, after=newest.get(change.target.lock))
        newest[change.target.lock] = change.digest
        advice = advice_of(step, run.scope(step))
        proposals[step.id] = Proposal(path=path_of(option, step), change=change, title=step.title, advice=advice)
    return proposals


def _repeats(run: Run, left: Sequence[Step]) -> bool:
    return any(step.id in run.loops for step in left)


def _over(run: Run, step: Step) -> bool:
    loop = run.loops.get(step.id)
    return loop is not None and loop.over(step.id) is not None


def plan(run: Run, option: Option, step: Step, *, hold: tuple[str, ...] = (), grant: str | None = None) -> Flow:
    """Plan one step; gives a `Plan`, whose error says so where the inputs cannot be told."""
    path = path_of(option, step)
    try:
        inputs = run.rendered(step)
    except Unknown as unknown:
        said = f"cannot tell its inputs: {unknown.reason}"
        yield from run.left_out(path, step, StepStatus.FAILED, said)
        return Plan(error=Error(code="unknown", message=said))
    planned: Plan = yield PlanChange(
        key=run.key(path, Verb.PLAN),
        path=path,
        title=step.title,
        id=step.id,
        phase="resolution",
        kind=step.uses,
        inputs=inputs,
        option=option.id,
        connection=step.connection,
        timeout=seconds(step.timeout if PREVIEW in step.inputs else None, run.spec(step).timeout),
        limit=seconds(step.timeout, None, CHANGE_TIMEOUT),
        must_undo=option.on_failure is OnFailure.UNDO or option.when_not_helped is NotHelped.UNDO,
        hold=hold,
        grant=grant,
    )
    return planned


def _usable(run: Run, step: Step, planned: Plan) -> Change | None:
    """The change; None where there is nothing to do; raises where the option cannot go on."""
    if planned.change is not None:
        return planned.change
    if planned.nothing is not None:
        return None
    if planned.refused is not None:
        ended = Ended.BLOCKED if planned.by == "policy" else Ended.FAILED
        raise OptionEnded(ended, f"{step.id}: {planned.refused}")
    run.auto = False
    said = planned.error.message if planned.error else "it could not be planned"
    raise OptionEnded(Ended.FAILED, f"{step.id}: {said}", unknown=True)


# --- the gate ---------------------------------------------------------------------------------------------


def _approved(
    run: Run,
    option: Option,
    proposals: dict[str, Proposal],
    attempt: int,
    later: tuple[str, ...],
    changed: str | None,
) -> Flow:
    """Open the gate; gives the decision and its key, or ends the option."""
    proves_nothing = yield from verification.baseline(run, option)
    yield from gathering.begun(run)
    path = f"resolution/{option.id}"
    key = run.key(path, Verb.APPROVE)
    decision: Decision = yield Approve(
        key=key,
        path=path,
        title=option.title,
        option=option.id,
        changes=tuple(proposals.values()),
        approval=option.approval,
        attempt=attempt,
        auto=run.auto and not run.situation.doubted,
        auto_allowed=option.auto,
        later=later,
        proves_nothing=proves_nothing,
        changed=changed,
        caution=cautioned(run.book.caution, run.scope()),
        advice=advice_of(option, run.scope()),
        findings=tuple(run.findings.values()),
    )
    if decision.verdict is not Answer.GRANTED:
        for id_ in proposals:
            run.facts.set(id_, StepStatus.DENIED)
        yield from _turned_down(run, decision)
    yield from gathering.complete(run)
    return decision, key


_TURNED_DOWN = {
    Answer.DENIED: Ended.DENIED,
    Answer.EXPIRED: Ended.EXPIRED,
    Answer.SKIPPED: Ended.SKIPPED,
    Answer.BLOCKED: Ended.BLOCKED,
}


def _turned_down(run: Run, decision: Decision) -> Flow:
    """A gate that did not open ends its option; the first that expires pages the escalation beside the run."""
    if decision.verdict is not Answer.BLOCKED:
        run.auto = False
    if decision.verdict is Answer.EXPIRED:
        yield from run.page("nobody decided")
    raise OptionEnded(_TURNED_DOWN[decision.verdict], decision.reason)


def _looked_again(run: Run) -> Flow:
    """Between the decision and the first change of the run, are the symptoms still there?"""
    if not run.changing:
        yield from symptoms.still_there(run)


# --- applying ---------------------------------------------------------------------------------------------


def _applied(
    run: Run,
    option: Option,
    left: Sequence[Step],
    proposals: dict[str, Proposal],
    decision: Decision,
    grant: str,
) -> Flow:
    """Apply what was approved, one by one and in order, with the reads that stand between."""
    hold = tuple(sorted({proposal.change.target.lock for proposal in proposals.values()}))
    for position, planned in enumerate(left):
        if planned.id in proposals:
            yield from _list_again(run, option, left[position:])
        step = run.current(planned)
        if not run.changes(step):
            yield from in_turn(run, option, step, partial(passed, run, option, step))
        elif step.id in proposals:
            approved = proposals[step.id].change
            flow = partial(_one, run, option, step, approved, decision, grant, hold, left[position:])
            yield from in_turn(run, option, step, flow)
        judged(run, step)


def _list_again(run: Run, option: Option, rest: Sequence[Step]) -> Flow:
    """Before the first change of a loop: another list of items is not what was approved."""
    changed = yield from listed_again(run, option, rest[0])
    if changed is None:
        return
    loop = run.loops[rest[0].id]
    if not loop.own:
        raise Relisted(changed)
    others = [step for step in rest if run.loops.get(step.id) is not loop]
    raise _Stale((*loop.templates, *others), changed)


def _one(
    run: Run,
    option: Option,
    step: Step,
    approved: Change,
    decision: Decision,
    grant: str,
    hold: tuple[str, ...],
    rest: Sequence[Step],
) -> Flow:
    """Plan once more, compare, send. What is proven not to have been applied may be sent again under the same grant."""
    path = path_of(option, step)
    settled = 0
    for _ in range(ROUNDS):
        fresh = yield from plan(run, option, step, hold=hold, grant=grant)
        change = _usable(run, step, fresh)
        if change is None:
            run.facts.set(step.id, StepStatus.SKIPPED)
            return
        change = msgspec.structs.replace(change, after=approved.after)
        if change.digest != approved.digest:
            raise _Stale(rest, difference(approved, change))
        if run.now > decision.until:
            raise _Stale(rest, "the approval has run out")
        if settled > 1:
            raise _Stale(rest, "the approval is used up: it is given back once")
        key = run.key(path, Verb.APPLY)
        begun = run.now
        limit = seconds(step.timeout, None, CHANGE_TIMEOUT)
        outcome: Outcome = yield Apply(
            key=key,
            path=path,
            title=step.title,
            id=step.id,
            phase="resolution",
            change=change,
            option=option.id,
            timeout=limit,
            grant=grant,
            outputs=step.outputs,
        )
        code = outcome.error.code if outcome.error else None
        if outcome.applied is Applied.NO and code in (PRECONDITION, SETTLED):
            settled += code == SETTLED
            continue
        done = Done(
            step=step,
            path=path,
            key=key,
            change=change,
            outcome=outcome,
            grant=grant,
            option=option.id,
            at=run.now,
        )
        yield from _resulted(run, done, limit - (run.now - begun))
        return
    raise OptionEnded(Ended.STALE, f"{step.id}: the target changed each time it was about to be applied")


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


def difference(before: Change, after: Change) -> str:
    """What is different between two plans of one step, in words."""
    parts = []
    if before.target != after.target:
        parts.append(f"the target was {before.target} ({before.target.uid}), now {after.target} ({after.target.uid})")
    old = {field.path: field for field in before.fields}
    new = {field.path: field for field in after.fields}
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            parts.append(f"{path} was {_said(old.get(path))}, now {_said(new.get(path))}")
    if not parts and without(before.request) != without(after.request):
        parts.append("the request is another one")
    if before.effect is not after.effect:
        parts.append(f"the effect was {before.effect}, now {after.effect}")
    preview = redrawn(before.request, after.request)
    parts += [preview] if preview else []
    return "; ".join(parts) or "its undo is another one"


def _said(field: object) -> str:
    if field is None:
        return "not touched"
    return differences.said(getattr(field, "before", None), getattr(field, "after", None))
