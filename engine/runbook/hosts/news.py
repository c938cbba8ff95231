"""What a watcher is told, kept until there is time: drawing takes as long as a commit, and a step at work hides it.

Only what is durable becomes news, and it is told in the order in which it came.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from runbook.core.commands import Command
from runbook.hosts.ports import Watcher
from runbook.journal.record import Record


class News:
    """A watcher that tells another later."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._kept: list[Callable[[], None]] = []

    def record(self, record: Record) -> None:
        """A record was written or read."""
        self._kept.append(partial(self._watcher.record, record))

    def performing(self, command: Command) -> None:
        """A command is being performed now."""
        self._kept.append(partial(self._watcher.performing, command))

    def held(self, what: str) -> None:
        """The run waits."""
        self._kept.append(partial(self._watcher.held, what))

    def show(self) -> None:
        """Tell it all; nothing is told twice."""
        kept, self._kept = self._kept, []
        for tell in kept:
            tell()
