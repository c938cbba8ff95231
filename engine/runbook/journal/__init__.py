"""The journal: what happened, in append-only streams of hash-chained records.

Only this package knows where records are kept. Others see `Journal` and the types named here; `open_store` picks
the store from its URL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from runbook.core.masking import Masker
from runbook.errors import UsageError
from runbook.journal.journal import Journal, StreamInfo
from runbook.journal.port import Busy, Checkpoint, Head, Lease, LockInfo, PayloadRef, Store, StoreFull
from runbook.journal.record import Actor, Draft, Record
from runbook.journal.skimming import Unread
from runbook.journal.writer import Writer

__all__ = [
    "Actor",
    "Busy",
    "Checkpoint",
    "Draft",
    "Head",
    "Journal",
    "Lease",
    "LockInfo",
    "PayloadRef",
    "Record",
    "Store",
    "StoreFull",
    "StreamInfo",
    "Unread",
    "Writer",
    "open_store",
    "store_at",
]


def open_store(
    url: str,
    *,
    clock: Callable[[], float] = time.time,  # noqa: TID251 - the store's clock is what `at` of records comes from
    masker: Masker | None = None,
) -> Journal:
    """The journal kept in the store at `url`; see `store_at`."""
    return Journal(store_at(url), clock=clock, masker=masker)


def store_at(url: str) -> Store:
    """The store at `url`: `sqlite:///absolute/path`, a path, `postgresql://…`, or `memory:`.

    A file that is not there is made, and so are the tables of a database. Raises UsageError for a URL that names no
    store, StoreError for a store that cannot be opened.
    """
    scheme, separator, rest = url.partition(":")
    if url == "memory:":
        from runbook.journal.memory import MemoryStore

        return MemoryStore()
    if scheme in ("postgresql", "postgres"):
        from runbook.journal.postgres.store import PostgresStore

        return PostgresStore(url)
    if separator and "/" not in scheme and scheme != "sqlite":
        raise UsageError(
            f"no store is called {url!r}", hint="use sqlite:///path, a path, or postgresql://host/database"
        )
    path = unquote(rest.removeprefix("//")) if scheme == "sqlite" else url
    path = "/" + path.lstrip("/") if path.startswith("//") else path  # sqlite:////absolute is written too
    if not path.strip("/"):
        raise UsageError(f"{url!r} names no file", hint="use sqlite:///path")
    from runbook.journal.sqlite import SqliteStore

    return SqliteStore(Path(path).expanduser())
