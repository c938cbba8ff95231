"""The books that a driver keeps beside its machine, all of them from records: open gates with their votes, open
questions, intents, messages that are owed or on their way, whether the run is finished.
"""

from __future__ import annotations

from runbook.core.commands import Announce, Approve, Ask, Page
from runbook.core.gates import Vote
from runbook.core.history import vote_of
from runbook.core.machine import Machine
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.said import Gate, Question
from runbook.journal.record import Record


class Books:
    """What is open and what was intended. `owed` are messages about a broken glass that were not sent yet.

    `unsent` are messages and pages, as they were recorded, of which nobody knows yet what came of them.
    """

    def __init__(self, machine: Machine, gatekeeper: Gatekeeper) -> None:
        self._machine = machine
        self._gatekeeper = gatekeeper
        self.gates: dict[str, Gate] = {}
        self.votes: dict[str, list[Vote]] = {}
        self.questions: dict[str, Question] = {}
        self.intents: dict[str, list[Record]] = {}
        self.owed: dict[str, Announce] = {}
        self.unsent: dict[str, Announce | Page] = {}
        self.finished = False

    def notice(self, record: Record) -> str | None:
        """Enter one record; the key of the gate or question that it closes."""
        key = record.key or ""
        self._gatekeeper.noticed(record)
        if record.type == "vote.given":
            self.votes.setdefault(record.data["gate"], []).append(vote_of(record))
        elif record.type == "change.intended":
            self.intents.setdefault(key, []).append(record)
        elif record.type == "gate.opened":
            self._gate_opened(key, record)
        elif record.type == "question.opened":
            self._question_opened(key)
        elif record.type == "run.started":
            self.owed |= self._gatekeeper.owed(record)
        elif record.type == "message.intended":
            self.unsent[str(record.data["message"])] = _letter(record)
        elif record.type in ("message.sent", "page.sent"):
            self._sent(key, record)
        elif record.type == "run.finished":
            self.finished = True
        elif record.type in ("decision.given", "answer.given"):
            self.owed |= self._gatekeeper.owed(record)
            return key
        return None

    def close(self, key: str) -> bool:
        """Forget a gate or question; whether it was open."""
        return self.gates.pop(key, None) is not None or self.questions.pop(key, None) is not None

    def _sent(self, key: str, record: Record) -> None:
        if record.data.get("status") != "sending":
            self.owed.pop(str(record.data.get("owed")), None)
            self.unsent.pop(key, None)
        elif record.type == "page.sent":
            data = record.data
            self.unsent[key] = Page(
                key=key, path=_path(key), to=data["to"], reason=data["reason"], message=data.get("message")
            )

    def _gate_opened(self, key: str, record: Record) -> None:
        command = self._machine.pending.get(key)
        if isinstance(command, Approve):
            self.gates[key] = self._gatekeeper.reopened(command, record)

    def _question_opened(self, key: str) -> None:
        command = self._machine.pending.get(key)
        if isinstance(command, Ask):
            self.questions[key] = Question(command)


def _letter(record: Record) -> Announce:
    """A message as it was recorded, which is how it is sent: secrets are not in it any more."""
    data = record.data
    key = str(data["message"])
    return Announce(
        key=key,
        path=_path(key),
        title=data.get("title"),
        to=data["channel"],
        template=data.get("template"),
        words=data["text"],
        id=data.get("id"),
        phase=data.get("phase"),
    )


def _path(key: str) -> str:
    return key.rpartition(":")[0]
