"""A store in this process's memory, for rehearsals and tests: everything that the port promises but durability."""

# ruff: noqa: D102 - the methods are those of the port, and described there

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from runbook.errors import Bug
from runbook.journal.port import Claim, LockInfo, Row, Span


class MemoryStore:
    """Store and transaction in one; what a transaction did is undone step by step when it fails."""

    shared = False
    patience = 0.0

    def __init__(self) -> None:
        self._mutex = threading.RLock()
        self._streams: dict[str, list[Row]] = {}
        self._sealed: set[str] = set()
        self._epochs: dict[str, tuple[int, bytes]] = {}
        self._locks: dict[str, LockInfo] = {}
        self._counters: dict[str, int] = {}
        self._payloads: dict[str, bytes] = {}
        self._claims: set[str] = set()
        self._secret = os.urandom(32)
        self._records = 0
        self._changes = 0
        self._undo: list[Callable[[], object]] | None = None

    @contextmanager
    def transaction(self, *, relaxed: bool = False) -> Iterator[MemoryStore]:
        del relaxed  # nothing here outlives the process
        with self._mutex:
            if self._undo is not None:
                raise Bug("a transaction inside of a transaction")
            self._undo = []
            try:
                yield self
            except BaseException:
                for step in reversed(self._undo):
                    step()
                raise
            finally:
                self._undo = None

    @property
    def loose(self) -> bool:
        """There is no disk that anything could wait for."""
        return False

    def sync(self) -> None:
        """There is no disk."""

    def last(self, stream: str) -> Row | None:
        with self._mutex:
            rows = self._streams.get(stream)
            return rows[-1] if rows else None

    def rows(self, stream: str, after: int, limit: int) -> list[Row]:
        with self._mutex:
            return self._streams.get(stream, [])[after + 1 : after + 1 + limit]

    def spans(self, prefix: str) -> list[Span]:
        with self._mutex:
            found = [
                Span(name, rows[0], rows[-1], name in self._sealed)
                for name, rows in self._streams.items()
                if rows and name.startswith(prefix)
            ]
        return found[::-1]

    def sweep(self, prefix: str, after: tuple[str, int], limit: int) -> list[tuple[str, Row]]:
        with self._mutex:
            names = sorted(name for name in self._streams if name.startswith(prefix) and name >= after[0])
            found = ((name, row) for name in names for row in self._streams[name] if (name, row.seq) > after)
            return list(islice(found, limit))

    def insert(self, stream: str, seq: int, raw: bytes) -> int:
        rows = self._streams.setdefault(stream, [])
        if seq != len(rows):
            raise Bug(f"record {seq} of {stream} offered where {len(rows)} is next")
        self._records += 1
        rows.append(Row(self._records, seq, raw))
        self._on_failure(rows.pop)
        return self._records

    def sealed(self, stream: str) -> bool:
        return stream in self._sealed

    def seal(self, stream: str) -> None:
        if stream not in self._sealed:
            self._sealed.add(stream)
            self._on_failure(lambda: self._sealed.discard(stream))

    def epoch(self, stream: str) -> int:
        return self._epochs.get(stream, (0, b""))[0]

    def set_epoch(self, stream: str, epoch: int, holder: bytes) -> None:
        before = self._epochs.get(stream, (0, b""))
        self._epochs[stream] = (epoch, holder)
        self._on_failure(lambda: self._epochs.update({stream: before}))

    def holder(self, stream: str) -> bytes:
        with self._mutex:
            return self._epochs.get(stream, (0, b""))[1]

    def locks(self) -> list[LockInfo]:
        with self._mutex:
            return [self._locks[name] for name in sorted(self._locks)]

    def add_lock(self, lock: LockInfo) -> None:
        self._locks[lock.name] = lock
        self._on_failure(lambda: self._locks.pop(lock.name))

    def drop_locks(self, owner: str) -> None:
        before = dict(self._locks)
        self._locks = {name: lock for name, lock in before.items() if lock.owner != owner}
        self._on_failure(lambda: setattr(self, "_locks", before))

    def next_number(self, name: str) -> int:
        self._counters[name] = number = self._counters.get(name, 0) + 1
        self._on_failure(lambda: self._counters.update({name: number - 1}))
        return number

    def take_over(self, secret: bytes, counters: Mapping[str, int]) -> None:
        self._secret, self._counters = secret, dict(counters)

    @property
    def format(self) -> int:
        """There are no tables."""
        return 1

    @property
    def newest(self) -> int:
        return 1

    def migrate(self) -> None:
        """There is nothing to bring forward."""

    def check_writable(self) -> None:
        """It always is."""

    def warnings(self) -> list[str]:
        return []

    def counters(self) -> dict[str, int]:
        return dict(self._counters)

    def changed(self, stream: str) -> int:
        del stream
        return self._changes

    def wakes(self, stream: str, wake: Callable[[], None]) -> None:
        """Nobody else writes here."""

    def claim(self, stream: str) -> Claim | None:
        with self._mutex:
            if stream in self._claims:
                return None
            self._claims.add(stream)
            return Claim(lambda: self._claims.discard(stream))

    def claimed(self, stream: str) -> bool:
        return stream in self._claims

    def put(self, digest: str, data: bytes) -> None:
        self._payloads[digest] = data

    def get(self, digest: str) -> bytes | None:
        return self._payloads.get(digest)

    def payloads(self) -> list[str]:
        return list(self._payloads)

    def drop(self, digest: str) -> bool:
        if self._undo is None:
            raise Bug("dropped outside of a transaction")
        return self._payloads.pop(digest, None) is not None

    def secret(self) -> bytes:
        return self._secret

    def close(self) -> None:
        self._claims.clear()

    def _on_failure(self, step: Callable[[], object]) -> None:
        if self._undo is None:
            raise Bug("written outside of a transaction")
        self._changes += 1
        self._undo.append(step)
