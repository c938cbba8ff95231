"""The port: what a store must do, and the words that the journal and its users share.

`Store` is implemented once per kind of storage (`memory`, `sqlite`, `postgres`) and holds bytes in order; it
knows nothing of records, hashes, secrets or runs. `journal.Journal` is written once, over this port. Every store
passes the same tests.

A store's methods raise `StoreError`, saying what to do, and nothing of its own library's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NamedTuple, Protocol

import msgspec

from runbook.errors import Refused, StoreError


class Row(NamedTuple):
    """One stored record: its place among all records (None where a store does not order them), and its bytes."""

    position: int | None
    seq: int
    raw: bytes


class Span(NamedTuple):
    """A stream from outside: its first and last record, and whether its end was recorded in the store's stream."""

    stream: str
    first: Row
    last: Row
    sealed: bool


class LockInfo(msgspec.Struct, frozen=True):
    """A lock that is held: on what, by which run, since when (UTC), and what its owner says about itself."""

    name: str
    owner: str
    since: str
    info: dict[str, Any]


class Claim(NamedTuple):
    """Being the one live runner of a stream: how to let go, and whether that is still so as far as we can know."""

    release: Callable[[], None]
    lives: Callable[[], bool] = lambda: True


class Lease:
    """The right to be a stream's runner, until `release` or the end of the process.

    Once it does not live any more, another may have it, and nothing may be sent under it.
    """

    def __init__(self, stream: str, epoch: int, claim: Claim) -> None:
        self.stream = stream
        self.epoch = epoch
        self.seen: int | None = None  # the last seq that its holder has read or written
        self._claim = claim
        self.released = False

    @property
    def lives(self) -> bool:
        """False once so much time has passed without a word from the store that another may hold it."""
        return not self.released and self._claim.lives()

    def release(self) -> None:
        """Give it back. A second time does nothing."""
        if not self.released:
            self.released = True
            self._claim.release()


class Busy(Refused):
    """Somebody alive runs this stream; `holder` is what they said about themselves."""

    code: ClassVar[str] = "busy"

    def __init__(self, message: str, *, holder: dict[str, Any], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.holder = holder


class StoreFull(StoreError):
    """No space is left. With `again`, a reserve has just been given free: the same transaction may be tried once
    more, to record what has happened already; nothing new may be begun."""

    code: ClassVar[str] = "store-full"

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message, hint="free some space on that file system, then resume")
        self.again = again


class Transaction(Protocol):
    """All or nothing, alone in the store. What is read here includes what was written here."""

    def last(self, stream: str) -> Row | None:
        """The newest record of a stream."""
        ...

    def rows(self, stream: str, after: int, limit: int) -> list[Row]:
        """Records with `seq > after`, in order, at most `limit`."""
        ...

    def insert(self, stream: str, seq: int, raw: bytes) -> int | None:
        """Keep one record; returns its position."""
        ...

    def sealed(self, stream: str) -> bool:
        """True when `seal` was called for this stream."""
        ...

    def seal(self, stream: str) -> None:
        """Remember that the end of this stream was recorded."""
        ...

    def epoch(self, stream: str) -> int:
        """The epoch of the newest runner; 0 when there was none."""
        ...

    def set_epoch(self, stream: str, epoch: int, holder: bytes) -> None:
        """A new runner, with what it says about itself."""
        ...

    def locks(self) -> list[LockInfo]:
        """All locks, by name."""
        ...

    def add_lock(self, lock: LockInfo) -> None:
        """Hold one more."""
        ...

    def drop_locks(self, owner: str) -> None:
        """Let go all that this owner holds."""
        ...

    def next_number(self, name: str) -> int:
        """The next of the counter's numbers, from 1."""
        ...

    def take_over(self, secret: bytes, counters: Mapping[str, int]) -> None:
        """Be what another store was: its secret, and how far its counters are."""
        ...

    def drop(self, digest: str) -> bool:
        """Take a payload away; whether there was one. Kept or gone when the transaction fails: it is recorded before.

        Within a transaction, because nobody can be about to name it then: payloads are put in that of their record.
        """
        ...


class Store(Protocol):
    """Where records, payloads, leases, locks and counters are kept."""

    def transaction(self, *, relaxed: bool = False) -> AbstractContextManager[Transaction]:
        """Durable when it ends; nothing of it is kept when its body or its end raises.

        A `relaxed` one is kept, in its order, for everybody to read when it ends, and durable with the next that is
        not, or with `sync`: a machine that loses its power may lose it.
        """
        ...

    @property
    def loose(self) -> bool:
        """Whether something that a relaxed transaction wrote may not be durable yet."""
        ...

    def sync(self) -> None:
        """Make durable what relaxed transactions have written."""
        ...

    def last(self, stream: str) -> Row | None:
        """The newest record of a stream."""
        ...

    def rows(self, stream: str, after: int, limit: int) -> list[Row]:
        """Records with `seq > after`, in order, at most `limit`."""
        ...

    def spans(self, prefix: str) -> list[Span]:
        """All streams whose names begin so, newest first."""
        ...

    def sweep(self, prefix: str, after: tuple[str, int], limit: int) -> list[tuple[str, Row]]:
        """Records of all streams whose names begin so, by stream and `seq`: those after this one, at most `limit`."""
        ...

    def changed(self, stream: str) -> int:
        """A number that moves with what is written here, at once, and with what others commit to a stream. Cheap.

        It may move with more than that.
        """
        ...

    def wakes(self, stream: str, wake: Callable[[], None]) -> None:
        """Have this called, from any thread, soon after others commit to a stream; never where one must look."""
        ...

    def locks(self) -> list[LockInfo]:
        """All locks, by name."""
        ...

    def holder(self, stream: str) -> bytes:
        """What the newest runner said about itself; empty when there was none."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that a claim may last after its process has ended."""
        ...

    def claim(self, stream: str) -> Claim | None:
        """Be the one live runner of a stream, or None when another is alive.

        A claim ends with the process that made it, or `patience` after it, whatever becomes of its children.
        """
        ...

    def claimed(self, stream: str) -> bool:
        """True when some process, this one included, holds the claim now."""
        ...

    def put(self, digest: str, data: bytes) -> None:
        """Keep a payload (`digest` is its lower-case hexadecimal SHA-256), durably before this returns."""
        ...

    def get(self, digest: str) -> bytes | None:
        """A payload as it lies there, unchecked; None when there is none."""
        ...

    def payloads(self) -> list[str]:
        """The digests of all payloads that lie there, whether anything names them or not."""
        ...

    @property
    def shared(self) -> bool:
        """Whether anybody who may write to it could write as anybody: nothing but the database's login tells them."""
        ...

    @property
    def format(self) -> int:
        """Of which version its tables are."""
        ...

    @property
    def newest(self) -> int:
        """Of which version its tables would be made today."""
        ...

    def migrate(self) -> None:
        """Bring its tables forward to the newest version, all or nothing; nothing where they are."""
        ...

    def check_writable(self) -> None:
        """StoreError, which says why and what to do, where this store is only read. Writes nothing."""
        ...

    def warnings(self) -> list[str]:
        """What of its settings should be otherwise, for records to be safe in it."""
        ...

    def counters(self) -> dict[str, int]:
        """How far each counter is."""
        ...

    def secret(self) -> bytes:
        """32 random bytes of this store, kept beside the records and never in one."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


Put = Callable[[bytes, str], "PayloadRef"]


class PayloadRef(msgspec.Struct, frozen=True):
    """Stands in a record for a value kept beside it: `digest` is `sha256:<hex>`, `size` in bytes, its media type."""

    digest: str = msgspec.field(name="payload")
    size: int = 0
    media: str = "application/octet-stream"

    @property
    def wire(self) -> dict[str, Any]:
        """As it stands in a record."""
        return {"payload": self.digest, "size": self.size, "media": self.media}


class Head(msgspec.Struct, frozen=True):
    """The newest record of a stream."""

    seq: int
    hash: str


class Checkpoint(msgspec.Struct, frozen=True):
    """What a stream was at some time: how many records, and the hash of the last."""

    stream: str
    size: int
    head: str
