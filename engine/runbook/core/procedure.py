"""The runbook, interpreted: this is the whole of what a run does, in the order in which it does it.

A generator of commands. It never does anything, never looks at a clock, and gives the same commands for the same
records, always. Start here; every phase is a module beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from runbook.core import communication, follow_ups, symptoms
from runbook.core.commands import Aborted, Flow, Together
from runbook.core.context import Run, RunEnded
from runbook.core.handing_over import Continued, handed_over
from runbook.core.options import offered, tried
from runbook.core.outcomes import conclude
from runbook.core.repeating import probed
from runbook.core.situation import Situation
from runbook.core.stages import needs
from runbook.core.words import Ended, Mode, RunOutcome, StepStatus
from runbook.document.model import EvidencePlan, Option, Runbook, Step
from runbook.document.spec import Specs

PROCEDURE = 1  # raised whenever a journal of a released version would diverge
FRESH = 15 * 60.0  # seconds for which symptoms and triage may be relied on

_PAGED = (RunOutcome.NOT_RESOLVED, RunOutcome.BLOCKED)


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run: the outcome, the option that resolved it, why it ended so, and what goes on from it."""

    outcome: RunOutcome
    option: str | None = None
    reason: str | None = None
    doubts: tuple[str, ...] = ()
    follow_ups: int = 0  # how much it left that is temporary
    continued: Continued | None = None


def procedure(
    book: Runbook,
    specs: Specs,
    evidence: EvidencePlan | None = None,
    others: Mapping[str, Runbook] | None = None,
) -> Callable[[Situation], Flow]:
    """The procedure of a runbook, ready for a `Machine`."""
    return lambda situation: interpreted(Run(book, situation, specs, evidence, others))


def interpreted(run: Run) -> Flow:
    """A whole run; gives `Finished`."""
    doubts: tuple[str, ...] = ()
    reason: str | None = None
    try:
        run.outcome = yield from _work(run)
    except RunEnded as end:
        run.outcome, reason = end.outcome, end.reason
    except Aborted as aborted:
        doubts = aborted.doubts
        run.outcome = RunOutcome.IN_DOUBT if doubts else RunOutcome.ABORTED
    run.situation.closing = True
    due = yield from follow_ups.noted(run)
    yield from _closed(run, run.outcome)
    option = run.option if run.outcome is RunOutcome.RESOLVED else None
    ended = Finished(outcome=run.outcome, option=option, reason=reason, doubts=doubts, follow_ups=due)
    over = run.continued if run.outcome is RunOutcome.CONTINUED else None
    return msgspec.structs.replace(ended, continued=over)


def _work(run: Run) -> Flow:
    yield from symptoms.confirmed(run)
    run.working = True
    yield from communication.begun(run)
    yield from triage(run)
    for option in chosen(run):
        yield from _refreshed(run)
        if not (yield from offered(run, option)):
            run.ends.append(Ended.SKIPPED)
            continue
        if option.continue_with is not None:
            run.continued = yield from handed_over(run, option, option.continue_with)
            if run.continued is not None:
                return RunOutcome.CONTINUED
            run.ends.append(Ended.FAILED)
            continue
        run.ends.append((yield from tried(run, option)))
        if run.ends[-1] is Ended.RESOLVED:
            break
    if not run.book.resolution:
        return RunOutcome.NOT_RESOLVED
    return conclude(run.ends, applied=run.changing)


def chosen(run: Run) -> list[Option]:
    """The options to try: all in the runbook's order, or those that the operator named, in that order."""
    options = {option.id: option for option in run.book.resolution}
    wanted = run.situation.only or tuple(options)
    return [options[id_] for id_ in wanted if id_ in options and id_ not in run.situation.skip]


def triage(run: Run) -> Flow:
    """All triage probes in parallel; each starts as soon as those that it names have ended."""
    run.seen_at = run.now
    siblings = frozenset(step.id for step in run.book.triage)
    branches = {step.id: (needs(step, siblings), partial(_probed, run, step)) for step in run.book.triage}
    yield Together(branches)


def _probed(run: Run, step: Step) -> Flow:
    path = f"triage/{step.id}"
    if run.situation.mode is Mode.DRY and not run.reads(step):
        yield from run.left_out(path, step, StepStatus.SKIPPED, "a dry run only reads")
    else:
        yield from probed(run, path, step, "triage")


def _refreshed(run: Run) -> Flow:
    """Facts age: when they are too old at the start of an option, symptoms and triage are observed anew."""
    if run.now - run.seen_at <= FRESH:
        return
    if run.changing:
        yield from symptoms.look(run, again=True)
    else:
        yield from symptoms.still_there(run)
    yield from triage(run)


def _closed(run: Run, outcome: RunOutcome) -> Flow:
    """The end of every run: page who must take over, tell who was told, and the steps that always run."""
    if (run.working and outcome in _PAGED) or (outcome is RunOutcome.UNDETERMINED and run.situation.mode is Mode.AUTO):
        yield from run.page(f"outcome {outcome}")
    yield from communication.ended(run, outcome)
    if not run.working:
        return
    for step in run.book.finally_:
        path = f"finally/{step.id}"
        if (yield from run.wanted(path, step)):
            yield from run.perform(path, step, "finally")
