"""What the policy itself may say yes to in `--auto`, and the brakes that keep a loop from running for ever.

The policy is an approver like any other, named in its decision by the digest of its bytes. A gate that it
does not grant is not denied: it asks people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from runbook.core.words import RunOutcome
from runbook.document.durations import spoken
from runbook.document.model import Policy
from runbook.document.words import Effect


class PastRun(NamedTuple):
    """A run of the same runbook on the same target: when it ended (epoch seconds), and what came of it.

    `outcome` is None for a run that is still open; `ended_at` is then the time of its last record.
    """

    ended_at: float
    applied: bool
    outcome: RunOutcome | None


def policy_digest(data: bytes) -> str:
    """What names a policy in the decisions that it makes: SHA-256 of the document's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def grants(
    policy: Policy | None, runbook: str, effects: Iterable[Effect], required: int, option_auto: bool
) -> str | None:
    """None when the policy says yes to a gate over changes of these effects; else why it does not.

    `required` is that of the gate's terms, `option_auto` the option's `auto`.
    """
    if policy is None:
        return "there is no policy that could say yes"
    if policy.auto is None or runbook not in policy.auto.runbooks:
        return f"the policy's `auto.runbooks` does not name {runbook}"
    if not option_auto:
        return "the option says `auto: false`"
    for effect in effects:
        if effect is Effect.DESTRUCTIVE:
            return "a destructive change always needs a person"
        if effect not in policy.auto.effects:
            return f"the policy's `auto.effects` does not name {effect}"
    if required > 1:
        return f"the gate asks for {required} people"
    return None


def brake(policy: Policy, history: Iterable[PastRun], at: float) -> str | None:
    """Why the policy holds still at an instant (`at`, epoch seconds); None when it need not.

    Only runs that applied something count, whoever approved them.
    """
    if policy.auto is None:
        return None
    counted = sorted((run for run in history if run.applied), key=lambda run: run.ended_at)
    return _cooldown(policy.auto.cooldown, counted, at) or _too_many(policy, counted, at)


def _cooldown(cooldown: float, counted: list[PastRun], at: float) -> str | None:
    if not counted or at >= counted[-1].ended_at + cooldown:
        return None
    ended = counted[-1].ended_at
    return (
        f"cooldown of {spoken(cooldown)}: the last run that changed something here ended "
        f"{spoken(max(0.0, at - ended))} ago; {spoken(ended + cooldown - at)} to go"
    )


def _too_many(policy: Policy, counted: list[PastRun], at: float) -> str | None:
    limit = policy.auto.max_runs if policy.auto else None
    if limit is None:
        return None
    recent = [run for run in counted if run.ended_at > at - limit.per]
    if len(recent) < limit.count:
        return None
    failed = sum(run.outcome is not RunOutcome.RESOLVED for run in recent)
    runs = "run" if limit.count == 1 else "runs"
    return (
        f"at most {limit.count} {runs} in {spoken(limit.per)}: {len(recent)} changed something here, "
        f"{failed} of them did not resolve it"
    )
