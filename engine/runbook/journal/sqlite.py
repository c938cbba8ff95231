"""A store in one SQLite file, with a folder beside it (`folder.py`): one machine, any number of processes.

Write-ahead log with `synchronous=FULL`: a commit is on the disk when it returns, but for relaxed ones (reads, which
are simply done again), which wait for the next. Writers take turns
(`BEGIN IMMEDIATE`); readers never wait. One connection per process, guarded by a mutex that a transaction holds
from beginning to end.

When the disk is full, a reserve is given free, so that what has happened already can still be recorded. After any
other failure of a commit nobody knows what the disk holds until the file is opened again (a second `fsync` may
report success for data that is gone), so this object then refuses to write. So it does when the file is not where
it was opened, and when its tables are not of this version.
"""

# ruff: noqa: D102 - the methods are those of the port, and described there

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from runbook.errors import Bug, StoreError
from runbook.journal import sqlite_tables as tables
from runbook.journal.folder import Folder, sync, told
from runbook.journal.formats import Refusal, refusal
from runbook.journal.port import Claim, LockInfo, Row, Span, StoreFull

PATIENCE = 5.0  # seconds that a writer waits for its turn

# What somebody has changed with SQL may be text by now: it is read as the bytes that it is, so that verifying says so.
_SPANS = """
SELECT f.stream, f.position, f.seq, CAST(f.raw AS BLOB), l.position, l.seq, CAST(l.raw AS BLOB), s.stream IS NOT NULL
FROM records f
JOIN records l ON l.stream = f.stream AND l.seq = (SELECT max(seq) FROM records WHERE stream = f.stream)
LEFT JOIN seals s ON s.stream = f.stream
WHERE f.seq = 0 AND f.stream >= ? AND f.stream < ? ORDER BY f.position DESC
"""

_LAST = "SELECT position, seq, CAST(raw AS BLOB) FROM records WHERE stream = ? ORDER BY seq DESC LIMIT 1"

_SWEEP = """
SELECT stream, position, seq, CAST(raw AS BLOB) FROM records
WHERE (stream, seq) > (?, ?) AND stream < ? ORDER BY stream, seq LIMIT ?
"""

_AGAIN = "see to the cause, then resume in a new process"
_HINTS = {
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only for you: check who owns it",
    sqlite3.SQLITE_IOERR: "the disk is full, read-only or failing: look at it (`df`, `dmesg`) before you resume",
    sqlite3.SQLITE_BUSY: f"another process has kept the store for {PATIENCE:.0f} s; see who, then try again",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: keep a copy; `sqlite3 FILE .recover` saves what can be read, and "
    "`runbook log verify` says of that what is whole",
    sqlite3.SQLITE_NOTADB: "this is no SQLite file; name another with --store",
    sqlite3.SQLITE_CANTOPEN: "check that the folder exists and who may write there",
}


class SqliteStore:
    """The store in the file at `path`, made when it is not there. Store and transaction in one."""

    shared = False  # who may write to the file is the file system's to say
    patience = 0.0  # a lock on a file ends with its process

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._mutex = threading.RLock()
        self._writing = False
        self._refusal: Refusal | None = None
        self.loose = False  # whether a relaxed transaction may not be on the disk yet
        self._connection = self._opened()
        weakref.finalize(self, self._connection.close)  # also of a store that nobody closes, at the latest at the exit

    # opening

    def _opened(self) -> sqlite3.Connection:
        with told(f"open the store {self.path}"):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shared = bool(self.path.parent.stat().st_mode & 0o020)
            self._folder = Folder(self.path.with_name(self.path.name + ".d"), shared=shared)
            writable = not self.path.exists() or os.access(self.path, os.W_OK)
            if not self.path.exists() or self.path.stat().st_size == 0:
                return self._made()
        connection = self._connected(read_only=not writable)
        if not writable:
            self._refusal = Refusal(f"{self.path} is read-only for you", _AGAIN)
        elif self._never_made(connection):
            connection.close()
            return self._made()
        self._check(connection)
        return connection

    def _never_made(self, connection: sqlite3.Connection) -> bool:
        """Whether who made it died in the middle: looking at the file takes back what stands half written in it."""
        with self._usable_or_closed("open", connection):
            return bool(connection.execute("PRAGMA page_count").fetchone()[0] == 0)

    def _made(self) -> sqlite3.Connection:
        with self._folder.alone("create.lock"):
            if not self.path.exists():  # closing a file would drop the locks that SQLite holds on it here
                self._folder.create(self.path)
            connection = self._connected(read_only=False)
            with self._usable_or_closed("make", connection):
                if connection.execute(tables.FIND).fetchone()[0] == 0:
                    for statement in ("BEGIN IMMEDIATE", *tables.statements(0), "COMMIT"):
                        connection.execute(statement)
            sync(self.path.parent)
        self._check(connection)
        return connection

    def _connected(self, *, read_only: bool) -> sqlite3.Connection:
        with self._reported("open"):
            connection = sqlite3.connect(
                f"{self.path.as_uri()}?mode={'ro' if read_only else 'rw'}",
                uri=True,
                timeout=PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
        with self._usable_or_closed("open", connection):
            connection.execute("PRAGMA synchronous = FULL")
        self._level = "FULL"
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        """Look at the file before anything is set in it; the journal mode would stay there."""
        with self._usable_or_closed("open", connection):
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (found,) = connection.execute(tables.FIND).fetchone()
            if application != tables.APPLICATION:
                raise StoreError(f"{self.path} is a SQLite file of another program", hint="name another with --store")
            self._refusal = self._refusal or refusal(str(self.path), found, tables.newest())
            if self._refusal is None:
                connection.execute("PRAGMA journal_mode = WAL")
                self._folder.reserve()
        there = self.path.stat()
        self._file = (there.st_dev, there.st_ino)

    # transactions

    @contextmanager
    def transaction(self, *, relaxed: bool = False) -> Iterator[SqliteStore]:
        """Alone in the store until the end of the block; durable after it, unless it is relaxed."""
        with self._mutex:
            if self._writing:
                raise Bug("a transaction inside of a transaction")
            self.check_writable()
            self._synchronous("NORMAL" if relaxed else "FULL")
            self._run("BEGIN IMMEDIATE")
            self._writing = True
            before = self._connection.total_changes
            try:
                self._check_format()
                yield self
                self.check_writable()
                self._commit()
                if self._connection.total_changes != before:  # else nothing went to the log, and nothing to the disk
                    self.loose = relaxed
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._writing = False

    def sync(self) -> None:
        """A durable transaction takes everything before it to the disk: it is one log."""
        if self.loose:
            with self.transaction():
                self.next_number("sync")

    def _synchronous(self, level: str) -> None:
        """Whether commits wait for the disk; the setting is this connection's."""
        if level != self._level:
            self._run(f"PRAGMA synchronous = {level}")
            self._level = level

    def _commit(self) -> None:
        try:
            self._run("COMMIT")
        except StoreFull:
            raise
        except StoreError as error:
            self._refusal = Refusal(f"a commit to {self.path} failed before ({error.message})", _AGAIN)
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._run("ROLLBACK")

    def check_writable(self) -> None:
        if self._refusal is not None:
            raise self._refusal.error
        try:
            there = self.path.stat()
        except OSError as error:
            raise StoreError(
                f"the store {self.path} is gone: {error.strerror}", hint="put the file back, then resume"
            ) from error
        if (there.st_dev, there.st_ino) != self._file:
            raise StoreError(f"the store {self.path} was replaced while it was open", hint="start again, then resume")

    def _check_format(self) -> None:
        """A newer version may have brought the tables forward since they were opened here."""
        self._refusal = refusal(str(self.path), self.format, tables.newest())
        if self._refusal is not None:
            raise self._refusal.error

    # records

    def last(self, stream: str) -> Row | None:
        row = self._one(_LAST, stream)
        return None if row is None else Row(*row)

    def rows(self, stream: str, after: int, limit: int) -> list[Row]:
        found = self._all(
            "SELECT position, seq, CAST(raw AS BLOB) FROM records WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
            stream,
            after,
            limit,
        )
        return [Row(*row) for row in found]

    def spans(self, prefix: str) -> list[Span]:
        found = self._all(_SPANS, prefix, prefix + "\U0010ffff")
        return [Span(row[0], Row(*row[1:4]), Row(*row[4:7]), bool(row[7])) for row in found]

    def sweep(self, prefix: str, after: tuple[str, int], limit: int) -> list[tuple[str, Row]]:
        return [(row[0], Row(*row[1:])) for row in self._all(_SWEEP, *after, prefix + "\U0010ffff", limit)]

    def insert(self, stream: str, seq: int, raw: bytes) -> int | None:
        return self._run("INSERT INTO records (stream, seq, raw) VALUES (?, ?, ?)", stream, seq, raw).lastrowid

    def sealed(self, stream: str) -> bool:
        return self._one("SELECT 1 FROM seals WHERE stream = ?", stream) is not None

    def seal(self, stream: str) -> None:
        self._run("INSERT OR IGNORE INTO seals VALUES (?)", stream)

    def changed(self, stream: str) -> int:
        del stream
        found = self._one("PRAGMA data_version")  # moves with what other connections commit; the rest is ours
        return self._connection.total_changes + (int(found[0]) if found else 0)

    # runners

    def epoch(self, stream: str) -> int:
        row = self._one("SELECT epoch FROM runners WHERE stream = ?", stream)
        return 0 if row is None else int(row[0])

    def set_epoch(self, stream: str, epoch: int, holder: bytes) -> None:
        self._run("INSERT OR REPLACE INTO runners VALUES (?, ?, ?)", stream, epoch, holder)

    def holder(self, stream: str) -> bytes:
        row = self._one("SELECT holder FROM runners WHERE stream = ?", stream)
        return b"" if row is None else bytes(row[0])

    def wakes(self, stream: str, wake: Callable[[], None]) -> None:
        """A file tells nobody; looking at it costs microseconds."""

    def claim(self, stream: str) -> Claim | None:
        self.check_writable()
        release = self._folder.claim(stream)
        return None if release is None else Claim(release)

    def claimed(self, stream: str) -> bool:
        return self._folder.claimed(stream)

    # payloads, locks, counters

    def put(self, digest: str, data: bytes) -> None:
        self.check_writable()
        try:
            self._folder.put(digest, data)
        except StoreError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.ENOSPC:
                raise self._full(error.message) from error
            raise

    def get(self, digest: str) -> bytes | None:
        return self._folder.get(digest)

    def payloads(self) -> list[str]:
        return self._folder.payloads()

    def drop(self, digest: str) -> bool:
        if not self._writing:
            raise Bug("dropped outside of a transaction")
        return self._folder.drop(digest)

    def secret(self) -> bytes:
        return self._folder.secret()

    def locks(self) -> list[LockInfo]:
        found = self._all("SELECT name, owner, since, info FROM locks ORDER BY name")
        return [LockInfo(name, owner, since, msgspec.json.decode(info)) for name, owner, since, info in found]

    def add_lock(self, lock: LockInfo) -> None:
        info = msgspec.json.encode(lock.info)
        self._run("INSERT INTO locks VALUES (?, ?, ?, ?)", lock.name, lock.owner, lock.since, info)

    def drop_locks(self, owner: str) -> None:
        self._run("DELETE FROM locks WHERE owner = ?", owner)

    def next_number(self, name: str) -> int:
        self._run(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            name,
        )
        found = self._one("SELECT value FROM counters WHERE name = ?", name)
        return int(found[0]) if found else 1

    def warnings(self) -> list[str]:
        return []

    def counters(self) -> dict[str, int]:
        return {name: int(value) for name, value in self._all("SELECT name, value FROM counters")}

    def take_over(self, secret: bytes, counters: Mapping[str, int]) -> None:
        self._folder.keep_secret(secret)
        for name, value in counters.items():
            self._run("INSERT OR REPLACE INTO counters VALUES (?, ?)", name, value)

    @property
    def format(self) -> int:
        found = self._one(tables.FIND)
        return int(found[0]) if found else 0

    @property
    def newest(self) -> int:
        return tables.newest()

    def migrate(self) -> None:
        with self._mutex:
            before = self._refusal
            if before is not None and before.older:
                self._refusal = None
            self.check_writable()
            self._synchronous("FULL")
            self._run("BEGIN IMMEDIATE")
            try:
                for statement in tables.statements(self.format):
                    self._run(statement)
                self._check_format()
                self._commit()
            except BaseException:
                self._refusal = self._refusal or before
                self._roll_back()
                raise

    def close(self) -> None:
        with self._mutex:
            self._connection.close()

    # SQL

    def _run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        with self._mutex:
            try:
                return self._connection.execute(sql, values)
            except sqlite3.Error as error:
                raise self._said("use", error) from error

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        with self._mutex:
            try:
                row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
            except sqlite3.Error as error:
                raise self._said("read", error) from error
            return row

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._mutex:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._said("read", error) from error

    @contextmanager
    def _usable_or_closed(self, doing: str, connection: sqlite3.Connection) -> Iterator[None]:
        """A connection that cannot be used is let go."""
        try:
            with self._reported(doing):
                yield
        except StoreError:
            connection.close()
            raise

    @contextmanager
    def _reported(self, doing: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._said(doing, error) from error

    def _said(self, doing: str, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the class of an extended code
        message = f"cannot {doing} the store {self.path}: {error}"
        if code == sqlite3.SQLITE_FULL:
            return self._full(message)
        return StoreError(message, hint=_HINTS.get(code, "see to the cause, then resume"))

    def _full(self, message: str) -> StoreFull:
        return StoreFull(message, again=self._folder.release_reserve())
