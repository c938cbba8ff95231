"""What the folds need of a record; `runbook.journal.record.Record` has it all, and so has a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from runbook.core.dropped import Lost, plain


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

    @property
    def dropped(self) -> tuple[Lost, ...]:
        """What of its data was dropped, and where it stood."""
        ...


class Retold(NamedTuple):
    """A record of which something was dropped, for what only tells of it."""

    type: str
    data: Mapping[str, Any]
    key: str | None
    time: float
    epoch: int
    seq: int
    actor: Any
    dropped: tuple[Lost, ...]


def retold(record: Written) -> Retold:
    """The same with words where values stood."""
    return Retold(
        record.type,
        plain(record.data),
        record.key,
        record.time,
        record.epoch,
        record.seq,
        record.actor,
        record.dropped,
    )
