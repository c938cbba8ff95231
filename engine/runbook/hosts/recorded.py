"""A real run made into a scenario: it is played again with its own record as the world, and what was asked is kept.

Every look gets the answer that it got in the run, found by its key; so the simulated time of each is known, and the
scenario that comes of it asks for the same at the same time. Then the scenario is played by itself, as `test` would.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from runbook import kinds
from runbook.authoring.emit import emitted
from runbook.authoring.formatting.document import in_style
from runbook.core.addresses import last
from runbook.core.changing import PRECONDITION
from runbook.core.commands import Apply, Command, Observe, PlanChange, Preserve, Undo
from runbook.core.history import History, history
from runbook.core.results import SETTLED
from runbook.document.load import load
from runbook.document.model import ScenarioCase, Scenarios
from runbook.document.parameters import values_from_alert
from runbook.errors import ParameterError
from runbook.hosts.ports import Result
from runbook.hosts.rehearsal import Rehearsal, Script, rehearsed
from runbook.hosts.simulated import Deliver, SimulatedHands
from runbook.journal import Record
from runbook.scenario import turning
from runbook.scenario.judging import Difference
from runbook.scenario.recording import Look, given

_RESERVED: Final = frozenset({"at", "after", "verdict", "error"})
_OF_A_PLAN: Final = ("nothing", "refused", "error")
_OF_A_CHANGE: Final = ("applied", "output")
_OF_AN_ARRIVAL: Final = ("arrived",)
_LARGE: Final = 400  # characters of an output that stays although nothing reads it
_WORD: Final = re.compile(r"\w+")
_OF_INCIDENT: Final = re.compile(r"\bincident\.(\w+)")
_CLOCKED: Final = {("told",), ("escalated",)}


class Recorded(NamedTuple):
    """The text of a Scenario document, what of the run it could not say, and how it came out when it was played."""

    text: str
    left: tuple[str, ...]
    rehearsal: Rehearsal

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What came out otherwise than in the run."""
        return self.rehearsal.differences


class _Past(NamedTuple):
    """A run's results by key, and the words that its documents are written in."""

    results: Mapping[str, Record]
    words: frozenset[str]


class RecordedHands(SimulatedHands):
    """Answers as a run was answered. `looks` is where every question is kept, `left` what could not be turned."""

    def __init__(self, past: _Past, looks: list[Look], left: list[str], *around: Any) -> None:
        super().__init__(*around)
        self._past = past
        self._looks = looks
        self._left = left
        self._verdict: str | None = None  # what has to be said because the outputs alone would not give it

    def perform(self, command: Command, deliver: Deliver) -> None:
        """Deliver what the run was given; a verdict that its outputs do not explain is said."""
        if not isinstance(command, Observe | PlanChange | Apply | Preserve):
            super().perform(command, deliver)
            return
        before, at = tuple(self._applied), self.since_start
        record = self._record(command.key)
        wanted = record.data.get("verdict") if record is not None and isinstance(command, Observe) else None
        came: list[Result] = []
        self._verdict = None
        super().perform(command, came.append)
        if isinstance(command, Observe) and command.sent is None and came[-1].data.get("verdict") != wanted:
            self._verdict = wanted
            super().perform(command, came.append)
        entry = self._entry(command)
        if not isinstance(command, Undo):  # in a scenario it always works, whatever is given
            self._looks.append(Look(command.path, at, before, entry, _heeded(command)))
        deliver(came[-1])

    def _entry(self, command: Command) -> Mapping[str, Any] | None:
        record = self._record(command.key)
        if record is None:
            return None
        if isinstance(command, Observe) and command.sent is None:
            seen = self._seen(command, record.data)
            if self._verdict is None or seen is None:
                return seen
            return {"verdict": self._verdict} | (seen if "error" not in seen else {})
        return self._changed(command, record)

    def _record(self, key: str) -> Record | None:
        """What was recorded under a key; of a look that was not taken then, the last one before it."""
        path, _, number = key.rpartition("#")
        found = (self._past.results.get(f"{path}#{n}") for n in range(int(number), 0, -1))
        return next((record for record in found if record is not None), None)

    def _seen(self, command: Observe, data: Mapping[str, Any]) -> dict[str, Any] | None:
        if data.get("asked") is False:
            return None
        if data.get("status") == "failed" and data.get("error"):
            return {"error": str(data["error"].get("message"))}
        output = self._read(command.kind, data.get("output") or {})
        for name in sorted(output.keys() & _RESERVED & self._past.words):
            self._note(f"{command.id}: its output '{name}' has no place in a scenario")
        said = {name: value for name, value in output.items() if name not in _RESERVED}
        if said or data.get("verdict"):
            return said or {"verdict": data["verdict"]}
        return {
            name: value for name, value in (data.get("output") or {}).items() if name not in _RESERVED and _short(value)
        }

    def _read(self, kind: str, output: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs that something reads: the runbook by name, or the kind's own check."""
        expect = kinds.get(kind).SPEC.expect
        words = self._past.words | frozenset(_WORD.findall(expect or ""))
        return {name: value for name, value in output.items() if value is not None and name in words}

    def _changed(self, command: Command, record: Record) -> dict[str, Any]:
        data = record.data
        if isinstance(command, PlanChange):
            refused = data.get("refused") if data.get("by") != "policy" else None
            error = (data.get("error") or {}).get("message")
            words = {"nothing": data.get("nothing"), "refused": refused, "error": error}
            return {word: str(value) for word, value in words.items() if value}
        if isinstance(command, Preserve):
            missing = data.get("status") != "preserved"
            return {"error": str((data.get("error") or {}).get("message") or "missing")} if missing else {}
        if isinstance(command, Observe):
            return {"arrived": data["verdict"]} if data.get("verdict") not in (None, "pass") else {}
        return self._resulted(command, self._went_through(command, record))

    def _went_through(self, command: Command, record: Record) -> Record:
        """Of a change that was refused because something moved just before, how it went when it was sent again."""
        path, _, number = command.key.rpartition("#")
        if (record.data.get("error") or {}).get("code") not in (PRECONDITION, SETTLED):
            return record
        again = self._past.results.get(f"{path}#{int(number) + 1}")
        if again is not None:
            self._note(f"{last(command.path)} was not applied at first, and sent again; here it is sent once")
        return again or record

    def _resulted(self, command: Command, record: Record) -> dict[str, Any]:
        data, id_ = record.data, last(command.path)
        applied = "unknown" if record.type == "change.confirmed" else str(data.get("applied", "no"))
        if record.type == "settlement.given":
            applied = "yes" if data.get("as") == "applied" else "no"
        if isinstance(command, Undo) and applied != "yes":
            self._note(f"taking back {id_} did not work; in a scenario it always does")
        if applied == "yes" and data.get("error"):
            self._note(f"{id_} was applied and failed all the same; here it is applied in part")
            applied = "partly"
        output = self._read(command.change.kind, data.get("output") or {}) if isinstance(command, Apply) else {}
        return ({"applied": applied} if applied != "yes" else {}) | ({"output": output} if output else {})

    def _note(self, text: str) -> None:
        if text not in self._left:
            self._left.append(text)


def _heeded(command: Command) -> tuple[str, ...] | None:
    """The words of an entry that a command is about; None: all of them."""
    if isinstance(command, PlanChange):
        return _OF_A_PLAN
    if isinstance(command, Apply):
        return _OF_A_CHANGE
    if isinstance(command, Preserve):
        return ("error",)
    return _OF_AN_ARRIVAL if isinstance(command, Observe) and command.sent is not None else None


# --- the whole of it ----------------------------------------------------------------------------------------------


def recorded(script: Script, run: str, records: Sequence[Record]) -> Recorded:
    """The scenario of a run that is over, and how it comes out. DocumentError for what no document can hold."""
    seen = history(records)
    left = list(turning.unturned(seen, records))
    case = _case(script, run, seen, records, left)
    looks: list[Look] = []
    world = partial(RecordedHands, _Past(_results(records), _words(script)), looks, left)
    rehearsed(script, _read(script, case), world=world)
    case["given"] = given(looks)
    case = {key: value for key, value in case.items() if value not in ({}, None)}
    rehearsal = rehearsed(script, _read(script, case))
    if rehearsal.differences and {one.key for one in rehearsal.differences} <= _CLOCKED:
        for one in rehearsal.differences:
            del case["expect"][one.what]
            left.append(
                f"{one.what}: {one.expected} in the run; reads and changes take no time here, so {one.came} came"
            )
        rehearsal = rehearsed(script, _read(script, case))
    left += [f"a secret stands as *** at {place}" for place in turning.masked(case)]
    return Recorded(_text(script, case, run, left), tuple(left), rehearsal)


def _results(records: Sequence[Record]) -> dict[str, Record]:
    """The records that answer a question to the world, by key; the newest of a change decides."""
    types = ("step.observed", "change.planned", "change.resulted", "change.confirmed", "settlement.given")
    found = {record.key: record for record in records if record.type in (*types, "evidence.preserved") and record.key}
    return {key: record for key, record in found.items() if key is not None}


def _case(script: Script, run: str, seen: History, records: Sequence[Record], left: list[str]) -> dict[str, Any]:
    """Everything but what the world answers."""
    started = seen.started
    alert = started.get("alert")
    try:
        of_alert = values_from_alert(script.book.parameters, alert) if alert else {}
    except ParameterError:
        of_alert = {}
    approvals, twice = turning.approvals(seen)
    answers, again = turning.answers(seen, records)
    left += [*twice, *again]
    mode = str(started.get("mode", "by_hand"))
    return {
        "name": f"run {run}: {str(seen.outcome).replace('_', ' ')}",
        "initiator": str(started.get("initiator")),
        "environment": started.get("environment"),
        "mode": mode if mode != "by_hand" else None,
        "only": list(started.get("only") or ()) or None,
        "skip": list(started.get("skip") or ()) or None,
        "parameters": turning.parameters(script.book, started, of_alert),
        "alert": dict(alert) if alert else None,
        "incident": _incident(script, started.get("incident") or {}),
        "given": {},
        "approvals": approvals,
        "answers": answers,
        "expect": turning.expected(seen),
    }


def _words(script: Script) -> frozenset[str]:
    """Every word of the runbook and of what it uses: an output that is none of them is read by nothing."""
    return frozenset(word for text in _texts(script) for word in _WORD.findall(text))


def _incident(script: Script, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What its documents read of the incident: a title that nothing reads is not carried into a repository."""
    read = {name for text in _texts(script) for name in _OF_INCIDENT.findall(text)}
    return {name: value for name, value in facts.items() if name in read and value is not None} or None


def _texts(script: Script) -> list[str]:
    """Everything that a run of it was written in."""
    documents = script.documents
    texts = [documents.runbook, documents.evidence or b"", *(part.data for part in documents.steps)]
    texts += [script.templates(message.template) or b"" for message in script.book.communication if message.template]
    return [text.decode() for text in texts]


def _short(value: Any) -> bool:
    return len(msgspec.json.encode(value)) <= _LARGE


def _document(script: Script, case: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in case.items() if value is not None}
    return {"apiVersion": "runbook/v1", "kind": "Scenario", "runbook": script.book.name, "scenarios": [plain]}


def _read(script: Script, case: Mapping[str, Any]) -> ScenarioCase:
    """The scenario as it would be read from its file."""
    document = load(emitted(_document(script, case)).encode(), script.specs, path="the scenario").document
    assert isinstance(document, Scenarios)  # noqa: S101 - by its kind
    return document.scenarios[0]


def _text(script: Script, case: Mapping[str, Any], run: str, left: Sequence[str]) -> str:
    head = [f"Recorded from run {run}; of what was seen, what the runbook reads is kept."]
    head += ["What of it could not be turned into a scenario:", *(f"- {line}" for line in left)] if left else []
    lines = (" ".join(line.split()).encode("ascii", "backslashreplace").decode() for line in head)
    return in_style("".join(f"# {line}\n" for line in lines) + emitted(_document(script, case)), script.specs)
