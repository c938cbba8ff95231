"""The locks on what a run changes: taken before a change is planned, kept until the run has ended.

Nothing waits here: a plan whose target another run holds is tried again when the driver comes round to it.
"""

from __future__ import annotations

from collections.abc import Callable

from runbook.core.commands import PlanChange
from runbook.hosts.ports import Hold, Watcher

AGAIN = 1.0  # seconds between two tries for a target that another run holds


class Holds:
    """One run's. `waiting` are the keys of plans whose target somebody else holds, and when each is tried again."""

    def __init__(self, take: Hold, now: Callable[[], float], watcher: Watcher) -> None:
        self._take = take
        self._now = now
        self._watcher = watcher
        self._held: set[str] = set()
        self.waiting: dict[str, float] = {}

    def has(self, command: PlanChange) -> bool:
        """Whether the run has what a plan wants held, now at the latest; who has it instead is told the watcher."""
        if self._held.issuperset(command.hold):
            return True
        if self.waiting.get(command.key, 0.0) > self._now():
            return False
        held_by = self._take(command.hold)
        if held_by:
            self.waiting[command.key] = self._now() + AGAIN
            self._watcher.held(", ".join(f"{lock.name} is held by {lock.owner} since {lock.since}" for lock in held_by))
            return False
        self.forget(command.key)
        self._held.update(command.hold)
        return True

    def forget(self, key: str) -> None:
        """Nobody waits for the target of this plan any more."""
        self.waiting.pop(key, None)
