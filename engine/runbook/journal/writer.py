"""The writer of one stream inside one transaction: gives each record its place, its time and its link.

It knows the head because nobody else can write while it exists; so what it appends always follows what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runbook.core.masking import Masker
from runbook.errors import Bug
from runbook.journal.port import Lease, LockInfo, Put, Row, Transaction
from runbook.journal.record import Draft, Record, encode, genesis, seconds, stamp
from runbook.journal.storable import storable

GUESTS = frozenset(("vote.given", "answer.given", "abort.requested", "settlement.given", "note.added", "alert.joined"))
AFTERWARDS = frozenset(("payloads.dropped",))  # what guests may write once the stream has ended, and not before
RUN_BY_ONE = ("run/", "rehearsal/", "drill/")  # streams with a runner; into others anybody may write anything
RELAXED = frozenset(("step.observed", "note.added", "wait.ended"))  # lost with the power, they are found out again
JUMP = 2.0  # seconds that a wall clock may go back before it is called a jump

_ALL = 2**62


class Writer:
    """Appends to `stream`. `size` counts its records; `clock_jump` is how far the wall clock went back, in seconds.

    `clock_jump` is None unless it went back by more than two seconds since this stream was last written; what is
    appended meanwhile keeps the time of the record before it.
    """

    def __init__(
        self,
        tx: Transaction,
        stream: str,
        lease: Lease | None,
        *,
        clock: Callable[[], float],
        masker: Masker,
        put: Put,
        decoded: Callable[..., Record],
    ) -> None:
        self.stream = stream
        self.clock_jump: float | None = None
        self._tx = tx
        self._lease = lease
        self._epoch = 0 if lease is None else lease.epoch
        self._clock = clock
        self._masker = masker
        self._put = put
        self._decoded = decoded
        self.size, self._at, self.head = 0, "", genesis(stream)
        last = tx.last(stream)
        if last is not None:
            record = decoded(last, limit=-1)
            self.size, self._at, self.head = record.seq + 1, record.at, record.hash
        self.appended = 0
        self.relaxed = True  # nothing was appended that must be on the disk before anything follows from it
        self.ends = False

    def tail(self, after: int) -> list[Record]:
        """The records with a higher `seq`: what others wrote since."""
        news = self._tx.rows(self.stream, after, _ALL) if after < self.size - 1 else []
        records = [self._decoded(row) for row in news]
        if self._lease is not None:
            self._lease.seen = self.size - 1
        return records

    def append(self, draft: Draft, *, at: float | None = None) -> Record:
        """Write one record; returns it as a reader will get it. `at` never decreases within a stream.

        A guest may append only what guests may; a runner must have read what others wrote since it last looked.
        Both are ours to get right, so a violation is a Bug. Secrets are taken out of `data`; type, key and actor
        are names from reviewed documents and the system, and are written as they are.
        """
        self._check(draft)
        stamped = max(self._at, stamp(self._clock() if at is None else at))
        raw = encode(
            draft,
            stream=self.stream,
            seq=self.size,
            at=stamped,
            epoch=self._epoch,
            prev=self.head,
            masker=self._masker,
            put=self._put,
        )
        position = self._tx.insert(self.stream, self.size, raw)
        record = self._decoded(Row(position, self.size, raw))
        self.size, self._at, self.head = self.size + 1, stamped, record.hash
        self.appended += 1
        self.relaxed = self.relaxed and draft.type in RELAXED
        if self._lease is not None:
            self._lease.seen = record.seq
        return record

    def seal(self) -> None:
        """This transaction ends the stream: its size and head are recorded in the store's own stream."""
        self.ends = True

    def release_locks(self, owner: str) -> None:
        """Let go of all locks of this owner, with what is appended here or not at all."""
        self._tx.drop_locks(owner)

    def hand_over_locks(self, owner: str, heir: str, info: dict[str, Any]) -> None:
        """Give all locks of this owner to another, so that nobody else can take them in between.

        `info` is added to what is shown to whoever finds them held.
        """
        mine = [lock for lock in self._tx.locks() if lock.owner == owner]
        self._tx.drop_locks(owner)
        for lock in mine:
            self._tx.add_lock(LockInfo(lock.name, heir, lock.since, {**lock.info, **storable(info, self._masker)}))

    def _check(self, draft: Draft) -> None:
        if self._lease is None:
            afterwards = draft.type in AFTERWARDS and self._tx.sealed(self.stream)
            if self.stream.startswith(RUN_BY_ONE) and draft.type not in GUESTS and not afterwards:
                raise Bug(f"{draft.type} appended to {self.stream} by a guest; only its runner may")
        elif self._lease.seen is not None and self._lease.seen != self.size - 1:
            raise Bug(f"{draft.type} appended to {self.stream} without having read what others wrote before it")

    def watch(self, seen: float | None) -> float:
        """Compare the wall clock with its last reading (`seen`, or the newest record); returns the new reading."""
        now = self._clock()
        before = seen if seen is not None else seconds(self._at) if self._at else now
        if now < before - JUMP:
            self.clock_jump = now - before
        return now
