"""Who is told what, and when: messages at moments, updates beside the run, and the escalation's own clock."""

from __future__ import annotations

from functools import partial

from runbook.core.commands import Beside, Flow, Wait
from runbook.core.context import Run
from runbook.core.words import RunOutcome
from runbook.document.model import Escalation, Message
from runbook.document.words import Moment, Verb

# Trouble that went away before anything was done, or that another runbook goes on with, is neither resolved nor not
# resolved: the run is only finished.
_MOMENTS = {
    RunOutcome.RESOLVED: Moment.RESOLVED,
    RunOutcome.NOT_NEEDED: Moment.FINISHED,
    RunOutcome.CONTINUED: Moment.FINISHED,
}


def begun(run: Run) -> Flow:
    """The symptoms are confirmed: tell it, and start what goes on beside the run."""
    run.updates = {f"communication/{m.id}": run.now + m.every for m in run.book.communication if m.every}
    for message in run.book.communication:
        if message.at is Moment.START:
            yield from run.told(message)
        elif message.every is not None:
            yield Beside(f"communication/{message.id}", partial(_updates, run, message))
    escalation = run.book.escalation
    if escalation is not None and escalation.after is not None:
        yield Beside("escalation", partial(_overdue, run, escalation))


def _updates(run: Run, message: Message) -> Flow:
    """Every so often while the run is open. What was missed while nobody ran it is not sent later."""
    every = message.every or 0.0
    path = f"communication/{message.id}"
    due = run.now + every
    while True:
        yield Wait(key=run.key(path, Verb.WAIT), path=path, until=due)
        missed = due < run.situation.resumed
        while due <= run.now:
            due += every
        run.updates[path] = due
        if not missed:
            yield from run.told(message)


def _overdue(run: Run, escalation: Escalation) -> Flow:
    """After `after`, page; the run goes on."""
    after = escalation.after or 0.0
    yield Wait(key=run.key("escalation", Verb.WAIT), path="escalation", until=run.now + after)
    if not run.paged:
        yield from run.page("not resolved in time")


def ended(run: Run, outcome: RunOutcome) -> Flow:
    """The run is over: tell it. A run that told nobody that it began tells nobody that it ended."""
    if not run.working:
        return
    moments = {Moment.FINISHED, _MOMENTS.get(outcome, Moment.NOT_RESOLVED)}
    for message in run.book.communication:
        if message.at in moments:
            yield from run.told(message)
