"""Changes of an option planned: what each step would do, exactly, and what of it will stand at the gate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from runbook.core.advice import advice_of
from runbook.core.changes import Change, Error
from runbook.core.commands import Flow, PlanChange, Proposal, Together
from runbook.core.context import CHANGE_TIMEOUT, OptionEnded, Run, seconds
from runbook.core.redrawn import PREVIEW
from runbook.core.results import Plan
from runbook.core.words import Ended, StepStatus
from runbook.document.expressions import Unknown
from runbook.document.model import Option, Step
from runbook.document.words import NotHelped, OnFailure, Verb


def path_of(option: Option, step: Step) -> str:
    """Address of a step of an option."""
    return f"resolution/{option.id}/{step.id}"


def proposed(run: Run, option: Option, left: Sequence[Step]) -> Flow:
    """Plans of all changes that are left, as they will stand at the gate; without those with nothing to do."""
    wanted = []
    for step in left:
        if run.changes(step) and not _over(run, step) and (yield from run.wanted(path_of(option, step), step)):
            wanted.append(step)
    plans = yield Together({step.id: (frozenset[str](), partial(plan, run, option, step)) for step in wanted})
    proposals: dict[str, Proposal] = {}
    newest: dict[str, str] = {}
    for step in wanted:
        change = usable(run, step, plans[step.id])
        if change is None:
            run.facts.set(step.id, StepStatus.SKIPPED)
            continue
        change = msgspec.structs.replace(change, after=newest.get(change.target.lock))
        newest[change.target.lock] = change.digest
        advice = advice_of(step, run.scope(step))
        proposals[step.id] = Proposal(path=path_of(option, step), change=change, title=step.title, advice=advice)
    return proposals


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


def usable(run: Run, step: Step, planned: Plan) -> Change | None:
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


def _over(run: Run, step: Step) -> bool:
    loop = run.loops.get(step.id)
    return loop is not None and loop.over(step.id) is not None
