"""Damage to a store below the program: what a bad disk, or somebody with SQL, does to one record."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def rewritten(folder: Path, stream: str, seq: int, raw: bytes | tuple[bytes, bytes]) -> None:
    """Put these bytes in the place of a record of a folder's store; or replace the first by the second in it."""
    with closing(sqlite3.connect(folder / ".runbook" / "journal.db")) as connection:
        where, at = "WHERE stream = ? AND seq = ?", (stream, seq)
        if isinstance(raw, tuple):
            [(was,)] = connection.execute(f"SELECT raw FROM records {where}", at).fetchall()
            assert raw[0] in was
            raw = bytes(was).replace(*raw)
        connection.execute(f"UPDATE records SET raw = ? {where}", (raw, *at))
        connection.commit()


def lost(folder: Path, stream: str, seq: int) -> None:
    """Take a record of a folder's store away."""
    with closing(sqlite3.connect(folder / ".runbook" / "journal.db")) as connection:
        connection.execute("DELETE FROM records WHERE stream = ? AND seq = ?", (stream, seq))
        connection.commit()
