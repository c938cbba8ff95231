"""How the ends of options make the outcome of a run. One table, total."""

from __future__ import annotations

from collections.abc import Sequence

from runbook.core.words import Ended, RunOutcome

_RANK = {
    Ended.BLOCKED: RunOutcome.BLOCKED,
    Ended.FAILED: RunOutcome.NOT_RESOLVED,
    Ended.STALE: RunOutcome.NOT_RESOLVED,
    Ended.DENIED: RunOutcome.DENIED,
    Ended.EXPIRED: RunOutcome.DENIED,
}


def conclude(ends: Sequence[Ended], *, applied: bool) -> RunOutcome:
    """The outcome of all options: what was done counts most, then what stood in the way.

    Something applied, or done by hand without helping → not_resolved; else any blocked → blocked; else any failed or
    stale → not_resolved; else any denied or expired → denied; else (skipped, nothing to do) not_resolved. `denied`
    pages nobody, so it is said only where people's no is all that stood in the way.
    """
    if Ended.RESOLVED in ends:
        return RunOutcome.RESOLVED
    if applied or Ended.NOT_HELPED in ends:
        return RunOutcome.NOT_RESOLVED
    for end, outcome in _RANK.items():
        if end in ends:
            return outcome
    return RunOutcome.NOT_RESOLVED
