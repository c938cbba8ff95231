"""The tables, and the way forward from every version that was released.

A database is made with the newest tables. An older one is read as it is, and written to once `runbook store migrate`
has brought it forward; one of a newer version is only read. There is no way back.
"""

from __future__ import annotations

from typing import Final

# What each format adds; a released one is never changed.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE records (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream text COLLATE "C" NOT NULL,
        seq bigint NOT NULL,
        raw bytea NOT NULL
    );
    CREATE UNIQUE INDEX records_in_order ON records (stream, seq);
    CREATE INDEX openings ON records (stream) WHERE seq = 0;
    CREATE TABLE payloads (digest text COLLATE "C" PRIMARY KEY, data bytea NOT NULL);
    CREATE TABLE seals (stream text COLLATE "C" PRIMARY KEY);
    CREATE TABLE runners (stream text COLLATE "C" PRIMARY KEY, epoch bigint NOT NULL, holder bytea NOT NULL);
    CREATE TABLE claims (stream text COLLATE "C" PRIMARY KEY, token text NOT NULL, until timestamptz NOT NULL);
    CREATE TABLE locks (
        name text COLLATE "C" PRIMARY KEY, owner text NOT NULL, since text NOT NULL, info bytea NOT NULL
    );
    CREATE TABLE counters (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
    CREATE TABLE secrets (one boolean PRIMARY KEY DEFAULT true CHECK (one), secret bytea NOT NULL);
    """,
)
LOCK: Final = 0x72756E62  # of advisory locks: "runb"; whoever writes holds it until the end of the transaction

FIND: Final = "SELECT format FROM runbook.format"
# Not `to_regclass`: it answers from what this connection remembers, also where another has just made the tables while
# this one waited for its turn.
EXISTS: Final = """
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'runbook' AND c.relname = 'format'
    ), has_database_privilege(current_database(), 'CREATE')
    """


def newest() -> int:
    """The format of this version."""
    return len(MIGRATIONS)


def statements(found: int) -> list[str]:
    """What brings a database of this format (0: an empty one) to the newest, to be run in one transaction."""
    if found >= newest():
        return []
    begun = ["CREATE SCHEMA IF NOT EXISTS runbook", "CREATE TABLE runbook.format (format int NOT NULL)"]
    noted = "UPDATE runbook.format SET format = {}" if found else "INSERT INTO runbook.format VALUES ({})"
    return [
        *([] if found else begun),
        "SET LOCAL search_path TO runbook; SET LOCAL statement_timeout = 0",  # a large store takes its time
        *MIGRATIONS[found:],
        noted.format(newest()),
    ]
