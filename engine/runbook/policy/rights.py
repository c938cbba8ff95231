"""Who may do what. Every function answers None for yes, or the sentence that says why not.

Persons are names as `People` gives them. Nothing here records: a refused attempt is written down by who
asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from runbook.core.gates import Vote
from runbook.core.terms import Terms
from runbook.policy.people import UNLISTED, People


def may_run(people: People, person: str) -> str | None:
    """May they start, resume and abort runs? Where the policy has no `run`, everybody may."""
    if people.policy is None or people.policy.run is None:
        return None
    return _listed(people, person, people.policy.run.from_, "start, resume or abort runs")


def may_attest(people: People, person: str) -> str | None:
    """May they say what a check could not? Where the policy has no `attest`, whoever may run may."""
    if people.policy is None or people.policy.attest is None:
        return may_run(people, person)
    return _listed(people, person, people.policy.attest.from_, "attest a check")


def may_approve(person: str, terms: Terms, initiators: Collection[str], via: str = "os") -> str | None:
    """Does their yes count at a gate with these terms, given in this way (`os token oidc chat signature`)?"""
    why = _named(person, terms, initiators)
    if why is not None:
        return why
    if terms.exclude_initiator and person in initiators:
        return f"{person} started, resumed or settled this run, and this gate asks for somebody else"
    return _way(terms, via)


def may_deny(person: str, terms: Terms, initiators: Collection[str]) -> str | None:
    """May they say no? Whoever the gate names may, the initiator and every way of saying it included."""
    return _named(person, terms, initiators)


def may_break_glass(people: People, person: str, reason: str | None) -> str | None:
    """May they override a gate's number, its exclusion of the initiator, a freeze? Never without a reason."""
    if not (reason or "").strip():
        return "breaking the glass needs a reason"
    if people.policy is None:
        return None
    if people.policy.break_glass is None:
        return "the policy has no `break_glass`, so nobody may"
    return _listed(people, person, people.policy.break_glass.from_, "break the glass")


def may_settle(people: People, person: str, terms: Terms, initiators: Collection[str]) -> str | None:
    """May they say whether a doubtful change was applied? Who may approve it, by gate or by the glass."""
    why = may_approve(person, terms, initiators)
    if why is None or may_break_glass(people, person, "to settle") is None:
        return None
    return f"who settles a change must be somebody who may approve it: {why}"


def may_vote(people: People, vote: Vote, terms: Terms, initiators: Collection[str]) -> str | None:
    """Does this vote count, with its way and its reason, at a gate with these terms?

    Breaking the glass stands for number and exclusion, not for the way in which a yes must be given. Skipping is
    for whoever started the run, and needs no reason.
    """
    reason = (vote.reason or "").strip()
    if vote.verdict == "skip":
        return None if vote.by in initiators else f"{vote.by} did not start or resume this run, and may not skip"
    if vote.verdict == "deny":
        return may_deny(vote.by, terms, initiators) or (None if reason else "a no needs a reason")
    if vote.break_glass:
        return may_break_glass(people, vote.by, reason) or _way(terms, vote.via)
    why = may_approve(vote.by, terms, initiators, vote.via)
    if why is None and terms.reason_required and not reason:
        return "this gate asks for a reason"
    return why


def _way(terms: Terms, via: str) -> str | None:
    if terms.via is None or via in terms.via:
        return None
    return f"this gate counts approvals by {_words(terms.via)}, and this one came by {via}"


def _named(person: str, terms: Terms, initiators: Collection[str]) -> str | None:
    if terms.from_ is None:
        if person in initiators:
            return None
        return f"{person} did not start or resume this run; {_words(sorted(initiators))} did, and may answer"
    if person in terms.from_:
        return None
    return f"{person} may not answer this gate; it asks for {terms.asks or _words(terms.from_)}"


def _listed(people: People, person: str, names: tuple[str, ...], what: str) -> str | None:
    if person in people.members(names):
        return None
    user = person.removeprefix(UNLISTED)
    unlisted = f"; the policy lists nobody with the OS user {user!r}" if user != person else ""
    return f"{person} may not {what}; the policy names {_words(names)}{unlisted}"


def _words(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody"
