"""A PostgreSQL database, as steps need it: reads that cannot write, and one transaction that happens at most once.

A **ledger** is a table beside what is changed. The transaction of a change begins by writing the change's key into it,
so that whoever later asks "did it happen?" gets an answer even when the answer to the COMMIT was lost: the key is
there, or it is not, and then it is taken, so that what may still be under way can never commit.

    CREATE TABLE runbook_ledger (key text PRIMARY KEY, state text NOT NULL, rows bigint,
                                 at timestamptz NOT NULL DEFAULT now());

Statements go out one at a time by the extended protocol, with values beside them and never within: a second statement
behind a semicolon is refused by the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from runbook.errors import Forbidden, Unreachable, UsageError, WorldError

if TYPE_CHECKING:
    import psycopg

LEDGER: Final = "runbook_ledger"
APPLIED: Final = "applied"
CALLED_OFF: Final = "called off"
MOST_ROWS: Final = 1000
_CONNECT: Final = 5.0  # seconds
_LOCK: Final = 5.0  # seconds that a statement waits for locks of others
_SOONEST: Final = 1.0
_READS_ONLY: Final = "25006"


class Rows(NamedTuple):
    """What a query gave: names of its columns, its first rows as they were read, and whether there were more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


class Refusal(WorldError):
    """The server understood, and did nothing."""

    code = "sql"


class Lost(WorldError):
    """The answer to a COMMIT did not come: it may have happened."""

    code = "no-answer"


class Called(WorldError):
    """The key of this change is in the ledger already: this attempt was called off, or was made before."""

    code = "called-off"


class SqlClient:
    """One database. Every operation has a line of its own, which is hung up after it.

    Every method raises Unreachable, Forbidden, Refusal or WorldError; `commit` also Lost and Called.
    """

    def __init__(self, url: str, read_url: str | None, *, read_only: bool, ledger: str) -> None:
        self._url = url
        self._read_url = read_url or url
        self.read_only = read_only
        self.reads_apart = read_url is not None
        self.ledger = ledger
        parts = _parts(url)
        name = parts.path.strip("/") or parts.username or "postgres"
        self.identity = f"postgresql://{(parts.hostname or 'local').lower()}:{parts.port or 5432}/{name}"

    def check(self, timeout: float) -> str:
        """Who we are there, and what it is."""
        with self._reading(timeout) as line, _told(self.identity):
            row = line.execute("SELECT current_user, current_setting('server_version')").fetchone()
        return f"PostgreSQL {row[1].split()[0]} as {row[0]}" if row else "PostgreSQL"

    def query(self, statement: str, values: Mapping[str, Any], most: int, timeout: float) -> Rows:
        """The first `most` rows of a query; the server sends no more of them, however many there are."""
        import psycopg

        with (
            self._reading(timeout) as line,
            _told(self.identity),
            line.transaction(),
            psycopg.ServerCursor(line, "runbook") as cursor,
        ):
            cursor.execute(*_bound(statement, values))
            found = cursor.fetchmany(most + 1)
            columns = tuple(column.name for column in cursor.description or ())
        return Rows(columns, tuple(found[:most]), len(found) > most)

    def has_ledger(self, timeout: float) -> bool:
        """Whether the table that changes are noted in is there."""
        with self._reading(timeout) as line, _told(self.identity):
            row = line.execute("SELECT to_regclass(%s) IS NOT NULL", [self.ledger]).fetchone()
        return bool(row and row[0])

    def explained(self, statement: str, values: Mapping[str, Any], timeout: float) -> None:
        """Have the server read a statement, which it does not execute. Refusal where it makes no sense of it."""
        with self._reading(timeout) as line, _told(self.identity):
            sql, bound = _bound(statement, values)
            line.execute(b"EXPLAIN " + sql, bound)

    def commit(
        self, key: str | None, statement: str, values: Mapping[str, Any], accepts: Callable[[int], None], timeout: float
    ) -> tuple[int, Rows]:
        """Execute one statement in a transaction of its own, noted in the ledger under a key if there is one.

        Gives how many rows it concerned, and what it returned. `accepts` raises to have it undone.
        """
        with self._line(self._url, timeout) as line:
            with _told(self.identity):
                if key is not None:
                    self._note(line, key, APPLIED)
                cursor = line.execute(*_bound(statement, values))
                columns = tuple(column.name for column in cursor.description or ())
                rows = tuple(cursor.fetchmany(MOST_ROWS)) if columns else ()
                accepts(cursor.rowcount)
                if key is not None:
                    line.execute(f"UPDATE {self.ledger} SET rows = %s WHERE key = %s", [cursor.rowcount, key])  # noqa: S608 - a name from the configuration, held to its pattern
            self._committed(line)
            return cursor.rowcount, Rows(columns, rows, len(rows) < cursor.rowcount and bool(columns))

    def found(self, key: str, timeout: float) -> int | None:
        """How many rows a change concerned that was committed under this key.

        None where it was not, and from now on cannot be: the key is taken. Refusal while its transaction is still open.
        """
        with self._line(self._url, timeout) as line:
            with _told(self.identity):
                with suppress(Called):
                    self._note(line, key, CALLED_OFF)
                row = line.execute(f"SELECT state, rows FROM {self.ledger} WHERE key = %s", [key]).fetchone()  # noqa: S608
            self._committed(line)
        return (row[1] or 0) if row and row[0] == APPLIED else None

    def _note(self, line: psycopg.Connection[Any], key: str, state: str) -> None:
        """Waits for whoever is writing the same key, until they have committed or given up."""
        sql = f"INSERT INTO {self.ledger} (key, state) VALUES (%s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
        if line.execute(sql, [key, state]).rowcount == 0:
            raise Called(f"{self.ledger} in {self.identity} has this change already")

    def _committed(self, line: psycopg.Connection[Any]) -> None:
        import psycopg

        try:
            line.commit()
        except psycopg.Error as error:
            if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57")):
                raise Refusal(f"{self.identity} did not commit: {_first_line(error)}") from error
            raise Lost(f"{self.identity} did not say whether it committed: {_first_line(error)}") from error

    @contextmanager
    def _reading(self, timeout: float) -> Iterator[psycopg.Connection[Any]]:
        with self._line(self._read_url, timeout) as line:
            line.read_only = True
            yield line

    @contextmanager
    def _line(self, url: str, timeout: float) -> Iterator[psycopg.Connection[Any]]:
        import psycopg

        seconds = max(timeout, _SOONEST)
        limits = {
            "statement_timeout": seconds,
            "lock_timeout": min(_LOCK, seconds),
            "idle_in_transaction_session_timeout": seconds,  # ours, should we be stopped in the middle
        }
        options = " ".join(f"-c {name}={limit * 1000:.0f}" for name, limit in limits.items())
        with _told(self.identity):
            line = psycopg.connect(
                url,
                connect_timeout=int(min(_CONNECT, seconds)) or 1,
                application_name="runbook",
                options=options,
                prepare_threshold=None,
            )
        try:
            yield line
        finally:
            line.close()


def connect(settings: Mapping[str, Any], secret: Callable[[Any], str]) -> SqlClient:
    """The client of a `sql` connection. UsageError for what is no PostgreSQL, and without the package psycopg."""
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "a connection of type sql needs the package psycopg", hint="pip install 'runbook-engine[postgres]'"
        ) from error

    def resolved(url: Any) -> str:
        text = secret(url) if isinstance(url, Mapping) else str(url)
        if _parts(text).scheme not in ("postgresql", "postgres"):
            raise UsageError(
                "a connection of type sql needs a postgresql:// URL", hint="no other database is known yet"
            )
        return text

    read = settings.get("read")
    return SqlClient(
        resolved(settings["url"]),
        resolved(read["url"]) if read else None,
        read_only=bool(settings.get("read_only", False)),
        ledger=str(settings.get("ledger", LEDGER)),
    )


def _parts(url: str) -> SplitResult:
    """The parts of a URL; UsageError, which cites nothing of it, where it has none: a password may stand anywhere."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise UsageError(
            "the URL of a connection of type sql cannot be read",
            hint="a user or a password with characters such as `/ # ? % @ :` has to be percent-encoded in it",
        ) from None
    return parts


def _bound(statement: str, values: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
    """Always with values, if none: that is what makes the server refuse a second statement."""
    return (statement if values else statement.replace("%", "%%")).encode(), dict(values)


@contextmanager
def _told(server: str) -> Iterator[None]:
    """psycopg's errors as ours; the server's first line says what it is about."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _said(server, error) from error


def _said(server: str, error: psycopg.Error) -> WorldError:
    said, state = _first_line(error), error.sqlstate
    if state is None or (state[:2] in ("08", "57") and state != "57014"):
        if "authentication failed" in said or 'role "' in said:
            return Forbidden(f"{server}: {said}", hint="check the user and the password of the connection")
        return Unreachable(f"{server}: {said}", hint="check that the server runs and can be reached")
    if state == "57014":
        return Refusal(f"{server}: {said}", hint="give the step a longer timeout, or the statement less to do")
    if state == "55P03":
        return Refusal(f"{server}: {said}", hint=f"somebody has held the lock for {_LOCK:.0f} s")
    if state == "42501":
        return Forbidden(f"{server}: {said}", hint="the connection's user needs the right to do this")
    if state == _READS_ONLY:
        return Refusal(f"{server}: {said}", hint="a query may not write; sql.execute does, behind a gate")
    return Refusal(f"{server}: {said} ({state})")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
