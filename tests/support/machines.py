"""A pure host: one procedure driven by a scripted world in virtual time, without a journal, threads or kinds.

Every command is answered after a delay (none unless the script says so), in the order of time. What is fed into the
machine went through JSON as the journal would store it. A play can be stopped, replayed and gone on with.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import rfc8785

from runbook.core.changes import Change, Field, Observation, Target
from runbook.core.commands import (
    Announce,
    Apply,
    Approve,
    Ask,
    Command,
    Note,
    Observe,
    Page,
    PlanChange,
    Preserve,
    Wait,
)
from runbook.core.context import Run
from runbook.core.dry import dry
from runbook.core.machine import Machine
from runbook.core.procedure import Finished, procedure
from runbook.core.situation import Situation
from runbook.core.verdicts import judge
from runbook.core.words import Mode
from runbook.document.load import load
from runbook.document.model import EvidencePlan, Runbook
from runbook.document.spec import Specs
from runbook.document.words import Effect, Role
from support.specs import listing, mapping, needed, spec, text, whole

T0 = 1_800_000_000.0
FOREVER = 10.0 * 365 * 86400
VALUE = {"value": {"type": ["number", "string", "null"]}, "rows": {"type": "array", "items": {"type": "object"}}}
ANY = {"description": "Anything."}

_KINDS = (
    spec("look", Role.PROBE, mapping(of=ANY), VALUE),
    spec("ping", Role.PROBE, mapping(of=ANY), VALUE, expect="value"),
    spec("turn", Role.ACTION, mapping(to=ANY, target=text("Target.")), VALUE),
    spec("roll", Role.ACTION, mapping(to=ANY, target=text("Target.")), VALUE, arrives=True),
    spec("wipe", Role.ACTION, mapping(to=ANY), VALUE, effect=Effect.DESTRUCTIVE),
    spec("command.run", Role.ACTION, mapping(argv=needed(listing("Argv.")), effect=ANY), VALUE, effect=None),
    spec("manual.do", Role.MANUAL, mapping(text=needed(text("What to do.")), may_skip=ANY), {"done": {}}),
    spec("manual.ask", Role.MANUAL, mapping(question=needed(text("Question.")), choices=listing("Answers.")), VALUE),
    spec("manual.choose", Role.MANUAL, mapping(question=needed(text("Question.")), choices=needed(ANY)), VALUE),
    spec("notify.send", Role.NOTICE, mapping(to=needed(text("Channel.")), message=needed(text("Text."))), {"sent": {}}),
    spec("wait.until", Role.PAUSE, mapping(**{"for": ANY, "time": ANY}), {}),
    spec("prometheus.alerts", Role.PROBE, mapping(name=text("Alert."), labels=ANY), {"firing": {}}),
    spec("nap", Role.PROBE, mapping(seconds=whole("How long.")), VALUE, timeout="7s"),
)  # fmt: skip
KINDS: Specs = {kind.name: kind for kind in _KINDS}

HEAD = "apiVersion: runbook/v1\nkind: Runbook\nname: lamp\ntitle: Lamp\n"
VERIFIED = "verification: {within: 1m, every: 15s, checks: [{id: works, uses: look, expect: value == 1}]}\n"


def book(body: str) -> Runbook:
    """A runbook of this YAML, with a verification where it has options and says none."""
    if "resolution:" in body and "verification:" not in body:
        body = f"{body.rstrip()}\n{VERIFIED}"
    document = load((HEAD + body).encode(), KINDS).document
    assert isinstance(document, Runbook)
    return document


def plan_of(body: str) -> EvidencePlan:
    """An evidence plan of this YAML."""
    document = load(f"apiVersion: runbook/v1\nkind: EvidencePlan\nname: kept\n{body}".encode(), KINDS).document
    assert isinstance(document, EvidencePlan)
    return document


@dataclass(frozen=True)
class Taken:
    """A record as the machine sees it; `data` as it was stored."""

    type: str
    key: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    time: float = T0
    epoch: int = 1


def stored(data: Any) -> Any:
    """What a reader of the journal gets back."""
    return json.loads(rfc8785.dumps(msgspec.to_builtins(data, str_keys=True)))


def change(name: str, *, to: Any = 1, was: Any = 0, inputs: Mapping[str, Any] | None = None, **more: Any) -> Change:
    """A change of one field of one target, with its undo; `lasting=True` leaves the undo away."""
    target = Target(connection="house", kind="lamp", name=str(more.pop("target", name)), uid=more.pop("uid", "u1"))
    about = {"kind": more.pop("kind", "turn"), "target": target, "effect": more.pop("effect", Effect.CHANGE)}
    undo = None
    if not more.pop("lasting", False):
        back = (Field(path="/to", before=to, after=was),)
        undo = Change(**about, summary=f"{name} back to {was}", inputs={"to": was}, fields=back)
    sent = {"inputs": dict(inputs or {}), "fields": (Field(path="/to", before=was, after=to),), "undo": undo}
    return Change(**about, summary=f"{name} to {to}", **(sent | more))


@dataclass
class Script:
    """What the world and people say, by step address or bare id: a value, a list (the last one stays) or a callable
    of how often it was asked. `takes` says after how many seconds; None: never."""

    seen: dict[str, Any] = field(default_factory=dict)
    arrives: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, Any] = field(default_factory=dict)
    undoing: dict[str, Any] = field(default_factory=dict)
    applied: dict[str, Any] = field(default_factory=dict)
    undone: dict[str, Any] = field(default_factory=dict)
    gates: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    takes: dict[str, float | None] = field(default_factory=dict)
    inputs: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)


Start = Callable[[], Machine]


def starting(
    of: Runbook,
    *,
    mode: Mode = Mode.BY_HAND,
    evidence: EvidencePlan | None = None,
    others: Mapping[str, Runbook] | None = None,
    **situation: Any,
) -> Start:
    """How machines of this runbook are made, each new."""
    flow = procedure(of, KINDS, evidence, others)
    if mode is Mode.DRY:
        flow = lambda at: dry(Run(of, at, KINDS, evidence, others))  # noqa: E731
    given = {"run": "r1", "parameters": {}, **situation}
    return lambda: Machine(flow, Situation(mode=mode, **given))


class Play:
    """One run: `log` has every command in the order in which it was handed out, `records` everything fed."""

    def __init__(self, start: Start, script: Script | None = None) -> None:
        self.script = script or Script()
        self.start = start
        self.machine = start()
        self.records: list[Taken] = []
        self.log: list[Command] = []
        self.now = T0
        self._asked: Counter[tuple[int, str]] = Counter()
        self._queue: list[tuple[float, int, str, Any]] = []
        self._order = 0
        self._hand_out(self.machine.start(T0))
        self.feed(Taken("run.started", data={"engine": "9.9.9"}))
        for after, type_, data in self.script.inputs:
            self._push(T0 + after, "input", (type_, data))

    # --- driving ------------------------------------------------------------------------------------------

    def run(self, until: Callable[[Command], bool] | None = None, limit: int = 3000) -> Play:
        """Answer everything in the order of time; stops where nothing is left or nobody answers, or before `until`."""
        for _ in range(limit):
            if not self._queue or self._stuck():
                return self
            at, _, key, what = self._queue[0]
            command = self.machine.pending.get(key)
            if until is not None and command is not None and until(command):
                return self
            heapq.heappop(self._queue)
            self.now = max(self.now, at)
            self._happens(key, what)
        raise AssertionError("the run does not end")

    def _stuck(self) -> bool:
        """Nothing is to come but what goes on beside a run that waits for somebody."""
        waits = {command.key for command in self.machine.foreground()}
        return bool(waits) and waits.isdisjoint(key for _, _, key, _ in self._queue) and not self._told()

    def _told(self) -> bool:
        return any(key == "input" for _, _, key, _ in self._queue)

    def _happens(self, key: str, what: Any) -> None:
        if key == "input":
            self.say(what[0], **what[1])
        elif key not in self.machine.pending:
            return
        elif isinstance(what, Apply) and key not in self.machine.intended:
            self._intend(what)
        else:
            for type_, data in self.answer(what):
                self.feed(Taken(type_, key, stored({"command": what.digest, **data}), self.now))
                if data.get("found") == "not_applied" and key in self.machine.pending:
                    self._push(self.now, key, what)

    def _intend(self, command: Apply) -> None:
        attempt = 1 + sum(r.type == "change.intended" and r.key == command.key for r in self.records)
        about = {"command": command.digest, "digest": command.change.digest, "attempt": attempt}
        self.feed(Taken("change.intended", command.key, stored(about), self.now))
        takes = self._delay(command)
        if takes is not None:
            self._push(takes, command.key, command)

    def say(self, type_: str, key: str | None = None, *, away: float = 0.0, **data: Any) -> None:
        """A record that no command asked for; `away`: nobody ran the run for so many seconds before it."""
        self.now += away
        epoch = 1 if type_ == "run.resumed" else 0
        self.feed(Taken(type_, key, stored(data), self.now, epoch))

    def feed(self, record: Taken) -> list[Command]:
        self.records.append(record)
        out = self.machine.take(record)
        self._hand_out(out)
        return out

    def _hand_out(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self.log.append(command)
            takes = self.now if isinstance(command, Apply) else self._delay(command)
            if takes is not None:
                self._push(takes, command.key, command)

    def _push(self, at: float, key: str, what: Any) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at, self._order, key, what))

    def _delay(self, command: Command) -> float | None:
        if isinstance(command, Wait):
            return max(command.until, self.now)
        if isinstance(command, Note):
            return self.now
        for name in (command.key, f"{command.path}:{command.verb}", command.path, str(command.verb)):
            if name in self.script.takes:
                delay = self.script.takes[name]
                return None if delay is None else self.now + delay
        return self.now

    # --- what the world says ------------------------------------------------------------------------------

    def answer(self, command: Command) -> list[tuple[str, dict[str, Any]]]:
        """The records that answer a command; none: nobody answers."""
        for shape, (type_, answer) in _ANSWERS.items():
            if isinstance(command, shape):
                data = answer(self, command)
                return [] if data is None else [(data.pop("type", type_), data)]
        raise AssertionError(command)

    def said(self, table: dict[str, Any], command: Command, default: Any) -> Any:
        """The script's entry for a command: the most exact name wins."""
        parts = command.path.split("/")
        short = "/".join(parts[-2:]) if "verification" in parts else command.path
        for name in (command.key, command.path, short, parts[-1], getattr(command, "purpose", ""), "*"):
            if name in table:
                entry = table[name]
                self._asked[id(table), name] += 1
                n = self._asked[id(table), name]
                if callable(entry):
                    return entry(n)
                return entry[min(n, len(entry)) - 1] if isinstance(entry, list) else entry
        return default

    # --- what a test asks ---------------------------------------------------------------------------------

    @property
    def finished(self) -> Finished:
        assert self.machine.done, f"the run waits for {list(self.machine.pending)}"
        return self.machine.value

    @property
    def outcome(self) -> str:
        return str(self.finished.outcome)

    def did(self, *verbs: str) -> list[str]:
        """Keys of the commands of these verbs (all but notes without any), in order."""
        return [c.key for c in self.log if (str(c.verb) in verbs if verbs else not isinstance(c, Note))]

    def sent(self) -> list[str]:
        """Keys of everything that changed the world or was to, in order."""
        return self.did("apply", "undo")

    def all(self, shape: type[Command]) -> list[Any]:
        return [command for command in self.log if isinstance(command, shape)]

    def of(self, key: str) -> Any:
        return next(command for command in self.log if command.key == key)

    def ends(self) -> dict[str, str]:
        """How each option ended, as noted."""
        return {n.data["option"]: n.data["ended"] for n in self.all(Note) if n.about == "option"}

    def notes(self, path: str) -> list[dict[str, Any]]:
        return [n.data for n in self.all(Note) if n.path == path]

    def pending(self) -> list[str]:
        return list(self.machine.pending)

    def at(self) -> float:
        """Seconds since the start."""
        return self.now - T0

    def replayed(self, count: int | None = None) -> tuple[Machine, list[Command]]:
        """A second machine that was fed the first `count` records, and all that it handed out."""
        machine = self.start()
        out = machine.start(T0)
        for record in self.records[:count]:
            out += machine.take(record)
        return machine, out


def standing(machine: Machine) -> list[tuple[str, str]]:
    """What a machine waits for: keys and digests, in order."""
    return [(key, command.digest) for key, command in machine.pending.items()]


# --- answers by command ---------------------------------------------------------------------------------------


def _observed(play: Play, command: Any) -> dict[str, Any] | None:
    if command.sent is not None:
        said = play.said(play.script.arrives, command, "pass")
        return {"status": "succeeded", **(said if isinstance(said, dict) else {"verdict": said})}
    said = play.said(play.script.seen, command, "pass")
    if said is None:
        return None
    if said in ("pass", "fail", "unknown"):
        return {"status": "succeeded", "verdict": said if command.expect else None, "output": {"value": 1}}
    if said == "unreadable":
        verdict = "unknown" if command.expect else None
        return {"status": "failed", "verdict": verdict, "error": {"code": "unreachable", "message": "no answer"}}
    if isinstance(said, dict) and ("status" in said or "asked" in said):
        return dict(said)
    output = dict(said) if isinstance(said, dict) else {"value": said}
    verdict, reason = judge(command.expect, command.series, Observation(output=output), command.scope)
    return {"status": "succeeded", "verdict": verdict, "reason": reason, "output": output}


def _planned(play: Play, command: Any) -> dict[str, Any] | None:
    if command.waits_for:
        return {"waits_for": command.waits_for}
    if command.undoes is not None:
        said = play.said(play.script.undoing, command, "same")
        if said == "same":
            said = play.of(command.undoes).change.undo
    else:
        said = play.said(play.script.plans, command, {})
    if said in ("nothing", "refused", "forbidden", "error"):
        by = "policy" if said == "forbidden" else "kind"
        return {
            "nothing": {"nothing": "already so"},
            "error": {"error": {"code": "unreachable", "message": "no answer"}},
        }.get(said, {"refused": "it may not be", "by": by})
    if isinstance(said, dict):
        inputs = command.inputs
        given = {"to": inputs.get("to", 1), "target": inputs.get("target", command.id), "kind": command.kind}
        effect = KINDS[command.kind].effect or Effect.CHANGE
        said = change(command.id, inputs=inputs, **({"effect": effect} | given | said))
    return None if said is None else {"change": said}


_RESULTS = {
    "yes": {"applied": "yes"},
    "no": {"applied": "no", "error": {"code": "refused", "message": "refused"}},
    "partly": {"applied": "partly", "error": {"code": "exit", "message": "exit 1"}},
    "precondition": {"applied": "no", "error": {"code": "precondition", "message": "moved"}},
    "doubt": {"type": "change.confirmed", "found": "unknown", "reason": "no answer"},
    "absent": {"type": "change.confirmed", "found": "not_applied", "reason": "not there"},
}


def _resulted(play: Play, command: Any) -> dict[str, Any] | None:
    table = play.script.applied if command.undoes is None else play.script.undone
    said = play.said(table, command, "yes")
    return dict(_RESULTS[said]) if isinstance(said, str) else said and dict(said)


def _decided(play: Play, command: Any) -> dict[str, Any] | None:
    said = play.said(play.script.gates, command, "granted")
    if said is None:
        return None
    data = {"verdict": said} if isinstance(said, str) else dict(said)
    return {"by": ["ann"], "until": play.now + FOREVER, "reason": f"said {data['verdict']}"} | data


def _given(play: Play, command: Any) -> dict[str, Any] | None:
    said = play.said(play.script.answers, command, "done" if command.purpose == "manual" else None)
    if said is None:
        return None
    return {"expired": True} if said == "expired" else {"value": said, "by": "ann"}


def _delivered(play: Play, command: Any) -> dict[str, Any]:
    return {"status": play.said(play.script.sent, command, "sent")}


_ANSWERS: dict[type[Command], tuple[str, Callable[[Play, Any], dict[str, Any] | None]]] = {
    Observe: ("step.observed", _observed),
    PlanChange: ("change.planned", _planned),
    Apply: ("change.resulted", _resulted),
    Approve: ("decision.given", _decided),
    Ask: ("answer.given", _given),
    Wait: ("wait.ended", lambda play, command: {}),
    Announce: ("message.sent", _delivered),
    Page: ("page.sent", _delivered),
    Preserve: ("evidence.preserved", lambda p, c: {"status": p.said(p.script.kept, c, "preserved")}),
    Note: ("note.added", lambda play, command: dict(command.data)),
}


def play(body: str, script: Script | None = None, **situation: Any) -> Play:
    """A whole run of this runbook."""
    return Play(starting(book(body), **situation), script).run()
