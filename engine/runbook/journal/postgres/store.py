"""The port on PostgreSQL. Writers take turns, over all machines, by an advisory lock that ends with the transaction.

One connection per process, guarded by a mutex that a transaction holds from beginning to end; claims and listening
have their own. Every commit is durable, relaxed ones too: a server that restarts while its runners live must not
have forgotten what they go on from.
"""

# ruff: noqa: D102 - the methods are those of the port, and described there

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final

import msgspec

from runbook.errors import Bug, StoreError
from runbook.journal.formats import Refusal, refusal
from runbook.journal.port import Claim, LockInfo, Row, Span
from runbook.journal.postgres import tables
from runbook.journal.postgres.claims import LASTS, Claims
from runbook.journal.postgres.line import READS, Line
from runbook.journal.postgres.listening import Listening

_ROWS: Final = "SELECT position, seq, raw FROM records WHERE stream = %s AND seq > %s ORDER BY seq LIMIT %s"
_LAST: Final = "SELECT position, seq, raw FROM records WHERE stream = %s ORDER BY seq DESC LIMIT 1"
_SPANS: Final = """
SELECT f.stream, f.position, f.seq, f.raw, l.position, l.seq, l.raw, s.stream IS NOT NULL
FROM records f
JOIN LATERAL (SELECT position, seq, raw FROM records WHERE stream = f.stream ORDER BY seq DESC LIMIT 1) l ON true
LEFT JOIN seals s ON s.stream = f.stream
WHERE f.seq = 0 AND starts_with(f.stream, %s) ORDER BY f.position DESC
"""
_SWEEP: Final = """
SELECT stream, position, seq, raw FROM records
WHERE (stream, seq) > (%s, %s) AND stream < %s ORDER BY stream, seq LIMIT %s
"""
_PUT: Final = """
INSERT INTO payloads VALUES (%s, %s)
ON CONFLICT (digest) DO UPDATE SET data = excluded.data WHERE payloads.data <> excluded.data
"""
_THERE: Final = "SELECT 1 FROM payloads WHERE digest = %s"
_NUMBER: Final = """
INSERT INTO counters VALUES (%s, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value
"""
_EPOCH: Final = """
INSERT INTO runners VALUES (%s, %s, %s)
ON CONFLICT (stream) DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder
"""


_SAFE: Final = {
    "fsync": "a crash of its machine may lose records that were acknowledged",
    "full_page_writes": "a crash of its machine may leave records in pieces",
}


class PostgresStore:
    """The store in the database at `url`, whose tables are made when there are none. Store and transaction in one."""

    loose = False
    patience = LASTS
    shared = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._mutex = threading.RLock()
        self._line = Line(url)
        self._claims = Claims(url)
        self._listening: Listening | None = None
        self._writing = False
        self._written = 0  # statements that changed something, here
        self._durable: set[str] = set()
        self._new: set[str] = set()  # payloads of this transaction
        self._streams: set[str] = set()  # that it writes to
        try:
            self._refusal = self._looked()
        except BaseException:
            self._line.close()
            raise

    def _looked(self) -> Refusal | None:
        """Why this store is only read, or None."""
        [(there, may_create)] = self._line.ask(tables.EXISTS)
        if not there and not may_create:
            raise StoreError(
                f"the store {self._line.shown} has no tables yet, and this user may not make them",
                hint="let its owner run `runbook store migrate` once",
            )
        if not there:
            self.migrate()
        return self._foreign(self.format)

    def _foreign(self, found: int) -> Refusal | None:
        return refusal(self._line.shown, found, tables.newest())

    @property
    def format(self) -> int:
        """Which tables it has."""
        return int(self._line.ask(tables.FIND)[0][0])

    @property
    def newest(self) -> int:
        return tables.newest()

    def migrate(self) -> None:
        """Bring its tables forward to the newest; all or nothing, and nothing where another has done it."""
        with self._mutex:
            self._line.begin()
            try:
                [(there, _)] = self._line.tell(tables.EXISTS)
                found = int(self._line.tell(tables.FIND)[0][0]) if there else 0
                for statement in tables.statements(found):
                    self._line.tell(statement)
                self._refusal = self._foreign(max(found, tables.newest()))
                if self._refusal is not None:
                    raise self._refusal.error
                self._line.commit()
            except BaseException:
                self._line.roll_back()
                raise

    def check_writable(self) -> None:
        if self._refusal is not None:
            raise self._refusal.error
        if self._line.ask("SHOW transaction_read_only")[0][0] == "on":
            raise StoreError(f"the store {self._line.shown} only reads", hint=READS)

    # transactions

    @contextmanager
    def transaction(self, *, relaxed: bool = False) -> Iterator[PostgresStore]:
        del relaxed
        with self._mutex:
            if self._writing:
                raise Bug("a transaction inside of a transaction")
            if self._refusal is not None:
                raise self._refusal.error
            found = self._line.begin(tables.FIND)
            self._writing = True
            before = self._written
            try:
                self._refusal = self._foreign(int(found[0][0]))  # a newer version may have brought it forward meanwhile
                if self._refusal is not None:
                    raise self._refusal.error
                yield self
                if self._written != before:
                    self._line.commit(self._streams)
                    self._durable |= self._new
                else:
                    self._line.tell("COMMIT")
            except BaseException:
                self._line.roll_back()
                raise
            finally:
                self._writing = False
                self._new.clear()
                self._streams.clear()

    def sync(self) -> None:
        """Everything is durable when its transaction ends."""

    # records

    def last(self, stream: str) -> Row | None:
        rows = self._read(_LAST, stream)
        return Row(*rows[0]) if rows else None

    def rows(self, stream: str, after: int, limit: int) -> list[Row]:
        return [Row(*row) for row in self._read(_ROWS, stream, after, limit)]

    def spans(self, prefix: str) -> list[Span]:
        return [Span(row[0], Row(*row[1:4]), Row(*row[4:7]), row[7]) for row in self._read(_SPANS, prefix)]

    def sweep(self, prefix: str, after: tuple[str, int], limit: int) -> list[tuple[str, Row]]:
        return [(row[0], Row(*row[1:])) for row in self._read(_SWEEP, *after, prefix + "\U0010ffff", limit)]

    def insert(self, stream: str, seq: int, raw: bytes) -> int:
        self._streams.add(stream)
        sql = "INSERT INTO records (stream, seq, raw) VALUES (%s, %s, %s) RETURNING position"
        return int(self._write(sql, stream, seq, raw)[0][0])

    def sealed(self, stream: str) -> bool:
        return bool(self._read("SELECT 1 FROM seals WHERE stream = %s", stream))

    def seal(self, stream: str) -> None:
        self._write("INSERT INTO seals VALUES (%s) ON CONFLICT DO NOTHING", stream)

    def changed(self, stream: str) -> int:
        return self._heard().heard(stream) + self._written

    def wakes(self, stream: str, wake: Callable[[], None]) -> None:
        self._heard().wake(stream, wake)

    # runners

    def epoch(self, stream: str) -> int:
        rows = self._read("SELECT epoch FROM runners WHERE stream = %s", stream)
        return int(rows[0][0]) if rows else 0

    def set_epoch(self, stream: str, epoch: int, holder: bytes) -> None:
        self._write(_EPOCH, stream, epoch, holder)

    def holder(self, stream: str) -> bytes:
        rows = self._read("SELECT holder FROM runners WHERE stream = %s", stream)
        return bytes(rows[0][0]) if rows else b""

    def claim(self, stream: str) -> Claim | None:
        if self._refusal is not None:
            raise self._refusal.error
        return self._claims.take(stream)

    def claimed(self, stream: str) -> bool:
        return self._claims.held(stream)

    # payloads, locks, counters

    def put(self, digest: str, data: bytes) -> None:
        with self._mutex:
            if digest in self._new:
                return
            # within a transaction: with the record that names it, or not at all
            with nullcontext() if self._writing else self.transaction():
                if digest in self._durable and self._read(_THERE, digest):  # another process may have dropped it
                    return
                self._write(_PUT, digest, data)
                self._new.add(digest)

    def get(self, digest: str) -> bytes | None:
        rows = self._read("SELECT data FROM payloads WHERE digest = %s", digest)
        return bytes(rows[0][0]) if rows else None

    def payloads(self) -> list[str]:
        return [str(digest) for (digest,) in self._read("SELECT digest FROM payloads")]

    def drop(self, digest: str) -> bool:
        self._durable.discard(digest)
        self._new.discard(digest)
        return bool(self._write("DELETE FROM payloads WHERE digest = %s RETURNING 1", digest))

    def secret(self) -> bytes:
        rows = self._read("SELECT secret FROM secrets")
        if not rows:
            with self.transaction():
                self._write("INSERT INTO secrets (secret) VALUES (%s) ON CONFLICT DO NOTHING", secrets.token_bytes(32))
            rows = self._read("SELECT secret FROM secrets")
        return bytes(rows[0][0])

    def locks(self) -> list[LockInfo]:
        found = self._read("SELECT name, owner, since, info FROM locks ORDER BY name")
        return [LockInfo(name, owner, since, msgspec.json.decode(info)) for name, owner, since, info in found]

    def add_lock(self, lock: LockInfo) -> None:
        info = msgspec.json.encode(lock.info)
        self._write("INSERT INTO locks VALUES (%s, %s, %s, %s)", lock.name, lock.owner, lock.since, info)

    def drop_locks(self, owner: str) -> None:
        self._write("DELETE FROM locks WHERE owner = %s", owner)

    def next_number(self, name: str) -> int:
        return int(self._write(_NUMBER, name)[0][0])

    def warnings(self) -> list[str]:
        found = {name: self._read(f"SHOW {name}")[0][0] for name in _SAFE}
        return [f"the server has {name} = {value}: {_SAFE[name]}" for name, value in found.items() if value == "off"]

    def counters(self) -> dict[str, int]:
        return {name: int(value) for name, value in self._read("SELECT name, value FROM counters")}

    def take_over(self, secret: bytes, counters: Mapping[str, int]) -> None:
        self._write(
            "INSERT INTO secrets (secret) VALUES (%s) ON CONFLICT (one) DO UPDATE SET secret = %s", secret, secret
        )
        for name, value in counters.items():
            self._write("INSERT INTO counters VALUES (%s, %s)", name, value)

    def close(self) -> None:
        self._claims.close()
        with self._mutex:
            if self._listening is not None:
                self._listening.close()
                with suppress(StoreError):
                    self._line.tell("SELECT pg_notify('runbook', '')")  # what waits for news hears that it is over
                self._listening.join()
            self._line.close()

    # SQL

    def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._mutex:
            return self._line.tell(sql, *values) if self._writing else self._line.ask(sql, *values)

    def _write(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if not self._writing:
            raise Bug("written outside of a transaction")
        self._written += 1
        return self._line.tell(sql, *values)

    def _heard(self) -> Listening:
        with self._mutex:
            if self._listening is None:
                self._listening = Listening(self._url, self._line.pids)
            return self._listening
