"""What the engine adds to a step that does nothing, beside one durable commit on the same file system, now.

Arguments: a folder, rounds, by how many steps the runbooks differ, files of a short and a long runbook of reads, the
same of changes. Prints JSON: lists of milliseconds for one commit, one read, one change.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import sys
import time
from pathlib import Path

from runbook.bootstrap import Project
from runbook.core.ids import ulid
from runbook.hosts.local import started
from runbook.hosts.pinned import Start
from runbook.hosts.place import Manner
from runbook.hosts.said import Nobody

COMMITS = 200
RECORD = 1000  # bytes, about as many as a step leaves


class Unwatched:
    def record(self, record: object) -> None:
        pass

    def performing(self, command: object) -> None:
        pass

    def held(self, what: str) -> None:
        pass


def run(project: Project, file: str) -> float:
    """Milliseconds that driving a run takes, its documents loaded and the store open."""
    _, documents = project.runbook(file)
    place, source = project.place, project.source()
    start = Start(run=ulid(time.time(), secrets.token_bytes(10)), initiator=place.people.me)
    begun = time.perf_counter()
    started(place, start, documents, source, Manner(yes=True), Nobody(), Unwatched())
    return (time.perf_counter() - begun) * 1000


def per_step(short: list[float], long: list[float], steps: int) -> list[float]:
    """What each long run took beyond the least that a short one takes: a disturbed short run must not flatter it."""
    return [(took - min(short)) / steps for took in long]


def commit(connection: sqlite3.Connection) -> float:
    begun = time.perf_counter()
    for _ in range(COMMITS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO records (raw) VALUES (?)", (bytes(RECORD),))
        connection.execute("COMMIT")
    return (time.perf_counter() - begun) * 1000 / COMMITS


def main() -> None:
    folder, rounds, steps = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    reads, changes = sys.argv[4:6], sys.argv[6:8]
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE IF NOT EXISTS records (position INTEGER PRIMARY KEY, raw BLOB NOT NULL)")
    project = Project(folder, store=str(folder / "engine.db"))
    commits: list[float] = []
    runs: dict[str, list[float]] = {file: [] for file in (*reads, *changes)}
    for _ in range(rounds + 1):
        commits.append(commit(bare))
        for file, taken in runs.items():
            taken.append(run(project, file))
    warm = {file: taken[1:] for file, taken in runs.items()}
    read, change = (per_step(warm[short], warm[long], steps) for short, long in (reads, changes))
    print(json.dumps({"commit": commits[1:], "read": read, "change": change}))


main()
