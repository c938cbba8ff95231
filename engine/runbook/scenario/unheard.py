"""What the people of a scenario said and nobody heard, and why: the reason of many a test that fails."""

from __future__ import annotations

from runbook.core.gates import Vote
from runbook.core.history import History, address
from runbook.core.views import GateView
from runbook.document.model import ScenarioCase
from runbook.document.said import spoken
from runbook.policy.limits import frozen
from runbook.policy.people import People
from runbook.policy.rights import may_vote

_SAID = {"grant": "yes", "deny": "no", "skip": "skip"}


def unheard(case: ScenarioCase, seen: History, people: People) -> list[str]:
    """Votes that did not count, and answers that are none of the choices; a sentence each."""
    found = [
        f"{vote.by}'s {_SAID.get(vote.verdict, vote.verdict)} at the gate of {gate.option} did not count: {why}"
        for gate in seen.gates.values()
        for vote in gate.votes
        if (why := _why_not(vote, gate, seen, people)) is not None
    ]
    for question in seen.questions.values():
        names = _names(question.id, question.key)
        given = next((spoken(case.answers[name]).answer for name in names if name in case.answers), None)
        if question.purpose == "choice" and given is not None and str(given) not in question.choices:
            found.append(f"the answer {str(given)!r} to {question.id} is none of {', '.join(question.choices)}")
    return found


def _why_not(vote: Vote, gate: GateView, seen: History, people: People) -> str | None:
    if vote.at > gate.deadline:
        return "the gate was closed by then"
    freeze = frozen(people.policy, vote.at)
    if freeze is not None and vote.verdict == "grant" and not vote.break_glass:
        return f"changes are frozen: {freeze.reason}"
    return may_vote(people, vote, gate.terms, seen.initiators)


def _names(id_: str | None, key: str) -> tuple[str, str]:
    return id_ or "", address(key)
