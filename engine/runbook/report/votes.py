"""Whether a vote counts, as far as the record tells: a yes that does not is said where it is shown."""

from __future__ import annotations

from collections.abc import Collection

from runbook.core.gates import Vote
from runbook.core.terms import Terms
from runbook.core.views import GateView
from runbook.policy.rights import may_approve


def uncounted(vote: Vote, gate: GateView, initiators: Collection[str]) -> str | None:
    """Why a yes does not count at this gate; None where it does, and for every other word."""
    if vote.at > gate.deadline:
        return "the gate's deadline had passed"
    return not_enough(vote, gate.terms, gate.digest, initiators)


def not_enough(vote: Vote, terms: Terms, digest: str, initiators: Collection[str]) -> str | None:
    """The same without regard to time."""
    if vote.refused is not None:
        return vote.refused
    if vote.verdict != "grant" or vote.break_glass:
        return None
    if vote.digest != digest:
        return "it was said to another plan"
    why = may_approve(vote.by, terms, initiators, vote.via)
    if why is None and terms.reason_required and not (vote.reason or "").strip():
        return "this gate asks for a reason"
    return why
