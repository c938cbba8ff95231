"""What follows from records without anything being performed, and is itself recorded: intents, gates and questions
opened, decisions, waits that are over, the end of the run.

Everything here is written in the transaction of what it follows from, through `append`, which also feeds the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from runbook.core.advice import recorded
from runbook.core.changes import Error, Outcome
from runbook.core.changing import PRECONDITION
from runbook.core.commands import Announce, Apply, Approve, Ask, Command, Note, Wait
from runbook.core.gates import decide
from runbook.core.machine import Machine
from runbook.core.procedure import Finished
from runbook.core.results import Decision
from runbook.core.words import Applied
from runbook.hosts.actors import ENGINE, POLICY, person
from runbook.hosts.books import Books
from runbook.hosts.clock import Clock
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.ports import Hands
from runbook.hosts.said import Desk
from runbook.journal.record import Actor, Record

ATTEMPTS = 2  # times that one change may be sent, the first included


class Append(Protocol):
    """Write one record and feed it."""

    def __call__(self, type_: str, key: str | None, data: dict[str, Any], actor: Actor = ENGINE) -> None:
        """In the transaction that is open."""
        ...


class Scribe:
    """Writes what follows. Knows the policy through the gatekeeper, people only through what they said."""

    def __init__(
        self, *, machine: Machine, gatekeeper: Gatekeeper, desk: Desk, clock: Clock, hands: Hands, books: Books
    ) -> None:
        self.machine = machine
        self.gatekeeper = gatekeeper
        self.desk = desk
        self.clock = clock
        self.hands = hands
        self.books = books

    def follows(self, append: Append) -> None:
        """What needs no command to be handed out: votes that suffice, questions that flags answer, time."""
        self._decide(append)
        self._answer(append)
        self._expire(append)

    def judge(self, append: Append, words: Sequence[Record]) -> None:
        """Record of each person's word whether its signature lets it count, before anything follows from it."""
        signatures = self.gatekeeper.signatures
        if signatures is None:
            return
        for record in words:
            gate = self.books.gates.get(str(record.data.get("gate")))
            judged = signatures.judged(record, gate.deadline if gate is not None else None)
            data = {"seq": record.seq, "by": record.actor.id, "counts": judged.why is None, "signer": judged.key}
            append("word.judged", None, {**data, "reason": judged.why, "gate": record.data.get("gate")})

    def prepare(self, append: Append, command: Command, *, stopping: bool) -> None:
        """What must stand in the journal before a command is performed, or instead of performing it."""
        key = command.key
        if key not in self.machine.pending:
            return
        if isinstance(command, Note):
            append("note.added", key, {"about": command.about, "command": command.digest, **command.data})
        elif isinstance(command, Approve) and key not in self.books.gates:
            opened = self.gatekeeper.opens(command, self.clock.now())
            append("gate.opened", key, {"command": command.digest, **opened})
        elif isinstance(command, Ask) and key not in self.books.questions:
            self._ask(append, command)
        elif isinstance(command, Apply) and key not in self.machine.intended and not stopping:
            self._intend(append, command)
        elif isinstance(command, Announce) and key not in self.books.unsent and not stopping:
            self._compose(append, command)

    def _compose(self, append: Append, command: Announce) -> None:
        """What is about to be said. Where the run does not wait for it, this is all that it hears: it goes on."""
        letter = self.hands.letter(command)
        if letter is not None:
            append("message.intended", None if command.awaited else command.key, {"command": command.digest, **letter})

    def _intend(self, append: Append, command: Apply) -> None:
        """The intent of a change, unless its grant does not hold any more: a runner may have been away since the plan.

        What is proven not to be applied is sent once more under the same grant. An undo goes under the grant of what
        it takes back, however long ago that was given; only its second attempt needs one that holds.
        """
        attempt = len(self.books.intents.get(command.key, [])) + 1
        holds = self.gatekeeper.holds(command.grant, self.clock.now())
        if attempt > ATTEMPTS or (attempt > 1 and not holds):
            self._unsent(append, command, Error(code="not_applied", message=f"not applied in {attempt - 1} attempts"))
        elif not holds and command.undoes is None:
            self._unsent(append, command, Error(code=PRECONDITION, message="the approval does not hold any more"))
        else:
            self._intended(append, command, attempt)

    def _unsent(self, append: Append, command: Apply, error: Error) -> None:
        outcome = msgspec.to_builtins(Outcome(applied=Applied.NO, error=error))
        data = {"command": command.digest, "id": command.id, "phase": command.phase, **outcome}
        append("change.resulted", command.key, data)

    def _intended(self, append: Append, command: Apply, attempt: int) -> None:
        data = {
            "command": command.digest,
            "digest": command.change.digest,
            "attempt": attempt,
            "grant": command.grant,
            "timeout": command.timeout,
            "undoes": command.undoes,
            "id": command.id,
            "phase": command.phase,
            "title": command.title,
            **self.hands.intent(command, attempt),
        }
        append("change.intended", command.key, data)

    def _ask(self, append: Append, command: Ask) -> None:
        opened = {"question": command.question, "purpose": command.purpose, "choices": command.choices}
        details = {"id": command.id, "type": command.type, "deadline": command.deadline, "title": command.title}
        data = {**opened, **details, "phase": command.phase, "kind": command.kind, **recorded(command.advice)}
        append("question.opened", command.key, data)

    def _decide(self, append: Append) -> None:
        """Count the votes of every open gate, in the transaction in which they are counted."""
        now = self.clock.now()
        for key, gate in list(self.books.gates.items()):
            decision = self.gatekeeper.decided(gate, now, attended=self.desk.attended) or decide(
                gate.terms,
                self.books.votes.get(key, []),
                gate.command.gate_digest,
                gate.deadline,
                now,
                self.gatekeeper.judge(gate, now),
                self.gatekeeper.initiators,
            )
            if decision is not None:
                actor = POLICY if decision.by == ("policy",) else ENGINE
                append("decision.given", key, _written(decision), actor)

    def _answer(self, append: Append) -> None:
        """Questions that flags answer, or that only somebody who is not here could."""
        for key, question in list(self.books.questions.items()):
            answer = self.gatekeeper.answers(question.command, attended=self.desk.attended)
            if answer is not None:
                data = {"value": answer.value, "reason": answer.reason, "by": answer.by}
                append("answer.given", key, data, person(answer.by, answer.via))

    def _expire(self, append: Append) -> None:
        """Waits that are over, and questions that nobody answered in time."""
        now = self.clock.now()
        for key, command in list(self.machine.pending.items()):
            if isinstance(command, Wait) and command.until <= now:
                append("wait.ended", key, {"command": command.digest})
            elif isinstance(command, Ask) and command.deadline is not None and command.deadline < now:
                append("answer.given", key, {"expired": True, "reason": "nobody answered in time"})

    def finish(self, append: Append, successor: str | None) -> None:
        """How the run ended. `successor` is the id of the run that goes on from it, if one will."""
        finished: Finished = self.machine.value
        data = {
            "outcome": str(finished.outcome),
            "option": finished.option,
            "reason": finished.reason,
            "doubts": list(finished.doubts),
            "exit": {"code": int(finished.outcome.exit), "name": finished.outcome.exit.word},
            **({"follow_ups": finished.follow_ups} if finished.follow_ups else {}),
        }
        if finished.continued is not None:
            data["continued"] = {"run": successor, **msgspec.to_builtins(finished.continued)}
        append("run.finished", None, data)


def _written(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": str(decision.verdict),
        "by": list(decision.by),
        "reason": decision.reason,
        "until": decision.until,
        "policy": decision.policy,
        "break_glass": decision.break_glass,
    }
