"""A world of switches, hands that wait for the test to say what happens, and a driver that can be dropped at any time.

A change turns its switch on and its undo turns it off; turning on what is on, or off what is off, is what must never
happen. `Crashed` is raised where a process would die.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from runbook.core.changes import Change
from runbook.core.commands import Announce, Apply, Command, Observe, Page, PlanChange
from runbook.core.machine import Machine
from runbook.core.words import Mode
from runbook.hosts.clock import VirtualClock
from runbook.hosts.driver import Driver
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.ports import Ended, Result
from runbook.hosts.said import Gate, Question, Say
from runbook.journal import Actor, Draft, Journal, Record
from runbook.journal.memory import MemoryStore
from runbook.journal.port import Store
from runbook.policy.people import People
from support.crash.place import Unseen
from support.machines import T0, change

STREAM = "run/r1"
ANN = Actor(kind="person", id="ann")
NOBODY_ELSE = People(None, "ann")
Deliver = Callable[[Result], None]


class Crashed(BaseException):
    """The process of the runner ends here."""


class World:
    """Switches by path, and how often each attempt of each change was sent and took effect."""

    def __init__(self) -> None:
        self.on: dict[str, bool] = {}
        self.sent: list[tuple[str, int]] = []
        self.effects: dict[str, int] = {}
        self.proven: set[tuple[str, int]] = set()  # attempts that will never take effect
        self.loose: set[str] = set()  # changes of a runner that is away, which may take effect yet

    def acts(self, command: Apply, *, partly: bool = False) -> None:
        """The change takes effect; what is taken back only partly is still there."""
        assert not self.effects.get(command.key), f"{command.key} took effect twice"
        self.effects[command.key] = 1
        on = command.undoes is None
        assert self.on.get(command.path, False) != on, f"{command.path} was turned {'on' if on else 'off'} twice"
        self.on[command.path] = on or partly


class ScriptedHands:
    """Keeps what it is to perform until the test answers it. `dies` is where the next crash happens."""

    def __init__(self, world: World, journal: Journal, driver: Callable[[], Driver]) -> None:
        self.world = world
        self.journal = journal
        self.driver = driver
        self.flying: dict[str, tuple[Command, Deliver, bool]] = {}
        self.dies: str | None = None

    def perform(self, command: Command, deliver: Deliver) -> None:
        if isinstance(command, Apply):
            self._checked(command)
            if self.dies == "before":
                raise Crashed
            if self.dies == "after":
                self.world.acts(command)
                raise Crashed
        self.flying[command.key] = (command, deliver, False)

    def _checked(self, command: Apply) -> None:
        """What must hold at the moment in which a change is sent."""
        records = list(self.journal.read(STREAM))
        intents = [r for r in records if r.type == "change.intended" and r.key == command.key]
        assert intents, f"{command.key} without a durable intent"
        attempt = (command.key, len(intents))
        assert attempt not in self.world.sent, f"{attempt} sent twice"
        assert all((command.key, n) in self.world.proven for n in range(1, len(intents))), f"{attempt} without a proof"
        assert not any(r.type == "abort.requested" for r in records), f"{command.key} after an abort"
        assert not self.driver().machine.doubts, f"{command.key} while something is in doubt"
        granted = [r for r in records if r.type == "decision.given" and r.key == command.grant]
        assert [r.data["verdict"] for r in granted] == ["granted"], f"{command.key} without a yes"
        assert not any(r.type == "run.finished" for r in records)
        self.world.sent.append(attempt)

    def confirm(self, command: Apply, intents: list[Record], deliver: Deliver) -> None:
        self.flying[command.key] = (command, deliver, True)

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        if self.dies == "intending":
            raise Crashed
        return {}

    def letter(self, command: Announce) -> dict[str, Any]:
        return {"message": command.key, "channel": command.to, "text": command.words or "", "id": command.id}

    def maybe_sent(self, keys: set[str]) -> None:
        pass

    def withdraw(self, key: str) -> None:
        if key in self.flying and not isinstance(self.flying[key][0], Announce | Page):
            del self.flying[key]

    def hurry(self) -> None:
        pass

    def answer(self, key: str, how: str) -> None:
        """What a command gives: for changes `yes no partly absent unknown lost`, for reads a verdict, plans `moved`."""
        command, deliver, confirming = self.flying.pop(key)
        deliver(self._result(command, how, confirming=confirming))

    def _result(self, command: Command, how: str, *, confirming: bool) -> Result:
        if isinstance(command, Apply):
            return self._applied(command, how, confirming=confirming)
        about = {"id": getattr(command, "id", None), "phase": getattr(command, "phase", None)}
        if isinstance(command, Observe):
            return Result(command.key, "step.observed", {**about, "status": "succeeded", "verdict": how, "output": {}})
        if isinstance(command, PlanChange):
            return Result(command.key, "change.planned", {**about, **self._planned(command, how)})
        type_ = "page.sent" if command.verb == "page" else "message.sent"
        return Result(command.key, type_, {**about, "status": "sent"})

    def _planned(self, command: PlanChange, how: str) -> dict[str, Any]:
        if how == "refused":
            return {"refused": "not now", "by": "kind"}
        moved = {"uid": f"u{len(self.world.sent)}"} if how == "moved" else {}
        planned: Change | None = change(command.id, **moved)
        if command.undoes is not None and planned is not None:
            planned = planned.undo
        assert planned is not None
        return {"change": msgspec.to_builtins(planned), "digest": planned.digest}

    def _applied(self, command: Apply, how: str, *, confirming: bool) -> Result:
        """The truth, or that it cannot be told; never a lie."""
        attempt = sum(r.type == "change.intended" and r.key == command.key for r in self.journal.read(STREAM))
        happened = bool(self.world.effects.get(command.key))
        if not confirming and how in ("yes", "partly", "lost"):
            self.world.acts(command, partly=how == "partly")
            happened = True
        about: dict[str, Any] = {"id": command.id, "phase": command.phase}
        if how in ("unknown", "lost") or (confirming and not happened and command.key in self.world.loose):
            return Result(command.key, "change.confirmed", {**about, "found": "unknown", "reason": "no answer"})
        if happened:
            error = {"code": "exit", "message": "exit 1"} if how == "partly" else None
            data = {"applied": "partly" if how == "partly" else "yes", "error": error}
            return Result(command.key, "change.resulted", {**about, **data})
        self.world.proven.add((command.key, attempt))
        if how == "absent" or confirming:
            data = {"found": "not_applied", "reason": "not there"}
            return Result(command.key, "change.confirmed", {**about, **data}, again=True)
        return Result(
            command.key, "change.resulted", {**about, "applied": "no", "error": {"code": "refused", "message": "no"}}
        )


class Attended:
    """A desk where the test sits."""

    attended = True

    def opened(self, open_: Gate | Question, say: Say) -> None:
        pass

    def closed(self, key: str) -> None:
        pass


class Runner:
    """One process that runs the run: a new machine, brought to where the journal is."""

    def __init__(
        self,
        journal: Journal,
        world: World,
        clock: VirtualClock,
        machine: Machine,
        people: People = NOBODY_ELSE,
    ) -> None:
        self.journal = journal
        self.lease = journal.lease(STREAM, {})
        gatekeeper = Gatekeeper(people=people, policy_digest=None, runbook="lamp", mode=Mode.BY_HAND, past=lambda _: [])
        self.hands = ScriptedHands(world, journal, lambda: self.driver)
        self.driver = Driver(
            journal=journal,
            stream=STREAM,
            lease=self.lease,
            machine=machine,
            hands=self.hands,
            gatekeeper=gatekeeper,
            desk=Attended(),
            clock=clock,
            watcher=Unseen(),
            hold=lambda names: journal.take_locks(names, STREAM, {}),
        )

    def turn(self) -> Ended | None:
        events = []
        while not self.driver.events.empty():
            events.append(self.driver.events.get())
        return self.driver.turn(events)


def begun(clock: VirtualClock, store: Store | None = None) -> Journal:
    """A journal, in memory unless a store is given, with the first record of the run."""
    assert clock.now() == T0
    journal = Journal(store or MemoryStore(), clock=clock.now)
    journal.open_stream(STREAM, Draft("run.started", None, {"engine": "9.9.9", "initiator": "ann"}, ANN), epoch=1)
    return journal
