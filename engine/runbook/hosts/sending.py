"""Sends changes, each at most once, and looks into what became of those whose result nobody saw.

An attempt has a locked file of its own before its intent is recorded: whoever resumes the run sees by it whether
anything of the attempt is still alive. An `apply` that raises is a doubt, which `confirm` settles, or a person.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from runbook import kinds
from runbook.clients.attempts import Attempt, boot_id, made
from runbook.core import extraction
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Error, Outcome
from runbook.core.commands import Apply
from runbook.core.words import Applied
from runbook.errors import RunbookError
from runbook.hosts.anchors import astray
from runbook.hosts.ports import Held, Result
from runbook.hosts.world import LocalWorld
from runbook.hosts.worlds import CHANGE, LOOK, Worlds
from runbook.journal.record import Record

CONFIRM_EVERY = 0.5


class Sending:
    """The changes of one run; `folder` is that of the attempts' files."""

    def __init__(self, worlds: Worlds, folder: Path) -> None:
        self._worlds = worlds
        self._folder = folder
        self._attempts: dict[str, Attempt] = {}

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        """Make the locked file of an attempt; what the intent's record says of it."""
        made(self._folder)
        self._attempts[command.key] = Attempt.create(self._path(command, attempt))
        return {"boot": boot_id(), "intent": self._worlds.intent_id(command)}

    def close(self) -> None:
        """Let go of attempts that were never begun, because their intent could not be recorded."""
        while self._attempts:
            self._attempts.popitem()[1].close()

    def apply(self, command: Apply, cancel: threading.Event) -> Result:
        """Send it once; an answer that does not tell is a doubt, and is looked into."""
        attempt = self._attempts.pop(command.key)
        timeout = command.timeout or CHANGE
        world = self._worlds.of(command, timeout, cancel, attempt)
        why = "the answer did not say whether it was applied"
        try:
            outcome: Outcome | None = _unsent(command.change, world)
            if outcome is None:
                outcome = kinds.get(command.change.kind).apply(command.change, world)
        except Exception as error:  # noqa: BLE001 - whatever happened after the intent is a doubt
            outcome, why = None, f"{type(error).__name__}: {error}"
        finally:
            attempt.close()
        if outcome is not None and outcome.applied is not Applied.UNKNOWN:
            return _resulted(command, outcome)
        if outcome is not None and outcome.error is not None:
            why = outcome.error.message
        until = self._worlds.clock.now() + world.remaining()
        return self._confirmed(command, Attempt.earlier(attempt.path, boot_id()), cancel, until, why)

    def confirm(
        self, command: Apply, intent: Record, cancel: threading.Event, deliver: Callable[[Held], None]
    ) -> Result:
        """Look what became of a change that was intended and has no result."""
        path = self._path(command, int(intent.data.get("attempt", 1)))
        attempt = Attempt.earlier(path, str(intent.data.get("boot", "")))
        return self._confirmed(command, attempt, cancel, over_at(intent), "the runner ended before its result", deliver)

    def _confirmed(
        self,
        command: Apply,
        attempt: Attempt,
        cancel: threading.Event,
        until: float,
        why: str,
        deliver: Callable[[Held], None] | None = None,
    ) -> Result:
        """Ask the world until it can tell, at most until nothing of this attempt can arrive any more.

        What outlived its runner is waited for, and shown to whoever waits with us.
        """
        module = kinds.get(command.change.kind)
        while True:
            world = self._worlds.of(command, LOOK, cancel, attempt)
            try:
                lost = astray(command.change, world)
                found = CannotTell(reason=lost) if lost else module.confirm(command.change, world)
            except RunbookError as error:
                found = CannotTell(reason=str(error))
            over = self._worlds.clock.now() >= until
            if isinstance(found, DidApply):
                return _resulted(command, found.outcome)
            if isinstance(found, DidNotApply):
                data = {"found": "not_applied", "reason": found.reason, "id": command.id, "phase": command.phase}
                return Result(command.key, "change.confirmed", data, again=True)
            if over or cancel.is_set() or (found.running is None and not attempt.look().locked):
                return doubt(command, f"{why}; {found.reason}", found.running)
            if deliver is not None and found.running is not None:
                deliver(Held(f"{command.id} has outlived its runner: {found.running} still runs"))
                deliver = None
            cancel.wait(CONFIRM_EVERY)

    def _path(self, command: Apply, attempt: int) -> Path:
        return attempt_path(self._folder, self._worlds.around.run, command.key, attempt)


def attempt_path(folder: Path, run: str, key: str, attempt: int) -> Path:
    """The locked file of an attempt of the change with this key."""
    name = key.replace("/", "~").replace(":", "~").replace("#", "~")
    if "[" in key:  # an item's key may be long, and another one's once it is part of a file's name
        name = f"{name[:100]}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return folder / f"{run}~{name}~{attempt}"


def over_at(intent: Record) -> float:
    """Until when something of an intended change may still arrive."""
    return intent.time + float(intent.data.get("timeout") or 0.0)


def doubt(command: Apply, reason: str, running: str | None = None) -> Result:
    """Nobody knows whether it was applied."""
    data = {"found": "unknown", "reason": reason, "running": running, "id": command.id, "phase": command.phase}
    return Result(command.key, "change.confirmed", data)


def _unsent(change: Change, world: LocalWorld) -> Outcome | None:
    """What comes of a change that must not be sent, because it would go elsewhere; None where it may be sent."""
    try:
        lost = astray(change, world)
    except RunbookError as error:
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
    return None if lost is None else Outcome(applied=Applied.NO, error=Error(code="elsewhere", message=lost))


def _resulted(command: Apply, outcome: Outcome) -> Result:
    spec = kinds.get(command.change.kind).SPEC
    if spec.arrives and outcome.applied is Applied.YES and outcome.error is None:
        outcome = extraction.awaited(command.outputs, outcome)
    else:
        outcome = extraction.resulted(command.outputs, outcome, spec.text)
    data = msgspec.to_builtins(outcome)
    return Result(command.key, "change.resulted", {"id": command.id, "phase": command.phase, **data})
