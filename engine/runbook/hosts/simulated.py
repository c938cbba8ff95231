"""Hands and desk of the rehearsal host: a scenario plays the world and its people. Nothing is opened or sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from runbook import kinds
from runbook.core import polling
from runbook.core.addresses import called
from runbook.core.changes import Change, Error, Observation, Outcome
from runbook.core.commands import Announce, Apply, Approve, Command, Observe, Page, PlanChange, Preserve, Undo
from runbook.core.verdicts import judge, silence
from runbook.core.words import Applied, StepStatus, Verdict
from runbook.document.model import ScenarioCase
from runbook.document.said import Spoken, spoken
from runbook.document.words import Effect
from runbook.errors import RunbookError
from runbook.hosts.clock import VirtualClock
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.messenger import words
from runbook.hosts.ports import Result
from runbook.hosts.said import Desk, Gate, Leave, Question, Reply, Said, Say, Stop, Vote
from runbook.journal import Record
from runbook.messages.templates import Lookup
from runbook.scenario.answers import answer, declared, declared_values, observation
from runbook.scenario.people import SOMEBODY, speaker

Deliver = Callable[[Result], None]


class SimulatedHands:
    """Performs commands at once, from what a scenario gives."""

    def __init__(self, case: ScenarioCase, gatekeeper: Gatekeeper, clock: VirtualClock, templates: Lookup) -> None:
        self._given = case.given
        self._gatekeeper = gatekeeper
        self._clock = clock
        self._templates = templates
        self._start = clock.now()
        self._applied: dict[str, Change] = {}  # by path
        self._sent: dict[str, Change] = {}  # by key

    def perform(self, command: Command, deliver: Deliver) -> None:
        """Deliver the result now."""
        deliver(_PERFORM[type(command)](self, command))

    def confirm(self, command: Apply, intents: list[Record], deliver: Deliver) -> None:
        """A rehearsal is not resumed, so nothing is ever left to confirm but what its scenario leaves in doubt."""
        del intents
        deliver(_doubt(command))

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        """Nothing is started, so nothing is marked."""
        del command, attempt
        return {}

    def letter(self, command: Announce) -> dict[str, Any] | None:
        """Nobody is told."""
        del command
        return None

    def maybe_sent(self, keys: set[str]) -> None:
        """Nothing is sent."""

    def withdraw(self, key: str) -> None:
        """Nothing is in flight."""

    def hurry(self) -> None:
        """Nothing is in flight."""

    def _entry(self, command: Command) -> Mapping[str, Any] | None:
        """What the scenario gives for a command at this moment."""
        return answer(self._given, command.path, since_start=self.since_start, applied=tuple(self._applied))

    @property
    def since_start(self) -> float:
        """Simulated seconds since the run was started."""
        return self._clock.now() - self._start

    def _observe(self, command: Command) -> Result:
        assert isinstance(command, Observe)  # noqa: S101 - by the table below
        entry, silent = self._entry(command), None
        if command.sent is not None:
            seen = Observation(verdict=Verdict((entry or {}).get("arrived", "pass")))
        elif entry is None and command.if_configured:
            seen = Observation(verdict=Verdict.FAIL)
        else:
            seen = observation(entry)
            silent = silence(command.expect, command.scope, seen.output)
            seen = declared(command.outputs, seen, kinds.get(command.kind).SPEC.text, silent)
        verdict, reason = seen.verdict, seen.unknown
        if verdict is None:
            verdict, reason = judge(command.expect, command.series, _complete(command, seen), command.scope)
        data = {
            "id": command.id,
            "phase": command.phase,
            "kind": command.kind,
            "title": command.title,
            "status": str(StepStatus.FAILED if seen.error else StepStatus.SUCCEEDED),
            "verdict": str(verdict) if verdict else None,
            "reason": reason,
            "output": _complete(command, seen).output,
            "error": msgspec.to_builtins(seen.error) if seen.error else None,
            "tries": 1,
            "started": self._clock.now(),
            "round": command.round,
            **polling.told(command, verdict, self._clock.now()),
            "asked": not command.if_configured or entry is not None,
            "arrived": command.sent is not None,
            **({"silent": silent} if silent else {}),
        }
        return Result(command.key, "step.observed", data)

    def _plan(self, command: Command) -> Result:
        assert isinstance(command, PlanChange)  # noqa: S101
        data = {"id": command.id, "phase": command.phase, "kind": command.kind, "title": command.title}
        if command.waits_for:
            return Result(command.key, "change.planned", {**data, "waits_for": list(command.waits_for)})
        refused = self._gatekeeper.refuses_grant(command.grant, self._clock.now()) if command.grant else None
        if refused is not None:
            return Result(command.key, "change.planned", {**data, "refused": refused, "by": "policy"})
        return Result(command.key, "change.planned", {**data, **self._planned(command)})

    def _planned(self, command: PlanChange) -> dict[str, Any]:
        entry = self._entry(command) or {}
        for word in ("nothing", "refused"):
            if word in entry:
                return {word: str(entry[word])}
        if "error" in entry:
            return {"error": {"code": "simulated", "message": str(entry["error"])}}
        if command.undoes is not None:
            change = self._sent[command.undoes].undo
            return {"change": msgspec.to_builtins(change), "digest": change.digest if change else None}
        try:
            change = kinds.get(command.kind).rehearse(command.inputs, entry)
        except RunbookError as error:
            return {"error": {"code": error.code, "message": str(error)}}
        if "effect" in command.inputs:
            effect = change.effect.at_least(Effect(command.inputs["effect"]))
            change = msgspec.structs.replace(change, effect=effect)
        change = _with_undo(change) if command.must_undo else change
        forbidden = self._gatekeeper.refuses_change(change)
        if forbidden is not None:
            return {"refused": forbidden, "by": "policy"}
        return {"change": msgspec.to_builtins(change), "digest": change.digest}

    def _apply(self, command: Command) -> Result:
        assert isinstance(command, Apply)  # noqa: S101
        entry = self._entry(command) or {}
        applied = Applied(entry.get("applied", "yes")) if not isinstance(command, Undo) else Applied.YES
        if applied is Applied.UNKNOWN:
            return _doubt(command)
        if applied.touched and not isinstance(command, Undo):
            self._applied[command.path] = self._sent[command.key] = command.change
        elif isinstance(command, Undo):
            self._applied.pop(command.path, None)
        error = None if applied is Applied.YES else Error(code="simulated", message="the scenario says so")
        spec = kinds.get(command.change.kind).SPEC
        own, warnings = declared_values(command.outputs, entry.get("output", {}), spec.text)
        output = dict.fromkeys(spec.output_names) | entry.get("output", {}) | own
        outcome = Outcome(applied=applied, output=output, error=error, warnings=tuple(warnings))
        data = msgspec.to_builtins(outcome)
        return Result(command.key, "change.resulted", {"id": command.id, "phase": command.phase, **data})

    def _preserve(self, command: Command) -> Result:
        assert isinstance(command, Preserve)  # noqa: S101
        entry = self._entry(command) or {}
        failed = {"code": "simulated", "message": str(entry["error"])} if "error" in entry else None
        data = {"id": command.id, "plan": command.plan, "kind": command.kind, "title": command.title}
        status = "missing" if failed else "preserved"
        return Result(command.key, "evidence.preserved", {**data, "status": status, "error": failed, "simulated": True})

    def _announce(self, command: Command) -> Result:
        """The words are made, so that a template that cannot be rendered fails its test; nobody is told."""
        assert isinstance(command, Announce)  # noqa: S101
        data = {"channel": command.to, "template": command.template, "id": command.id, "phase": command.phase}
        try:
            text = words(command, self._templates)
        except RunbookError as error:
            failed = {"code": error.code, "message": str(error)}
            return Result(command.key, "message.sent", {**data, "status": "failed", "error": failed})
        return Result(command.key, "message.sent", {**data, "status": "simulated", "text": text})

    def _page(self, command: Command) -> Result:
        assert isinstance(command, Page)  # noqa: S101
        data = {"to": command.to, "reason": command.reason, "text": command.message, "status": "simulated"}
        return Result(command.key, "page.sent", data)


def _complete(command: Observe, seen: Observation) -> Observation:
    outputs = dict.fromkeys(kinds.get(command.kind).SPEC.output_names) | seen.output
    return msgspec.structs.replace(seen, output=outputs)


def _with_undo(change: Change) -> Change:
    """In a simulated world everything that can be taken back in the real one can be."""
    if change.undo is not None or change.irreversible is not None:
        return change
    undo = Change(
        kind=change.kind,
        target=change.target,
        summary=f"take back: {change.summary}",
        effect=Effect.CHANGE,
        inputs=change.inputs,
        request={"undo_of": change.digest},
        irreversible="it is an undo itself",
    )
    return msgspec.structs.replace(change, undo=undo)


def _doubt(command: Apply) -> Result:
    data = {"found": "unknown", "reason": "the scenario leaves it in doubt", "id": command.id, "phase": command.phase}
    return Result(command.key, "change.confirmed", data)


_PERFORM: dict[type[Command], Callable[[SimulatedHands, Command], Result]] = {
    Observe: SimulatedHands._observe,
    PlanChange: SimulatedHands._plan,
    Apply: SimulatedHands._apply,
    Undo: SimulatedHands._apply,
    Preserve: SimulatedHands._preserve,
    Announce: SimulatedHands._announce,
    Page: SimulatedHands._page,
}


class SimulatedDesk:
    """The scenario's people: they say at the gates what it says they say, and answer what it answers."""

    attended = True

    def __init__(self, case: ScenarioCase, clock: VirtualClock) -> None:
        self._case = case
        self._clock = clock

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Answer in time, or never."""
        if isinstance(open_, Gate):
            self._gate(open_.command, say)
        else:
            self._question(open_, say)

    def closed(self, key: str) -> None:
        """What is said too late does not count."""

    def answered(self, question: Question) -> bool:
        """Whether the scenario answers this itself."""
        return self._given(question) is not None

    def _given(self, question: Question) -> Spoken | None:
        command = question.command
        known = [command.id or "", *called(command.path), command.purpose]
        return next((spoken(self._case.answers[name]) for name in known if name in self._case.answers), None)

    def _gate(self, command: Approve, say: Say) -> None:
        approval = self._case.approvals.get(command.option)
        if approval is None:
            return
        broken = approval.break_glass
        votes = [
            Vote(command.key, "grant", person, approval.reason, break_glass=broken) for person in approval.granted_by
        ]
        if approval.denied_by:
            votes.append(Vote(command.key, "deny", approval.denied_by, approval.reason or "the scenario says no"))
        if approval.skipped_by:
            votes.append(Vote(command.key, "skip", approval.skipped_by, approval.reason))
        said: list[Said] = [*votes]
        if approval.aborted_by:
            said.append(Stop(approval.aborted_by, approval.reason or "the scenario ends it"))
        for word in said:
            self._clock.at(self._clock.now() + approval.after, partial(say, word))

    def _question(self, question: Question, say: Say) -> None:
        command = question.command
        said = self._given(question)
        given, after = (said.answer, said.after) if said is not None else (None, 0.0)
        if command.purpose == "choice" and given is not None and str(given) not in command.choices:
            return  # nobody hears what is none of the choices; time goes by
        if given == "extend" and command.key.endswith(":ask#2"):
            say(Leave(command.key))  # nothing in a scenario changes by looking for ever
        elif given is not None and after:
            self._clock.at(self._clock.now() + after, partial(say, Reply(command.key, given, "scenario")))
        elif given is not None:
            say(Reply(command.key, given, "scenario"))
        elif command.purpose == "symptoms":
            say(Reply(command.key, "no", "scenario", "nobody in the scenario sees them"))
        elif command.deadline is None:
            say(Leave(command.key))


class PlayedDesk:
    """A rehearsal at a terminal: who sits there plays the scenario's people, one at each gate; time waits for them.

    `seat` gives the desk at which a person is played. What nobody says in the scenario, nobody is asked for.
    """

    attended = True

    def __init__(self, case: ScenarioCase, clock: VirtualClock, seat: Callable[[str], Desk]) -> None:
        self._case = case
        self._clock = clock
        self._seat = seat
        self._script = SimulatedDesk(case, clock)
        self._seats: dict[str, Desk] = {}

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Ask at the terminal where the scenario has somebody who speaks; time stands still meanwhile."""
        key = open_.command.key
        person = speaker(self._case, open_.command.option) if isinstance(open_, Gate) else SOMEBODY
        if person is None or (isinstance(open_, Question) and self._script.answered(open_)):
            self._script.opened(open_, say)
            return
        self._clock.hold()
        self._seats[key] = self._seat(person)

        def said(word: Said) -> None:
            self._clock.release()
            say(word)
            if isinstance(word, Vote) and word.verdict == "grant":
                self._others(word, person, say)

        self._seats[key].opened(open_, said)

    def closed(self, key: str) -> None:
        """Time goes on."""
        seat = self._seats.pop(key, None)
        if seat is not None:
            self._clock.release()
            seat.closed(key)

    def _others(self, word: Vote, person: str, say: Say) -> None:
        """Where a gate needs more than one, the others of the scenario say what it says they say."""
        approval = self._case.approvals.get(option_of(word.key))
        for other in approval.granted_by if approval else ():
            if other != person:
                say(word._replace(by=other))


def option_of(key: str) -> str:
    """The option that a gate's key belongs to."""
    return key.split("/")[1].split(":", maxsplit=1)[0]
