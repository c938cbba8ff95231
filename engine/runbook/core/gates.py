"""How a gate is decided: a pure fold over votes. One denial wins at once; a deadline ends in denial, never in a yes.

A vote counts if its record's time is at or before the deadline, whether or not a runner was alive. Who may vote was
judged when the vote was given and is judged again here, by today's policy, through `may`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from runbook.core.results import Decision
from runbook.core.terms import Terms
from runbook.core.words import Answer

SHORTEST_DIGEST = 12  # hexadecimal digits that tell one gate digest from another, where somebody types them


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """One person's word at one gate. `digest` is the gate digest that they were shown; `at` is the record's time.

    verdict: `grant`, `deny` (an approver, with a reason) or `skip` (the initiator, without).
    """

    verdict: str
    by: str
    digest: str
    at: float
    seq: int = -1
    reason: str | None = None
    via: str = "os"
    break_glass: bool = False
    refused: str | None = None  # why its runner has not counted it, for want of a signature


May = Callable[[Vote], str | None]


def decide(
    terms: Terms, votes: Sequence[Vote], digest: str, deadline: float, now: float, may: May, initiators: Collection[str]
) -> Decision | None:
    """The decision, or None while the gate stays open. `may` says why a vote does not count, or None."""
    counted = [vote for vote in votes if vote.at <= deadline and vote.digest == digest and may(vote) is None]
    for vote in counted:
        if vote.verdict == "deny":
            return Decision(verdict=Answer.DENIED, by=(vote.by,), reason=vote.reason)
        if vote.verdict == "skip":
            return Decision(verdict=Answer.SKIPPED, by=(vote.by,), reason=vote.reason or "skipped by the initiator")
    grants: dict[str, Vote] = {}
    for vote in counted:
        if vote.verdict != "grant":
            continue
        grants[vote.by] = vote
        if vote.break_glass or terms.met_by(frozenset(grants), initiators):
            return _granted(grants, vote.at + terms.timeout, vote.break_glass)
    if now > deadline:
        given = f"{len(grants)} of {terms.required} said yes" if grants else "nobody decided"
        return Decision(verdict=Answer.EXPIRED, by=tuple(sorted(grants)), reason=f"{given} in time")
    return None


def _granted(grants: dict[str, Vote], until: float, break_glass: bool) -> Decision:
    reasons = [vote.reason for vote in grants.values() if vote.reason]
    return Decision(
        verdict=Answer.GRANTED,
        by=tuple(sorted(grants)),
        reason="; ".join(reasons) or None,
        until=until,
        break_glass=break_glass,
    )
