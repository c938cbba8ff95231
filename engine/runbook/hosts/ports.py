"""What passes between a driver and those around it: results and signals in, commands out, and who performs and watches.

`Hands` perform commands, `Watcher` shows a run; desks and clocks are in `said.py` and `clock.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from runbook.core.commands import Announce, Apply, Command
from runbook.core.procedure import Finished
from runbook.core.words import RunOutcome
from runbook.errors import Exit
from runbook.hosts.said import Said
from runbook.journal.port import LockInfo
from runbook.journal.record import Record


class Result(NamedTuple):
    """What a performed command gave: the record to write. `again`: it is proven that nothing was done."""

    key: str
    type: str
    data: dict[str, Any]
    again: bool = False


class Held(NamedTuple):
    """What is waited for now, in words; shown, not recorded."""

    what: str


class Signal(NamedTuple):
    """A signal from the operating system, as the exit code that it leads to."""

    exit: Exit


class Woken(NamedTuple):
    """Others have written to the run's stream."""


class Suspended(NamedTuple):
    """The run is open, and nobody runs it any more: why, and with which exit code."""

    exit: Exit
    reason: str


Ended = Finished | Suspended
Event = Result | Held | Said | Signal | Woken


def exit_of(ended: Ended) -> Exit:
    """The exit code of a drive."""
    return ended.exit if isinstance(ended, Suspended) else RunOutcome(ended.outcome).exit


Hold = Callable[[tuple[str, ...]], tuple[LockInfo, ...]]  # take these locks, all or none; else who holds them


class Hands(Protocol):
    """Performs commands, elsewhere or at once, and delivers results through `deliver`."""

    def perform(self, command: Command, deliver: Callable[[Result | Held], None]) -> None:
        """Begin; deliver once."""
        ...

    def confirm(self, command: Apply, intents: list[Record], deliver: Callable[[Result | Held], None]) -> None:
        """Find out what became of a change without a result; sends nothing."""
        ...

    def intent(self, command: Apply, attempt: int) -> dict[str, Any]:
        """What the intent's record says besides its digests: timeout, boot, where its attempt is marked."""
        ...

    def letter(self, command: Announce) -> dict[str, Any] | None:
        """What is recorded of a message before it is sent; None where none will be."""
        ...

    def maybe_sent(self, keys: set[str]) -> None:
        """Messages that the last runner may have sent before it ended."""
        ...

    def withdraw(self, key: str) -> None:
        """Nobody waits for this any more: end it soon."""
        ...

    def hurry(self) -> None:
        """End everything that is being performed, changes included; what becomes of them will be in doubt."""
        ...


class Watcher(Protocol):
    """Shows a run as it goes. Told of every record and of what begins; asked nothing."""

    def record(self, record: Record) -> None:
        """A record was written or read."""
        ...

    def performing(self, command: Command) -> None:
        """A command is being performed now."""
        ...

    def held(self, what: str) -> None:
        """The run waits: for a target that somebody else holds, or for a command that outlived its runner."""
        ...
