"""A stage: planned, shown, approved, applied; and asked for again when the world has moved.

    plan all → gate → [the symptoms once more] → for each change: plan again → same digest? → apply → arrived?

Another digest voids the approval: what is left of the stage is planned, shown and asked for again, three times at most.
Planning, the gate and one change are `planning.py`, `approving.py` and `changing.py`; the order of them is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from runbook.core import symptoms
from runbook.core.approving import Grant, approved
from runbook.core.changing import ROUNDS, Stale, applied
from runbook.core.commands import Flow
from runbook.core.context import OptionEnded, Run
from runbook.core.loops import Loop
from runbook.core.planning import path_of, proposed
from runbook.core.repeating import Relisted, in_turn, judged, listed, listed_again, passed
from runbook.core.stages import Stage
from runbook.core.words import Ended
from runbook.document.model import Option, Step


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
        proposals = yield from proposed(run, option, left)
        if not proposals:
            for step in left:
                if not run.changes(step):
                    yield from in_turn(run, option, step, partial(passed, run, option, step))
                judged(run, step)
            return
        attempt, worked = attempt + 1, run.worked
        grant: Grant = yield from approved(run, option, proposals, attempt, later, changed)
        yield from _looked_again(run)
        try:
            yield from _applied(run, option, left, grant)
        except Stale as stale:
            left, changed = stale.left, str(stale)
            moved = 1 if run.worked > worked and _repeats(run, left) else moved + 1
        else:
            return
    raise OptionEnded(Ended.STALE, f"the world moved {ROUNDS} times between plan and change: {changed}")


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


def _repeats(run: Run, left: Sequence[Step]) -> bool:
    return any(step.id in run.loops for step in left)


def _looked_again(run: Run) -> Flow:
    """Between the decision and the first change of the run, are the symptoms still there?"""
    if not run.changing:
        yield from symptoms.still_there(run)


def _applied(run: Run, option: Option, left: Sequence[Step], grant: Grant) -> Flow:
    """Apply what was approved, one by one and in order, with the reads that stand between."""
    for position, planned in enumerate(left):
        if planned.id in grant.proposals:
            yield from _list_again(run, option, left[position:])
        step = run.current(planned)
        if not run.changes(step):
            yield from in_turn(run, option, step, partial(passed, run, option, step))
        elif step.id in grant.proposals:
            yield from in_turn(run, option, step, partial(applied, run, option, step, grant, left[position:]))
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
    raise Stale((*loop.templates, *others), changed)
