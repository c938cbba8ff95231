"""Evidence, kept before the first change can destroy it: beside the waiting for a decision, each item by itself."""

from __future__ import annotations

from functools import partial

from runbook.core.commands import Beside, Flow, Joined, Preserve, Together
from runbook.core.context import OptionEnded, Run
from runbook.core.results import Preserved
from runbook.core.words import Ended
from runbook.document.expressions import Unknown
from runbook.document.model import EvidencePlan, Step
from runbook.document.templates import render_value
from runbook.document.words import Verb


def begun(run: Run) -> Flow:
    """Start collecting, once a run; goes on beside the gate."""
    plan = run.evidence
    if plan is None or run.gathering:
        return
    run.gathering = True
    yield Beside("evidence", partial(_collected, run, plan))


def complete(run: Run) -> Flow:
    """Wait for the evidence, at most until its timeout; what is missing was recorded, and stops only if required."""
    plan = run.evidence
    if plan is None or not run.gathering:
        return
    missing: list[str] = yield Joined("evidence")
    if missing and plan.required:
        raise OptionEnded(Ended.BLOCKED, f"evidence is required and missing: {', '.join(missing)}")


def _collected(run: Run, plan: EvidencePlan) -> Flow:
    """All items, the most volatile first; gives the ids of those that are missing."""
    deadline = run.now + plan.timeout
    parameters = _parameters(run, plan)
    branches = {
        item.id: (frozenset[str](), partial(_item, run, plan, item, parameters, deadline)) for item in plan.items
    }
    kept: dict[str, Preserved] = yield Together(branches)
    return [id_ for id_, preserved in kept.items() if preserved.status != "preserved"]


def _parameters(run: Run, plan: EvidencePlan) -> dict[str, object]:
    """The plan's parameters: set by the runbook, else the run's of the same name, else the default."""
    own = {name: parameter.default for name, parameter in plan.parameters.items() if not parameter.required}
    same = {name: value for name, value in run.situation.parameters.items() if name in plan.parameters}
    reference = run.book.evidence
    try:
        given = render_value(reference.inputs, run.scope()) if reference else {}
    except Unknown:
        given = {}
    return own | same | given


def _item(run: Run, plan: EvidencePlan, item: Step, parameters: dict[str, object], deadline: float) -> Flow:
    path = f"evidence/{item.id}"
    try:
        inputs = render_value(item.inputs, {**run.scope(), "params": parameters})
    except Unknown as unknown:
        yield from run.note(path, "evidence", id=item.id, status="missing", reason=unknown.reason)
        return Preserved(status="missing")
    return (
        yield Preserve(
            key=run.key(path, Verb.PRESERVE),
            path=path,
            title=item.title,
            id=item.id,
            plan=plan.name,
            kind=item.uses,
            inputs=inputs,
            connection=item.connection,
            deadline=deadline,
            required=plan.required,
        )
    )
