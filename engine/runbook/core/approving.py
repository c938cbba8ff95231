"""The gate of a stage: opened for what was planned, and what its yes lets be sent.

A gate that does not open ends its option. Evidence is begun when it opens, and is complete before the yes is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from runbook.core import gathering, verification
from runbook.core.advice import advice_of, cautioned
from runbook.core.commands import Approve, Flow, Proposal
from runbook.core.context import OptionEnded, Run
from runbook.core.results import Decision
from runbook.core.words import Answer, Ended, StepStatus
from runbook.document.model import Option
from runbook.document.words import Verb

_TURNED_DOWN = {
    Answer.DENIED: Ended.DENIED,
    Answer.EXPIRED: Ended.EXPIRED,
    Answer.SKIPPED: Ended.SKIPPED,
    Answer.BLOCKED: Ended.BLOCKED,
}


class Grant(NamedTuple):
    """A yes: to which changes, by the ids of their steps, until when, and the key of the decision that says so."""

    key: str
    until: float
    proposals: Mapping[str, Proposal]

    @property
    def hold(self) -> tuple[str, ...]:
        """The locks of all targets, in the order in which everybody takes them."""
        return tuple(sorted({proposal.change.target.lock for proposal in self.proposals.values()}))


def approved(
    run: Run,
    option: Option,
    proposals: Mapping[str, Proposal],
    attempt: int,
    later: tuple[str, ...],
    changed: str | None,
) -> Flow:
    """Open the gate; gives the `Grant`, or ends the option.

    `attempt` counts how often the stage was asked for, `changed` says what is different since the last time, `later`
    which changes will be asked for afterwards.
    """
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
    return Grant(key, decision.until, proposals)


def _turned_down(run: Run, decision: Decision) -> Flow:
    """A gate that did not open ends its option; the first that expires pages the escalation beside the run."""
    if decision.verdict is not Answer.BLOCKED:
        run.auto = False
    if decision.verdict is Answer.EXPIRED:
        yield from run.page("nobody decided")
    raise OptionEnded(_TURNED_DOWN[decision.verdict], decision.reason)
