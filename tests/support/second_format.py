"""A format after the newest, as a later version would add it: known in tests only, to show that the way there is safe.

    python -m support.second_format URL POINT      bring a store forward, and be killed at that point on the way

The points: before each statement, before the commit, after it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest

from runbook.journal import sqlite_tables, store_at

TABLE = "kept_since"
_SQLITE = (
    "ALTER TABLE records ADD COLUMN shelf TEXT",
    f"CREATE TABLE {TABLE} (stream TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
    f"INSERT INTO {TABLE} SELECT stream, position FROM records WHERE seq = 0",
    "UPDATE records SET shelf = 'first'",
)
_POSTGRES = """
ALTER TABLE records ADD COLUMN shelf text;
CREATE TABLE kept_since (stream text PRIMARY KEY, position bigint NOT NULL);
INSERT INTO kept_since SELECT stream, position FROM records WHERE seq = 0;
UPDATE records SET shelf = 'first';
"""


def known(patch: pytest.MonkeyPatch, url: str) -> None:
    """This process is of the later version."""
    if url.startswith("postgresql:"):
        from runbook.journal.postgres import tables

        patch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, _POSTGRES))
    else:
        patch.setattr(sqlite_tables, "MIGRATIONS", (*sqlite_tables.MIGRATIONS, _SQLITE))


def main(url: str, at: str) -> None:
    """Migrate, and die at the point of that number; print how many there were when it was survived."""
    known(pytest.MonkeyPatch(), url)
    store: Any = store_at(url)
    passed = [0]

    def point() -> None:
        passed[0] += 1
        if passed[0] == int(at):
            os.kill(os.getpid(), signal.SIGKILL)

    owner, run, commit = (store, "_run", "_commit") if hasattr(store, "_run") else (store._line, "tell", "commit")
    real, committed = getattr(owner, run), getattr(owner, commit)

    def told(sql: str, *values: Any) -> Any:
        point()
        return real(sql, *values)

    def done(*values: Any) -> None:
        committed(*values)
        point()

    setattr(owner, run, told)
    setattr(owner, commit, done)
    store.migrate()
    print(passed[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
