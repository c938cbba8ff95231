"""A probe that is observed again until it passes, or its time is over: `until`, wherever a step may stand.

Each look is an observation with a number of its own, the waits between are commands, and the last verdict counts. An
engine that was away pauses `within`. A dry run looks once.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.core.commands import Flow, Observe, Wait
from runbook.core.results import Observed
from runbook.core.words import Mode, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Step
from runbook.document.words import Verb

if TYPE_CHECKING:
    from runbook.core.context import Run


class Look(NamedTuple):
    """One of several looks: its number from 1, when the time is over, when the next is due (seconds of the epoch)."""

    number: int
    until: float
    again: float


def observed(run: Run, path: str, step: Step, phase: str) -> Flow:
    """Observe a step, again and again where it says `until`; gives the last `Observed`."""
    until = step.until
    if until is None or run.situation.mode is Mode.DRY or not _can_be_asked(run, step):
        return (yield from run.observe(path, step, phase))
    limit = run.now + until.within - run.situation.away  # time without a runner does not count
    for number in count(1):
        look = Look(number, limit + run.situation.away, run.now + until.every)
        seen: Observed = yield from run.observe(path, step, phase, look=look)
        due = max(look.again, run.now)  # looks never overlap
        if seen.verdict is Verdict.PASS or due > limit + run.situation.away:
            run.saw(seen.verdict)
            return seen
        yield Wait(key=run.key(path, Verb.WAIT), path=path, title=step.title, id=step.id, phase=phase, until=due)
    raise AssertionError("counting never ends")


def _can_be_asked(run: Run, step: Step) -> bool:
    """Whether the step's inputs are known: what they come from does not change between two looks."""
    try:
        run.rendered(step)
    except Unknown:
        return False
    return True


def told(command: Observe, verdict: Verdict | None, at: float) -> dict[str, Any]:
    """What the record of a look says about the next: until when there is one, and when; null when there is none."""
    if command.until is None or command.again is None:
        return {}
    due = max(command.again, at)
    return {"until": command.until, "again": None if verdict is Verdict.PASS or due > command.until else due}
