"""One connection to the database, and everything that can go wrong with it, said as StoreErrors.

A line that broke while nothing was being written is made anew without a word: a gate waits for hours, and whatever
stands between us and the server forgets us meanwhile. One that breaks within a transaction has undone it. One that
breaks while a commit is on its way leaves the question whether it arrived, and the server is asked for the answer.
"""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from runbook.errors import StoreError, UsageError
from runbook.journal.port import StoreFull
from runbook.journal.postgres.tables import LOCK

try:
    import psycopg
except ImportError as error:  # an extra
    raise UsageError(
        "a store in PostgreSQL needs the package psycopg",
        hint="pip install 'runbook-engine[postgres]'",
    ) from error

PATIENCE: Final = 5.0  # seconds that a writer waits for its turn, and that a server may take to come back
_ASKED: Final = re.compile(r"([?&]password=)[^&]*")
_AGAIN: Final = 0.2
_TOLD: Final = """
SELECT pg_current_xact_id_if_assigned()::text, count(pg_notify('runbook', stream)) FROM unnest(%s::text[]) stream
"""
_OLDEST: Final = 13  # it tells what became of a transaction
_SESSION: Final = (
    f"SET lock_timeout = '{PATIENCE:.0f}s';"
    "SET statement_timeout = '30s';"
    # a writer that was stopped in the middle (SIGSTOP, a frozen machine) must not keep everybody else from writing
    "SET idle_in_transaction_session_timeout = '10s';"
    "SET synchronous_commit = on;"
    "SET search_path = runbook;"
)
READS: Final = "this server only reads (a standby?): name its primary with --store"
_HINTS: Final = {
    "08": "check that the server runs and can be reached, then resume",
    "28": "check the user and the password: libpq's PGPASSWORD, ~/.pgpass or a service file",
    "3D": "create the database, or name another with --store",
    "42": "the user of the store must own the schema `runbook`, or be granted its tables",
    "53": "the server is short of something: connections, memory or space",
    "57": "the server is being shut down or restarted; resume once it is back",
}
# What a server says before it has let anybody in comes without a state.
_REFUSALS: Final = {"28P01": "authentication failed", "28000": 'role "', "3D000": 'database "'}


class Line:
    """A connection to the database at `url`, which is opened now. One thread at a time, please."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.shown = shown(url)
        self.pids: set[int] = set()  # of the server's processes that were ours: their notifications are no news
        self._now = [self._opened()]
        weakref.finalize(self, _hung_up, self._now)  # also of a store that nobody closes, at the latest at the exit

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement outside of a transaction; asked once more on a new line where the old one broke."""
        try:
            return self.tell(sql, *values)
        except StoreError:
            if not self.broken:
                raise
        self.renew()
        return self.tell(sql, *values)

    def tell(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, or of the last of several without values; StoreError, and nothing is tried again."""
        try:
            cursor = self._connection.execute(sql.encode(), values or None)
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise self._said("use", error) from error

    @property
    def broken(self) -> bool:
        """Whether it can be used no more."""
        return self._connection.broken or self._connection.closed

    def renew(self) -> None:
        """A new line in the place of a broken one; tries for `PATIENCE` seconds."""
        self.close()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._now[:] = [self._opened()]
            except StoreError:
                if time.monotonic() > until:
                    raise
                time.sleep(_AGAIN)
            else:
                return

    def begin(self, ask: str = "") -> list[tuple[Any, ...]]:
        """A transaction, alone in the store; on a new line where the old one has broken since it was last used.

        The rows of `ask`, which is looked up first of all in it.
        """
        # All on one way to the server. Whoever waited for the lock must see what was committed meanwhile, whatever the
        # role's default is.
        begin = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({LOCK}); {ask}"
        try:
            return self.tell(begin)
        except StoreError:
            if not self.broken:
                self.roll_back()
                raise
            self.renew()
            return self.tell(begin)

    def commit(self, streams: Iterable[str] = ()) -> None:
        """Make it durable, and wake those who listen for these. StoreError where it was not, or nobody can tell."""
        rows = self.tell(_TOLD, sorted(streams))
        try:
            self.tell("COMMIT")
        except StoreError:
            if not self.broken or not self._arrived(rows[0][0]):
                raise

    def roll_back(self) -> None:
        """Nothing of it is kept; that of a broken line is undone by the server."""
        with suppress(StoreError):
            if not self.broken:
                self.tell("ROLLBACK")

    def close(self) -> None:
        """Hang up."""
        _hung_up(self._now)

    @property
    def _connection(self) -> psycopg.Connection[Any]:
        return self._now[0]

    def _arrived(self, transaction: str) -> bool:
        """Whether a commit whose answer was lost has arrived."""
        self.renew()
        until = time.monotonic() + PATIENCE
        while True:
            [(fate,)] = self.tell("SELECT pg_xact_status(%s::xid8)", transaction)
            if fate != "in progress" or time.monotonic() > until:
                return bool(fate == "committed")
            time.sleep(_AGAIN)

    def _opened(self) -> psycopg.Connection[Any]:
        try:
            connection = connect(self._url)
        except psycopg.Error as error:
            raise self._said("reach", error) from error
        try:
            connection.execute(_SESSION)
        except psycopg.Error as error:
            connection.close()
            raise self._said("reach", error) from error
        if connection.info.server_version < _OLDEST * 10000:
            connection.close()
            raise StoreError(f"the store {self.shown} needs PostgreSQL {_OLDEST} or newer", hint="use a newer server")
        self.pids.add(connection.info.backend_pid)
        return connection

    def _said(self, doing: str, error: psycopg.Error) -> StoreError:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        state = error.sqlstate or next((state for state, words in _REFUSALS.items() if words in said), "08000")
        message = f"cannot {doing} the store {self.shown}: {said}"
        if state in ("53100", "58030"):  # disk full; an I/O error, which a full disk is on some systems
            return StoreFull(message, again=False)
        if state == "55P03":
            return StoreError(
                message, hint=f"another process has kept the store for {PATIENCE:.0f} s; see who, then try again"
            )
        if state == "25006":
            return StoreError(message, hint=READS)
        return StoreError(message, hint=_HINTS.get(state[:2], "see to the cause, then resume"))


def _hung_up(now: list[psycopg.Connection[Any]]) -> None:
    for connection in now:
        connection.close()


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that commits by itself, and notices within a minute that the other side is gone."""
    return psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        application_name="runbook",
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
    )


def shown(url: str) -> str:
    """A URL without its password, also where that has characters that should have been encoded."""
    scheme, _, rest = _ASKED.sub(r"\1***", url).partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    named = authority if "@" in authority else rest
    before, at, _ = named.rpartition("@")
    user, colon, _ = before.partition(":")
    return f"{scheme}://{user}:***@{rest[len(before) + 1 :]}" if at and colon else f"{scheme}://{rest}"
