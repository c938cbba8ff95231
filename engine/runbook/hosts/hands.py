"""Performs commands through kinds and channels, in threads, and says what came of them as results.

Here is the one place that catches every exception: a probe that raises has failed, and an `apply` that raises is a
doubt, which `confirm` settles by looking at the world, or a person. A change is never sent twice from here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runbook.core.commands import Announce, Apply, Command, Observe, Page, PlanChange, Preserve, Undo
from runbook.hosts.broken import failed
from runbook.hosts.clock import Clock, WallClock
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.leases import Advice
from runbook.hosts.messenger import Messenger
from runbook.hosts.plans import Plans
from runbook.hosts.ports import Held, Result
from runbook.hosts.reads import Attested, Reads
from runbook.hosts.sending import Sending, over_at
from runbook.hosts.watchdog import GRACE, Watchdog
from runbook.hosts.workers import Workers
from runbook.hosts.world import Surroundings
from runbook.hosts.worlds import LOOK, Worlds
from runbook.journal.record import Record

PATIENCE = 5.0  # seconds that a step or an escalation waits for what comes of its message, before the run goes on

Deliver = Callable[[Result | Held], None]
Perform = Callable[[threading.Event], Result]


class LocalHands:
    """Performs commands for the local host. `attempts` is the folder of the attempts' locked files."""

    def __init__(
        self,
        *,
        around: Surroundings,
        gatekeeper: Gatekeeper,
        messenger: Messenger,
        attempts: Path,
        attested: Attested | None = None,
        proven_only: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._worlds = Worlds(around, clock or WallClock())
        self._reads = Reads(self._worlds, attested or {}, proven_only=proven_only)
        self._leases = Advice(around, gatekeeper.runbook, gatekeeper.mode)
        self._plans = Plans(self._worlds, gatekeeper, self._reads, self._leases)
        self._sending = Sending(self._worlds, attempts)
        self._messenger = messenger
        self._workers = Workers()
        self._watchdog = Watchdog()
        self._cancels: dict[str, threading.Event] = {}

    def perform(self, command: Command, deliver: Deliver) -> None:
        """Begin performing; the result is delivered from another thread."""
        longest = self._worlds.longest(command)
        if isinstance(command, Announce | Page):
            self._told(command, longest, deliver)
            return
        perform = _PERFORM[type(command)]
        self._begun(command, lambda cancel: perform(self, command, cancel), longest, deliver)

    def confirm(self, command: Apply, intents: list[Record], deliver: Deliver) -> None:
        """Look what became of a change that was intended and has no result."""
        intent = intents[-1]
        longest = max(0.0, over_at(intent) - self._worlds.clock.now()) + LOOK
        self._begun(command, lambda cancel: self._sending.confirm(command, intent, cancel, deliver), longest, deliver)

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        """Make the locked file of an attempt; what the intent's record says of it."""
        return self._sending.intent(command, attempt)

    def letter(self, command: Announce) -> dict[str, Any] | None:
        """What is recorded of a message before it is sent."""
        return self._messenger.letter(command)

    def maybe_sent(self, keys: set[str]) -> None:
        """These messages may be out already: the last runner ended while they were being sent."""
        self._messenger.resumed(keys)

    def withdraw(self, key: str) -> None:
        """Ask it to end soon."""
        if key in self._cancels:
            self._cancels[key].set()

    def hurry(self) -> None:
        """Ask everything to end soon, changes included."""
        for cancel in self._cancels.values():
            cancel.set()

    def ended(self) -> None:
        """The run has ended, and nothing of it is being performed any more."""
        self._leases.ended()

    def close(self) -> None:
        """Let go of attempts that were never begun, because their intent could not be recorded."""
        self._sending.close()

    def _begun(
        self,
        command: Command,
        perform: Perform,
        longest: float,
        deliver: Deliver,
        cancel: threading.Event | None = None,
    ) -> None:
        """Do it in a thread, and deliver what came of it, or that it did not end within `longest` seconds."""
        cancel = self._cancels[command.key] = cancel or threading.Event()

        def give_up() -> None:
            cancel.set()
            self._workers.give_up(number)
            deliver(failed(command, "timeout", f"it has not ended after {longest + GRACE:.0f}s, and was given up"))

        def job() -> None:
            self._watchdog.watch(command.key, longest + GRACE, give_up)
            try:
                result = perform(cancel)
            except BaseException as error:  # noqa: BLE001 - recorded, whatever it is; a kind may even call sys.exit
                result = failed(command, "bug", f"{type(error).__name__}: {error}")
            if self._watchdog.ended(command.key) or isinstance(command, Apply):
                deliver(result)

        number = self._workers.submit(job)

    def _told(self, command: Announce | Page, longest: float, deliver: Deliver) -> None:
        """Put it into the outbox now, for a channel keeps the order of commands; then wait for it elsewhere.

        Whoever waits for a result gets one within `PATIENCE`: that it is being sent. What came of it follows.
        """
        type_ = "page.sent" if isinstance(command, Page) else "message.sent"
        cancel = threading.Event()
        sending = self._messenger.post(command, cancel)

        def perform(_: threading.Event) -> Result:
            data = sending.result(PATIENCE)
            if data is None:
                if isinstance(command, Page) or command.awaited:
                    deliver(Result(command.key, type_, sending.so_far()))
                data = sending.result(longest - PATIENCE)
            if data is None:
                late = {"code": "timeout", "message": f"its channel has not answered after {longest:.0f}s"}
                data = {**sending.so_far(), "status": "unknown", "error": late}
            return Result(command.key, type_, data)

        self._begun(command, perform, longest, deliver, cancel)


_PERFORM: dict[type[Command], Callable[[LocalHands, Any, threading.Event], Result]] = {
    Observe: lambda hands, command, cancel: hands._reads.observe(command, cancel),
    PlanChange: lambda hands, command, cancel: hands._plans.plan(command, cancel),
    Apply: lambda hands, command, cancel: hands._sending.apply(command, cancel),
    Undo: lambda hands, command, cancel: hands._sending.apply(command, cancel),
    Preserve: lambda hands, command, cancel: hands._reads.preserve(command, cancel),
}
