"""A dry run: every option planned from today's state, each as if it were the first; nothing changed, nothing sent.

Symptoms and triage are observed and `when` is shown as true, false or cannot tell, whatever they say. A step that
cannot be planned before another change has been made is `planned`, not exact, with the names that it waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runbook.core.advice import cautioned
from runbook.core.commands import Aborted, Flow, PlanChange
from runbook.core.context import OptionEnded, Run
from runbook.core.handing_over import settled
from runbook.core.loops import Loop
from runbook.core.planning import path_of, plan
from runbook.core.procedure import Finished, chosen, triage
from runbook.core.repeating import foreseen, listed, steps_of
from runbook.core.results import Plan
from runbook.core.stages import Stage, stages, waits_for
from runbook.core.symptoms import look
from runbook.core.verdicts import truth
from runbook.core.words import Ended, RunOutcome, StepStatus, Verdict
from runbook.document.model import Option, Step
from runbook.document.words import Verb


def dry(run: Run) -> Flow:
    """Plan everything; the outcome is `planned`, or `undetermined` when something could not be read."""
    try:
        blind = yield from _blind(run)
    except Aborted:
        return Finished(outcome=RunOutcome.ABORTED)
    return Finished(outcome=RunOutcome.UNDETERMINED if blind else RunOutcome.PLANNED)


def _blind(run: Run) -> Flow:
    """Look at everything and plan it; True when something could not be read."""
    verdicts = yield from look(run)
    blind = Verdict.UNKNOWN in verdicts.values()
    yield from triage(run)
    for option in chosen(run):
        path = f"resolution/{option.id}"
        verdict, reason = truth(option.when, run.scope())
        shown = {Verdict.PASS: "true", Verdict.FAIL: "false", Verdict.UNKNOWN: "cannot tell"}[verdict]
        told = {"when": shown, "reason": reason, **_cautions(run, option), **_goes_on(run, option)}
        yield from run.note(path, "when", option=option.id, **told)
        try:
            steps = steps_of(run, option)
        except OptionEnded as end:
            yield from run.note(path, "option", option=option.id, ended=str(end.ended), reason=end.reason)
            blind |= end.ended is Ended.FAILED
            continue
        before: tuple[str, ...] = ()
        for stage in stages(steps, run.changes):
            blind |= yield from _stage(run, option, steps, stage, before)
            before += tuple(step.id for step in stage.body if run.changes(step))
    return blind or any(run.facts[step.id].status is StepStatus.FAILED for step in run.book.triage)


def _cautions(run: Run, option: Option) -> dict[str, Any]:
    """What its gate would warn of, as far as it is known before; nothing is recorded where nobody warns."""
    scope = run.scope()
    own = [cautioned(run.book.caution, scope), cautioned(option.caution, scope)]
    steps = {step.id: cautioned(step.caution, run.scope(step)) for step in foreseen(run, option) if step.caution}
    said = {"cautions": [caution for caution in own if caution], "step_cautions": steps}
    return {name: value for name, value in said.items() if value}


def _goes_on(run: Run, option: Option) -> dict[str, Any]:
    """The runbook that an option goes on with, and what it would be given, as far as that can be told now."""
    if option.continue_with is None:
        return {}
    continued, why = settled(run, option.continue_with)
    told = {"parameters": continued.parameters} if continued else {"reason": why}
    return {"continues": {"runbook": option.continue_with.runbook, **told}}


def _stage(run: Run, option: Option, steps: Sequence[Step], stage: Stage, before: tuple[str, ...]) -> Flow:
    """Plan one stage, which comes after the changes `before`; True when something could not be read."""
    blind = False
    for step in (*stage.lead, *stage.body):
        missing = _missing(run, steps, step) or (before if run.changes(step) else ())
        if missing:
            yield from _later(run, option, step, missing)
        elif step.for_each is not None and (run.changes(step) or run.reads(step)):
            blind |= yield from _each(run, option, step)
        else:
            blind |= yield from _once(run, option, step)
    return blind


def _each(run: Run, option: Option, step: Step) -> Flow:
    """A step that is repeated, for each of its items."""
    try:
        loop: Loop | None = yield from listed(run, path_of(option, step), step)
    except OptionEnded:
        return True
    blind = False
    for one in loop.all if loop else ():
        blind |= yield from _once(run, option, one)
    return blind


def _once(run: Run, option: Option, step: Step) -> Flow:
    if run.changes(step):
        return (yield from _exact(run, option, step))
    if not run.reads(step):
        return False
    observed = yield from run.observe(path_of(option, step), step, "resolution")
    return observed.status is StepStatus.FAILED


def _missing(run: Run, steps: Sequence[Step], step: Step) -> tuple[str, ...]:
    """Steps of this option whose outputs this one needs and that a dry run does not perform."""
    return waits_for(step, [other for other in steps if not run.reads(other)])


def _exact(run: Run, option: Option, step: Step) -> Flow:
    planned: Plan = yield from plan(run, option, step)
    if planned.error is not None:
        run.facts.set(step.id, StepStatus.FAILED)
        return True
    run.facts.set(step.id, StepStatus.PLANNED if planned.change else StepStatus.SKIPPED)
    return False


def _later(run: Run, option: Option, step: Step, missing: tuple[str, ...]) -> Flow:
    path = path_of(option, step)
    yield PlanChange(
        key=run.key(path, Verb.PLAN),
        path=path,
        title=step.title,
        id=step.id,
        phase="resolution",
        kind=step.uses,
        inputs={},
        option=option.id,
        waits_for=missing,
    )
