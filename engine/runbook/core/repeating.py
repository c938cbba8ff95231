"""Going through a loop: its list is made, looked at again before the first change, and taken item by item, in order.

    listed → [planned and approved like any steps] → the list once more → a → between → b → between → c

A list that cannot be gone through ends the option before anything of it is done. What an item's failure means to the
others is the loop's to say (`on_failure` of `for_each`), what the loop's means to the option is the step's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from runbook.core.bindings import meant
from runbook.core.commands import Flow, Thunk
from runbook.core.context import OptionEnded, Run, RunEnded
from runbook.core.loops import Loop, LoopError, Turn, difference, listed_from, turns
from runbook.core.meaning import read
from runbook.core.words import Ended, Mode, RunOutcome, StepStatus, Verdict
from runbook.document.expressions import Unknown, parse
from runbook.document.model import ForEach, Option, Step
from runbook.document.words import StepOnFailure

EMPTY = "nothing to do: 'items' is an empty list"


class Relisted(Exception):
    """The list of an option is another one than was approved; nothing of it was applied."""


# --- the list -----------------------------------------------------------------------------------------------------


def listed(run: Run, path: str, step: Step) -> Flow:
    """The loop of a repeated step; None where it is left out. OptionEnded without a usable list."""
    assert step.for_each is not None  # noqa: S101 - the caller looked
    of_the_whole = step.when and step.for_each.as_ not in {name for name, *_ in parse(step.when).references}
    if of_the_whole and not (yield from run.wanted(path, step)):
        return None
    try:
        found = _found(run, step.id, step.for_each, step)
    except OptionEnded as end:
        why = str(end.reason).removeprefix(f"{step.id}: ")
        yield from run.left_out(path, step, StepStatus.FAILED, why)
        raise
    if not found:
        yield from run.left_out(path, step, StepStatus.SKIPPED, EMPTY)
        run.facts.repeat(step.id, ())
        return None
    lenient = step.on_failure is StepOnFailure.CONTINUE
    return _begun(run, Loop(step.id, step.for_each, found, [step], lenient))


def steps_of(run: Run, option: Option) -> tuple[Step, ...]:
    """The steps of an option, once for each item where the option is repeated; OptionEnded without a usable list."""
    if option.for_each is None:
        return option.steps
    found = _found(run, option.id, option.for_each, None)
    if not found:
        raise OptionEnded(Ended.NOTHING_TO_DO, EMPTY)
    return _begun(run, Loop(option.id, option.for_each, found, option.steps, lenient=False)).all


def foreseen(run: Run, option: Option) -> list[Step]:
    """The steps of an option as they would be repeated; as they are written where their lists are not known yet."""
    steps: list[Step] = []
    whole = (
        Loop(option.id, option.for_each, _known(run, option.for_each, None), option.steps, lenient=False)
        if option.for_each
        else None
    )
    for step in option.steps if whole is None else whole.all or option.steps:
        if step.for_each is None:
            steps.append(step)
            continue
        loop = Loop(step.id, step.for_each, _known(run, step.for_each, step), [step], lenient=False)
        steps += loop.all or [step]
    return steps


def _known(run: Run, loop: ForEach, step: Step | None) -> tuple[Turn, ...]:
    try:
        return turns(loop, run.scope(step))
    except (Unknown, LoopError):
        return ()


def _found(run: Run, id_: str, loop: ForEach, step: Step | None) -> tuple[Turn, ...]:
    try:
        return turns(loop, run.scope(step))
    except Unknown as unknown:
        run.auto = False
        raise OptionEnded(Ended.FAILED, f"{id_}: cannot tell its items: {unknown.reason}", unknown=True) from None
    except LoopError as error:
        raise OptionEnded(Ended.FAILED, f"{id_}: {error}") from None


def _begun(run: Run, loop: Loop) -> Loop:
    for step in loop.templates:
        run.facts.repeat(step.id, loop.keys)
    run.loops |= dict.fromkeys(loop.steps, loop)
    return loop


def listed_again(run: Run, option: Option, step: Step) -> Flow:
    """Before the first change of a loop: observe what its list is made from, and make it again.

    Gives what is different, in words, or None: then the items are taken as they are now.
    """
    loop = run.loops.get(step.id)
    if loop is None or loop.sent:
        return None
    whole = loop.templates[0] if loop.own else None
    paths = meant(listed_from(loop.of), whole.local if whole else None)
    named = {path[1] for path in paths if path[0] == "steps" and len(path) > 1}
    yield from _read_again(run, "triage", [read for read in run.book.triage if read.id in named])
    yield from _read_again(run, f"resolution/{option.id}", [read for read in option.steps if read.id in named])
    found = _found(run, loop.id, loop.of, whole)
    changed = difference(loop.keys, [turn.key for turn in found])
    if not changed:
        loop.renew(found)
    return changed or None


def _read_again(run: Run, under: str, steps: Iterable[Step]) -> Flow:
    for step in steps:
        if run.reads(step):
            yield from probed(run, f"{under}/{step.id}", step, under.partition("/")[0])


# --- item by item -------------------------------------------------------------------------------------------------


def probed(run: Run, path: str, step: Step, phase: str) -> Flow:
    """Perform a step that changes nothing, once for each of its items, and read what it means; it ends nothing."""
    for id_ in [id_ for id_ in run.findings if id_ == step.id or _of(run, id_) == step.id]:
        del run.findings[id_]
    if step.for_each is None:
        if (yield from run.wanted(path, step)):
            yield from run.perform(path, step, phase)
            yield from read(run, path, step)
        return
    try:
        loop: Loop | None = yield from listed(run, path, step)
    except OptionEnded:
        return  # noted by then
    for one in loop.all if loop else ():
        yield from probed(run, f"{path.rpartition('/')[0]}/{one.id}", one, phase)


def _of(run: Run, id_: str) -> str | None:
    """The loop that a repeated step belongs to."""
    return run.loops[id_].id if id_ in run.loops else None


def passed(run: Run, option: Option, step: Step, path: str | None = None) -> Flow:
    """A step of an option that changes nothing: a probe that does not pass ends the option, or its item."""
    path = path or f"resolution/{option.id}/{step.id}"
    if step.for_each is not None:
        loop: Loop | None = yield from listed(run, path, step)
        for one in loop.all if loop else ():
            yield from in_turn(run, option, one, partial(passed, run, option, one))
            judged(run, one)
        return
    if not (yield from run.wanted(path, step)):
        return
    verdict = yield from run.perform(path, step, "resolution")
    if verdict is Verdict.PASS or step.on_failure is StepOnFailure.CONTINUE:
        return
    if verdict is Verdict.UNKNOWN and run.situation.mode is Mode.AUTO:
        raise RunEnded(RunOutcome.UNDETERMINED, f"{step.id} is unknown, and nobody acts on that")
    raise OptionEnded(Ended.FAILED, f"{step.id}: {verdict}", unknown=verdict is Verdict.UNKNOWN)


def in_turn(run: Run, option: Option, step: Step, flow: Thunk) -> Flow:
    """One step in its place. Of a loop: after what stands between its items, and unless its item is over already."""
    loop = run.loops.get(step.id)
    if loop is None:
        yield from flow()
        return
    over = loop.over(step.id) or (yield from _looked_between(run, option, loop, loop.key_of(step.id)))
    if over is not None:
        yield from run.left_out(f"resolution/{option.id}/{step.id}", step, StepStatus.SKIPPED, over)
        return
    worked = run.worked
    try:
        yield from flow()
    except OptionEnded as end:
        _entered(run, loop, step)
        if run.facts[step.id].status not in (StepStatus.SUCCEEDED, StepStatus.FAILED):
            run.facts.set(step.id, StepStatus.FAILED)
        if not loop.fails(loop.key_of(step.id), end.ended, end.unknown, str(end.reason)):
            raise
    else:
        if run.worked > worked or not run.changes(step):
            _entered(run, loop, step)


def _entered(run: Run, loop: Loop, step: Step) -> None:
    loop.sent |= run.changes(step)
    if loop.key_of(step.id) not in loop.entered:
        loop.entered.append(loop.key_of(step.id))


def _looked_between(run: Run, option: Option, loop: Loop, key: str) -> Flow:
    """Before the next item, what is looked at after the one before; gives why the loop stops, or None."""
    if not loop.entered or key in loop.entered:
        return None
    before = loop.entered[-1]
    under = f"resolution/{option.id}/{loop.id}[{before}]" if loop.own else f"resolution/{option.id}"
    for probe, written in zip(loop.between(before), loop.of.between, strict=True):
        try:
            yield from passed(run, option, probe, f"{under}/{written.id if loop.own else probe.id}")
        except OptionEnded as end:
            if not loop.stops(end.ended, end.unknown, str(end.reason)):
                raise
            return loop.stopped
        finally:
            run.facts.copy(probe.id, written.id)
    return None


def judged(run: Run, step: Step) -> None:
    """After the last step of a loop that is a step's own: items that failed fail the step, and so its option."""
    loop = run.loops.get(step.id)
    if loop is not None and loop.own and step.id == loop.last and not loop.lenient:
        all_passed(loop)


def all_passed(loop: Loop) -> None:
    """OptionEnded where an item of the loop failed."""
    if loop.failed:
        failed = f"{len(loop.failed)} of {len(loop.keys)} items failed"
        raise OptionEnded(Ended.FAILED, f"{loop.id}: {failed}: {', '.join(loop.failed)}")
