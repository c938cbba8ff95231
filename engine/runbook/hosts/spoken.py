"""What people say at a run's own desk, as the records of it. (From elsewhere they write their own: `guests.py`.)"""

from __future__ import annotations

from runbook.hosts.actors import person
from runbook.hosts.books import Books
from runbook.hosts.said import Remark, Reply, Stop, Vote
from runbook.hosts.signatures import written
from runbook.journal.record import Draft


def drafted(said: Vote | Reply | Stop | Remark, books: Books) -> Draft | None:
    """The record of a word; None for one about a gate or a question that is not open any more."""
    if isinstance(said, Vote):
        return _vote(said, books)
    if isinstance(said, Reply):
        data = {"value": said.value, "reason": said.reason, "by": said.by}
        return Draft("answer.given", said.key, data, person(said.by, said.via)) if said.key in books.questions else None
    if isinstance(said, Stop):
        return Draft("abort.requested", None, {"reason": said.reason, "by": said.by}, person(said.by))
    return Draft("note.added", None, {"about": "note", "text": said.text, "step": said.step}, person(said.by))


def _vote(vote: Vote, books: Books) -> Draft | None:
    gate = books.gates.get(vote.key)
    if gate is None:
        return None
    data = {
        "gate": vote.key,
        "digest": gate.command.gate_digest,
        "verdict": vote.verdict,
        "reason": vote.reason,
        "break_glass": vote.break_glass,
        **written(vote.signed),
    }
    return Draft("vote.given", None, data, person(vote.by, vote.via))
