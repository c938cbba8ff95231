"""What a run's history is made of: its steps, gates, questions, options, changes and follow-ups as facts.

Times are seconds since the epoch. Filled in by the fold of `runbook.core.history`, and read by everything that shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runbook.core.advice import Advice
from runbook.core.canonical import digest
from runbook.core.changes import Change, Outcome
from runbook.core.dropped import Tombstone
from runbook.core.gates import Vote
from runbook.core.steps import TRANSITIONS
from runbook.core.terms import Terms
from runbook.core.words import StepStatus
from runbook.document.typed import converted


class Row(msgspec.Struct, kw_only=True):
    """One step, its newest try. `path` is its address; times are seconds since the epoch.

    `arrived` is the verdict of the last look whether an accepted change has taken effect; None before it.
    """

    path: str
    id: str
    phase: str = ""
    kind: str | None = None
    effect: str | None = None
    title: str | None = None
    key: str | None = None
    status: StepStatus = StepStatus.PENDING
    applied: str | None = None
    verdict: str | None = None
    tries: int = 0
    rounds: int = 0
    started: float | None = None
    finished: float | None = None
    output: Mapping[str, Any] = {}
    change: Change | None = None
    digest: str | None = None
    reason: str | None = None
    error: Mapping[str, Any] | None = None
    waits_for: tuple[str, ...] = ()
    exact: bool = True
    attested: bool = False
    arrived: str | None = None

    def become(self, event: str) -> None:
        """Follow the table of transitions; what it does not know leaves the status as it is."""
        self.status = TRANSITIONS[self.status].get(event, self.status)


class GateView(msgspec.Struct, kw_only=True):
    """One gate, open or decided."""

    key: str
    option: str
    digest: str
    terms: Terms
    deadline: float
    attempt: int
    opened: float
    changes: tuple[Mapping[str, Any], ...] = ()
    frozen: str | None = None
    changed: str | None = None
    later: tuple[str, ...] = ()
    proves_nothing: tuple[str, ...] = ()
    caution: str | None = None
    advice: Advice = Advice()
    elsewhere: tuple[str, ...] = ()
    votes: list[Vote] = []
    decision: Mapping[str, Any] | None = None
    decided: float | None = None

    @property
    def cautions(self) -> list[str]:
        """Every caution that stands at it: the runbook's, the option's, its steps'."""
        said = [self.caution, self.advice.caution, *(advised(one).caution for one in self.changes)]
        return [caution for caution in said if caution]

    def is_of(self, plans: Sequence[Change | None]) -> bool:
        """Whether its digest is that of these plans, one for each of its changes: whoever says yes signs the digest."""
        newest: dict[str, str] = {}
        found = []
        for change in plans:
            if change is None:
                return False
            lock = change.target.lock
            newest[lock] = msgspec.structs.replace(change, after=newest.get(lock)).digest
            found.append(newest[lock])
        return digest(found) == self.digest


class QuestionView(msgspec.Struct, kw_only=True):
    """One question, open or answered."""

    key: str
    id: str | None
    purpose: str
    question: str
    choices: tuple[str, ...]
    type: str
    deadline: float | None
    opened: float
    advice: Advice = Advice()
    answer: Mapping[str, Any] | None = None


class OptionView(msgspec.Struct, kw_only=True):
    """How one option went."""

    id: str
    ended: str | None = None
    reason: str | None = None
    when: str | None = None
    cautions: tuple[str, ...] = ()
    step_cautions: Mapping[str, str] = {}
    continues: Mapping[str, Any] | None = None


class AppliedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that reached the world, newest last; `undone` once its undo did.

    `lost` is what was dropped of its record and an undo would need; None while nothing is.
    """

    key: str
    path: str
    id: str
    change: Change
    outcome: Outcome
    at: float
    undone: bool = False
    lost: Tombstone | None = None


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """What an option changed for a while only. Times are seconds since the epoch; `undo` is a command.

    `closed` says who settled it otherwise: `by`, `at` and `reason`.
    """

    option: str
    changes: tuple[Mapping[str, Any], ...]
    since: float
    due: float
    undo: str | None = None
    closed: Mapping[str, Any] | None = None


def advised(data: Mapping[str, Any]) -> Advice:
    """What an author says beside something, where a record says it."""
    return converted(data["advice"], Advice) if data.get("advice") else Advice()
