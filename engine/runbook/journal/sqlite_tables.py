"""The tables of a SQLite store, and the way forward from every format that was released.

A file is made with the newest tables. An older one is read as it is, and written to once `runbook store migrate` has
brought it forward; one of a newer version is only read. There is no way back.
"""

from __future__ import annotations

from typing import Final

APPLICATION: Final = 0x72756E62  # PRAGMA application_id: "runb"

# What each format adds, a statement each; a released one is never changed.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE records"
        " (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, seq INTEGER NOT NULL, raw BLOB NOT NULL)",
        "CREATE UNIQUE INDEX records_in_order ON records (stream, seq)",
        "CREATE INDEX openings ON records (stream) WHERE seq = 0",
        "CREATE TABLE seals (stream TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE runners (stream TEXT PRIMARY KEY, epoch INTEGER NOT NULL, holder BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE locks (name TEXT PRIMARY KEY, owner TEXT NOT NULL, since TEXT NOT NULL, info BLOB NOT NULL)"
        " WITHOUT ROWID",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        f"PRAGMA application_id = {APPLICATION}",
    ),
)

FIND: Final = "PRAGMA user_version"  # the format; 0 in a file that holds nothing


def newest() -> int:
    """The format of this version."""
    return len(MIGRATIONS)


def statements(found: int) -> list[str]:
    """What brings a file of this format (0: an empty one) to the newest, to be run in one transaction."""
    steps = [statement for added in MIGRATIONS[found:] for statement in added]
    return [*steps, f"PRAGMA user_version = {newest()}"] if steps else []
