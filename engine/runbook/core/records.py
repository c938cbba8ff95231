"""What the folds need of a record; `runbook.journal.record.Record` has it all, and so has a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Stored(Protocol):
    """The part that a result is decoded from."""

    @property
    def type(self) -> str:
        """Event name, such as `step.observed`."""
        ...

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's data, as stored."""
        ...


class Taken(Stored, Protocol):
    """What the machine needs."""

    @property
    def key(self) -> str | None:
        """The command's key, where the record belongs to one."""
        ...

    @property
    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    @property
    def epoch(self) -> int:
        """0 for guests, otherwise the runner's."""
        ...


class Written(Taken, Protocol):
    """What the history needs: also where it stands, and who did it."""

    @property
    def seq(self) -> int:
        """Place in the stream."""
        ...

    @property
    def actor(self) -> Any:
        """Who did it: `id`, `kind`, `via`."""
        ...
