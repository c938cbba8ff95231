"""What today's policy says about a run: terms of gates, whose word counts, when the policy itself says yes, and when a
change is blocked. The machine never sees any of it; it sees decisions.

`initiators` are those who started, resumed or settled the run, read from its records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runbook import kinds
from runbook.core.advice import recorded
from runbook.core.changes import Change
from runbook.core.commands import Announce, Approve, Ask
from runbook.core.gates import May
from runbook.core.history import address
from runbook.core.results import Decision
from runbook.core.target import elsewhere
from runbook.core.terms import Terms
from runbook.core.words import Answer, Mode
from runbook.document.model import Policy
from runbook.document.typed import converted
from runbook.hosts.anchors import Anchors
from runbook.hosts.said import Gate, Reply
from runbook.hosts.signatures import Signatures
from runbook.journal.record import Record
from runbook.policy.auto import PastRun, brake, grants
from runbook.policy.limits import frozen, refusal
from runbook.policy.people import People
from runbook.policy.rights import may_break_glass, may_vote
from runbook.policy.terms import effective_terms

Past = Callable[[frozenset[str]], list[PastRun]]


class Gatekeeper:
    """Judges one run. `past` gives earlier runs of this runbook on any of these targets."""

    def __init__(
        self,
        *,
        people: People,
        policy_digest: str | None,
        runbook: str,
        mode: Mode,
        past: Past,
        confirm_symptoms: str | None = None,
        skip_unknown: bool = False,
        planned: Mapping[str, str] | None = None,
        environment: str | None = None,
        target: Mapping[str, str] | None = None,
        signatures: Signatures | None = None,
    ) -> None:
        self.people = people
        self.policy: Policy | None = people.policy
        self.policy_digest = policy_digest
        self.runbook = runbook
        self.mode = mode
        self.initiators: set[str] = set()
        self._past = past
        self._confirm_symptoms = confirm_symptoms
        self._skip_unknown = skip_unknown
        self._planned = planned
        self._environment = environment
        self._target = target
        self.signatures = signatures
        self._votes: dict[str, list[Record]] = {}
        self._stages: Counter[str] = Counter()
        self._gates: dict[str, Gate] = {}
        self._decisions: dict[str, Record] = {}
        self._changing = False  # whether this run has begun to change something
        self.anchors = Anchors()

    def noticed(self, record: Record) -> None:
        """Keep who counts as initiator, how gates were decided, and where changes are made."""
        self.anchors.noticed(record)
        if record.type in ("run.started", "run.resumed", "settlement.given"):
            if record.actor.kind == "person":
                self.initiators.add(record.actor.id)
            if record.data.get("initiator"):  # of a run that goes on from another, whoever has begun it
                self.initiators.add(str(record.data["initiator"]))
        elif record.type == "change.intended":
            self._changing = True
        elif record.type == "vote.given":
            self._votes.setdefault(str(record.data["gate"]), []).append(record)
        elif record.type == "decision.given" and record.key:
            self._decisions[record.key] = record

    # --- opening ------------------------------------------------------------------------------------------

    def opens(self, command: Approve, now: float) -> dict[str, Any]:
        """What `gate.opened` records: terms, absolute deadline, and what is shown."""
        terms = effective_terms(command.approval, command.effect, self.people, self.initiators)
        freeze = frozen(self.policy, now)
        return {
            "option": command.option,
            "title": command.title,
            "attempt": command.attempt,
            "digest": command.gate_digest,
            "terms": msgspec.to_builtins(terms),
            "deadline": round(now + terms.timeout, 3),
            "frozen": f"{freeze.reason} (until {freeze.ends})" if freeze else None,
            "effect": str(command.effect),
            "changes": [
                {"path": p.path, "title": p.title, "digest": p.change.digest, "summary": p.change.summary}
                | recorded(p.advice)
                for p in command.changes
            ],
            "later": list(command.later),
            "changed": command.changed,
            "proves_nothing": list(command.proves_nothing),
            **({"caution": command.caution} if command.caution else {}),
            **recorded(command.advice),
            **({"elsewhere": said} if (said := self._elsewhere(command)) else {}),
        }

    def _elsewhere(self, command: Approve) -> list[str]:
        """Changes of something else than the run's target; of a command or a request nobody can tell."""
        if self._target is None:
            return []
        specs = kinds.specs()
        changes = [proposal.change for proposal in command.changes]
        exact = [change for change in changes if (spec := specs.get(change.kind)) and spec.effect is not None]
        told = [line for change in exact if (line := elsewhere(self._target, change.target))]
        return list(dict.fromkeys(told))

    def reopened(self, command: Approve, record: Record) -> Gate:
        """The gate as its record says it: deadlines and terms are those that people were told."""
        gate = Gate(
            command=command,
            terms=converted(record.data["terms"], Terms),
            deadline=record.data["deadline"],
            frozen=record.data.get("frozen"),
            initiators=frozenset(self.initiators),
            environment=self._environment,
            target=self._target,
            elsewhere=tuple(record.data.get("elsewhere", ())),
        )
        self._gates[command.key] = gate
        self._stages[address(command.key)] += command.attempt == 1
        return gate

    # --- deciding -----------------------------------------------------------------------------------------

    def judge(self, gate: Gate, now: float) -> May:
        """Why a vote does not count, by today's policy; in a freeze only a broken glass does."""
        freeze = frozen(self.policy, now)
        said = {record.seq: record for record in self._votes.get(gate.command.key, ())}

        def may(vote: Any) -> str | None:
            unsigned = self._unsigned(said.get(vote.seq), gate.deadline)
            if unsigned is not None:
                return unsigned
            if freeze is not None and vote.verdict == "grant" and not vote.break_glass:
                return f"changes are frozen: {freeze.reason}; break the glass, with a reason"
            return may_vote(self.people, vote, gate.terms, self.initiators)

        return may

    def decided(self, gate: Gate, now: float, *, attended: bool) -> Decision | None:
        """What needs no vote: a gate that nobody can open is closed at once, and the policy may say yes itself."""
        another = self._not_planned(gate.command)
        if another is not None:
            return Decision(verdict=Answer.BLOCKED, reason=another)
        freeze = frozen(self.policy, now)
        closed = f"changes are frozen: {freeze.reason}, until {freeze.ends}" if freeze else gate.terms.cannot_be_met
        if closed is not None and not (attended and self._may_break_glass()):
            return Decision(verdict=Answer.BLOCKED, reason=closed)
        if closed is None and gate.command.auto:
            return self._by_policy(gate, now)
        return None

    def _not_planned(self, command: Approve) -> str | None:
        """Why a gate is not the one of the plan that the run is held to; what no plan could cover asks as ever."""
        path = f"resolution/{command.option}"
        if self._planned is None or address(command.key) != path or self._stages[path] > 1:
            return None
        planned = self._planned.get(command.option)
        if planned == command.gate_digest:
            return None
        said = f"says {planned[:12]}" if planned else "changes nothing here"
        return f"the plan that was given {said}, and this would be {command.gate_digest[:12]}"

    def _may_break_glass(self) -> bool:
        return may_break_glass(self.people, self.people.me, "asked for at the gate") is None

    def _by_policy(self, gate: Gate, now: float) -> Decision | None:
        if self._not_by_policy(gate, gate.terms.required) is not None:
            return None
        held = self._braked(gate, now)
        if held is not None:
            return Decision(verdict=Answer.BLOCKED, by=("policy",), reason=held, policy=self.policy_digest)
        return Decision(
            verdict=Answer.GRANTED,
            by=("policy",),
            reason=f"granted by policy {(self.policy_digest or '')[:12]}",
            until=now + gate.terms.timeout,
            policy=self.policy_digest,
        )

    def _not_by_policy(self, gate: Gate, required: int) -> str | None:
        command = gate.command
        effects = [proposal.change.effect for proposal in command.changes]
        return grants(self.policy, self.runbook, effects, required, command.auto_allowed)

    def _braked(self, gate: Gate, now: float) -> str | None:
        """Why the policy holds still. Another run may have been let through at the same moment, and have been first."""
        targets = frozenset(proposal.change.target.lock for proposal in gate.command.changes)
        return brake(self.policy, self._past(targets), now) if self.policy is not None else None

    def refuses_grant(self, key: str, now: float) -> str | None:
        """Why a decision may not be used any more: by today's policy its people may not, or changes are frozen."""
        record, gate = self._decisions.get(key), self._gates.get(key)
        if record is None or gate is None:
            return None
        people = self._backed(record, gate)
        if record.data.get("break_glass"):
            if any(may_break_glass(self.people, person, "asked") is None for person in people):
                return None
            return f"{', '.join(record.data.get('by', []))} may not break the glass any more"
        freeze = frozen(self.policy, now)
        if freeze is not None:
            return f"changes are frozen: {freeze.reason}, until {freeze.ends}"
        terms = effective_terms(gate.command.approval, gate.command.effect, self.people, self.initiators)
        if record.data.get("policy"):
            return self._not_by_policy(gate, terms.required) or (None if self._changing else self._braked(gate, now))
        if terms.met_by(people, self.initiators):
            return None
        return f"by today's policy the gate asks for {terms.asks}"

    def _backed(self, decision: Record, gate: Gate) -> list[str]:
        """Those of a decision's people whose signed yes to this gate holds today; all of them where none is needed."""
        people = list(decision.data.get("by", []))
        if self.signatures is None or not self.signatures.needed:
            return people
        glass = bool(decision.data.get("break_glass"))
        backed = {
            vote.actor.id
            for vote in self._votes.get(gate.command.key, ())
            if (vote.data["verdict"], vote.data["digest"]) == ("grant", gate.command.gate_digest)
            and (bool(vote.data.get("break_glass")) or not glass)
            and self._unsigned(vote, gate.deadline) is None
        }
        return [person for person in people if person in backed]

    def _unsigned(self, vote: Record | None, deadline: float) -> str | None:
        if self.signatures is None or vote is None:
            return None
        return self.signatures.judged(vote, deadline).why

    def holds(self, key: str | None, now: float) -> bool:
        """Whether a grant may be used now: it has not run out, and those who gave it still may."""
        record = self._decisions.get(key or "")
        return record is not None and now <= record.data["until"] and self.refuses_grant(key or "", now) is None

    def refuses_change(self, change: Change) -> str | None:
        """Why the policy's limits forbid a change; never overridden by anybody."""
        spec = kinds.spec(change.kind)
        return refusal(change, self.policy, spec.connection if spec else None)

    def owed(self, record: Record) -> dict[str, Announce]:
        """Whom the policy wants told that somebody has broken the glass, by a key for each message."""
        glass = self.policy.break_glass if self.policy is not None else None
        if glass is None:
            return {}
        at, said = record.key or "run.started", record.data
        if record.type == "run.started":
            said = record.data.get("unreviewed") or {}
            text = f"{said.get('by')} broke the glass to run {self.runbook} unreviewed: {said.get('reason')}"
        else:
            who = ", ".join(said.get("by", []))
            text = f"{who} broke the glass at {at.rsplit(':', 1)[0]} of {self.runbook}: {said.get('reason')}"
        if not said.get("break_glass"):
            return {}
        keys = {f"{at}/glass/{channel}": channel for channel in glass.notify}
        return {key: Announce(key=key, path="glass", to=channel, words=text) for key, channel in keys.items()}

    # --- questions ----------------------------------------------------------------------------------------

    def answers(self, command: Ask, *, attended: bool) -> Reply | None:
        """What is answered at once: symptoms that a flag confirmed, and what nobody is there to see."""
        me = self.people.me
        if command.purpose == "symptoms" and self._confirm_symptoms:
            return Reply(command.key, "yes", me, self._confirm_symptoms)
        if command.purpose == "symptoms" and not attended:
            return Reply(
                command.key, "no", "runbook-engine", "nobody is at a terminal to say that they see it", "engine"
            )
        if command.purpose == "when" and self._skip_unknown:
            return Reply(command.key, "skip", me, "--yes: what cannot be told is skipped")
        return None
