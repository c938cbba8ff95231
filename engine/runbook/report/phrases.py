"""The words of reports: marks for statuses and verdicts, sentences for outcomes. Calm, and the same everywhere.

A mark never stands without its word: marks and colours are for the eye, words are for everybody.
"""

from __future__ import annotations

from typing import NamedTuple

from runbook.core.words import Ended, RunOutcome, StepStatus, Verdict
from runbook.document.words import Effect


class Mark(NamedTuple):
    """How a state looks: a character, the role of its colour, the word."""

    sign: str
    role: str
    word: str


STATUS: dict[StepStatus, Mark] = {
    StepStatus.PENDING: Mark("·", "dim", "pending"),
    StepStatus.PLANNED: Mark("○", "plain", "planned"),
    StepStatus.WAITING: Mark("◌", "warn", "waiting"),
    StepStatus.APPROVED: Mark("●", "plain", "approved"),
    StepStatus.STARTED: Mark("▸", "busy", "started"),
    StepStatus.SUCCEEDED: Mark("✓", "good", "succeeded"),
    StepStatus.FAILED: Mark("✗", "bad", "failed"),
    StepStatus.SKIPPED: Mark("-", "dim", "skipped"),
    StepStatus.DENIED: Mark("✗", "warn", "denied"),
    StepStatus.IN_DOUBT: Mark("?", "danger", "in doubt"),
    StepStatus.UNDONE: Mark("↶", "plain", "undone"),
}

VERDICT: dict[Verdict | None, Mark] = {
    Verdict.PASS: Mark("✓", "good", "pass"),
    Verdict.FAIL: Mark("✗", "bad", "fail"),
    Verdict.UNKNOWN: Mark("?", "warn", "unknown"),
    None: Mark("·", "plain", "seen"),
}

# A symptom that passes is bad news: the trouble is there.
SYMPTOM: dict[Verdict | None, Mark] = {
    Verdict.PASS: Mark("!", "bad", "is there"),
    Verdict.FAIL: Mark("·", "plain", "not there"),
    Verdict.UNKNOWN: Mark("?", "warn", "unknown"),
    None: Mark("?", "warn", "unknown"),
}

NOT_READ = Mark("?", "warn", "not read")


def seen_as(phase: str | None, verdict: Verdict | None, *, read: bool) -> Mark:
    """How an observation looks: a symptom that passes is bad news, and what could not be read is no answer."""
    if not read and verdict is None:
        return NOT_READ
    return (SYMPTOM if phase == "symptoms" else VERDICT)[verdict]


DELIVERY: dict[str, Mark] = {
    "sent": Mark("✓", "good", "sent"),
    "failed": Mark("✗", "bad", "not sent"),
    "unknown": Mark("?", "warn", "may be sent"),
    "sending": Mark("·", "plain", "being sent still"),
    "suppressed": Mark("·", "plain", "kept back"),
    "simulated": Mark("·", "plain", "not sent, this is a rehearsal"),
}

EFFECT: dict[Effect, Mark] = {
    Effect.READ: Mark("·", "plain", "only reads"),
    Effect.NOTIFY: Mark("·", "plain", "tells people"),
    Effect.CHANGE: Mark("○", "plain", "change"),
    Effect.DESTRUCTIVE: Mark("!", "danger", "DESTRUCTIVE: what is lost cannot be brought back by an undo"),
}

ENDED: dict[str, str] = {
    Ended.RESOLVED: "resolved it",
    Ended.NOT_HELPED: "did not help",
    Ended.FAILED: "could not be carried out",
    Ended.SKIPPED: "skipped",
    Ended.NOTHING_TO_DO: "nothing to do",
    Ended.STALE: "given up: the world kept changing under the plan",
    Ended.DENIED: "denied",
    Ended.EXPIRED: "nobody decided in time",
    Ended.BLOCKED: "blocked",
    Ended.PLANNED: "planned",
    Ended.CONTINUED: "chosen",
}

OUTCOME: dict[RunOutcome, Mark] = {
    RunOutcome.RESOLVED: Mark("✓", "good", "Resolved"),
    RunOutcome.NOT_NEEDED: Mark("✓", "good", "Not needed"),
    RunOutcome.PLANNED: Mark("✓", "good", "Planned"),
    RunOutcome.UNDETERMINED: Mark("?", "warn", "Undetermined"),
    RunOutcome.NOT_RESOLVED: Mark("✗", "bad", "Not resolved"),
    RunOutcome.DENIED: Mark("✗", "warn", "Denied"),
    RunOutcome.ABORTED: Mark("✗", "warn", "Aborted"),
    RunOutcome.BLOCKED: Mark("✗", "bad", "Blocked"),
    RunOutcome.IN_DOUBT: Mark("?", "danger", "In doubt"),
    RunOutcome.CONTINUED: Mark("→", "plain", "Continued"),
}

MEANING: dict[RunOutcome, str] = {
    RunOutcome.RESOLVED: "the trouble is over",
    RunOutcome.NOT_NEEDED: "the trouble is not there",
    RunOutcome.PLANNED: "nothing was changed or sent",
    RunOutcome.UNDETERMINED: "what must be known could not be seen, and nobody acts on a guess",
    RunOutcome.NOT_RESOLVED: "the runbook has nothing more to try; a person is needed",
    RunOutcome.DENIED: "no gate that was reached was opened",
    RunOutcome.ABORTED: "ended by a person; nothing further was started",
    RunOutcome.BLOCKED: "a change was due and may not be made now; a person is needed",
    RunOutcome.IN_DOUBT: "ended while it was not known whether a change had happened",
    RunOutcome.CONTINUED: "another runbook goes on from here",
}
