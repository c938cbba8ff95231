"""One option, tried: whether it applies, its stages, the time to settle, whether it helped.

    offered → for each stage: planned → approved → applied → settled → verified

Everything that ends an option early raises `OptionEnded`; what was applied until then follows `on_failure`.
"""

from __future__ import annotations

from runbook.core.applying import stage_done
from runbook.core.changing import ROUNDS
from runbook.core.commands import Ask, Flow, Wait
from runbook.core.context import OptionEnded, Run, RunEnded
from runbook.core.repeating import Relisted, all_passed, steps_of
from runbook.core.results import Given
from runbook.core.stages import stages
from runbook.core.undoing import UndoFailed, undone
from runbook.core.verdicts import truth
from runbook.core.verification import verified
from runbook.core.words import Ended, Mode, RunOutcome, StepStatus, Verdict
from runbook.document.model import Option
from runbook.document.words import NotHelped, OnFailure, Verb


def offered(run: Run, option: Option) -> Flow:
    """Whether the option is tried. What cannot be told is offered to a person; `auto` stops there."""
    path = f"resolution/{option.id}"
    verdict, reason = truth(option.when, run.scope())
    if verdict is Verdict.UNKNOWN:
        if run.situation.mode is Mode.AUTO:
            raise RunEnded(RunOutcome.UNDETERMINED, f"cannot tell whether {option.id} applies: {reason}")
        given: Given = yield Ask(
            key=run.key(path, Verb.ASK),
            path=path,
            title=option.title,
            purpose="when",
            question=f"{_pointed(run, option)}Cannot tell whether this applies ({reason}). Try it?",
            choices=("try", "skip"),
        )
        if given.value != "try":
            verdict, reason = Verdict.FAIL, f"cannot tell: {reason}"
    if verdict is Verdict.FAIL:
        yield from run.note(path, "option", option=option.id, ended=str(Ended.SKIPPED), reason=reason)
        return False
    return True


def _pointed(run: Run, option: Option) -> str:
    steps = run.pointed_by(option.id)
    return f"Pointed to by {', '.join(steps)}. " if steps else ""


def tried(run: Run, option: Option) -> Flow:
    """Try one option; gives how it ended. Raises RunEnded where no further option may be tried."""
    path = f"resolution/{option.id}"
    run.option = option.id
    before = len(run.done)
    try:
        ended, reason = (yield from _worked(run, option)), None
        undo = ended is Ended.NOT_HELPED and option.when_not_helped is NotHelped.UNDO
    except OptionEnded as end:
        ended, reason = end.ended, end.reason
        failed = ended in (Ended.FAILED, Ended.STALE) and not end.unknown
        undo = failed and option.on_failure is OnFailure.UNDO
    yield from run.note(path, "option", option=option.id, ended=str(ended), reason=reason)
    if undo:
        yield from _taken_back(run, option, before)
    run.option = option.id if ended is Ended.RESOLVED else None
    return ended


def _worked(run: Run, option: Option) -> Flow:
    """Go through the stages, let things settle, verify."""
    worked = run.worked
    yield from _all_stages(run, option)
    if run.worked == worked:
        changes = [run.facts[step.id].status for step in option.steps if run.changes(step)]
        return Ended.FAILED if StepStatus.FAILED in changes else Ended.NOTHING_TO_DO
    path = f"resolution/{option.id}"
    if option.settle:
        yield Wait(key=run.key(f"{path}/settle", Verb.WAIT), path=f"{path}/settle", until=run.now + option.settle)
    verdict = yield from verified(run, option.id)
    return Ended.RESOLVED if verdict is Verdict.PASS else Ended.NOT_HELPED


def _all_stages(run: Run, option: Option) -> Flow:
    """Stage after stage; all of them anew where the option's list is another one than the people saw."""
    changed: str | None = None
    for asked in range(ROUNDS):
        steps = steps_of(run, option)
        cut = stages(steps, run.changes)
        try:
            for number, stage in enumerate(cut, 1):
                later = tuple(step.id for further in cut[number:] for step in further.body if run.changes(step))
                yield from stage_done(run, option, stage, later, *((asked, changed) if number == 1 else ()))
        except Relisted as relisted:
            changed = str(relisted)
            continue
        if option.for_each is not None:
            all_passed(run.loops[steps[0].id])
        return
    raise OptionEnded(Ended.STALE, f"the list changed {ROUNDS} times between plan and change: {changed}")


def _taken_back(run: Run, option: Option, before: int) -> Flow:
    """Undo what this option applied, newest first."""
    mine = run.done[before:]
    try:
        for done in reversed(mine):
            yield from undone(run, done, option)
            run.done.remove(done)
    except UndoFailed as failed:
        raise RunEnded(RunOutcome.NOT_RESOLVED, f"taking back {failed.path} did not work: {failed}") from None
