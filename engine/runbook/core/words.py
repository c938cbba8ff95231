"""The words for what happens in a run, as enums; the vocabulary of `docs/architecture.md`, used exactly."""

from __future__ import annotations

from enum import StrEnum

from runbook.errors import Exit


class Verdict(StrEnum):
    """What a check says. `unknown` is never healthy and never guessed."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


class Applied(StrEnum):
    """Whether a change reached the world."""

    NO = "no"
    YES = "yes"
    PARTLY = "partly"
    UNKNOWN = "unknown"

    @property
    def touched(self) -> bool:
        """True where there is something to verify or undo."""
        return self in (Applied.YES, Applied.PARTLY)


class Mode(StrEnum):
    """Who decides in a run."""

    BY_HAND = "by_hand"  # people answer gates and questions
    AUTO = "auto"  # the policy may grant gates, nobody answers questions
    DRY = "dry"  # every option is planned, nothing is changed or sent


class Answer(StrEnum):
    """How a gate was decided."""

    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


class Status(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


class StepStatus(StrEnum):
    """Where a step is. `core/steps.py` has the table of transitions."""

    PENDING = "pending"
    PLANNED = "planned"
    WAITING = "waiting"
    APPROVED = "approved"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    DENIED = "denied"
    IN_DOUBT = "in_doubt"
    UNDONE = "undone"


class RunOutcome(StrEnum):
    """What came of a run."""

    RESOLVED = "resolved"
    NOT_NEEDED = "not_needed"
    PLANNED = "planned"
    UNDETERMINED = "undetermined"
    NOT_RESOLVED = "not_resolved"
    DENIED = "denied"
    ABORTED = "aborted"
    BLOCKED = "blocked"
    IN_DOUBT = "in_doubt"
    CONTINUED = "continued"  # another run goes on with another runbook; what came of it all is said there

    @property
    def exit(self) -> Exit:
        """The exit code of a command that ends with this outcome."""
        return _EXITS[self]


_EXITS = {
    RunOutcome.RESOLVED: Exit.OK,
    RunOutcome.NOT_NEEDED: Exit.OK,
    RunOutcome.PLANNED: Exit.OK,
    RunOutcome.UNDETERMINED: Exit.UNDETERMINED,
    RunOutcome.NOT_RESOLVED: Exit.NOT_RESOLVED,
    RunOutcome.DENIED: Exit.REFUSED,
    RunOutcome.ABORTED: Exit.REFUSED,
    RunOutcome.BLOCKED: Exit.BLOCKED,
    RunOutcome.IN_DOUBT: Exit.IN_DOUBT,
    RunOutcome.CONTINUED: Exit.WAITING,  # only while the run that follows has not been started
}


class Ended(StrEnum):
    """How one option ended; `core/outcomes.py` makes a run's outcome of them."""

    RESOLVED = "resolved"
    NOT_HELPED = "not_helped"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTHING_TO_DO = "nothing_to_do"
    STALE = "stale"
    DENIED = "denied"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    PLANNED = "planned"
    CONTINUED = "continued"
