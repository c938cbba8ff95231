"""The store of a version, kept for ever: every later one opens, verifies, replays and goes on with what it wrote.

    PYTHONPATH=tests python -m support.frozen tests/replay/VERSION      once, when that version is released

Runs of every procedure, sealed: one that resolved by its second option, one that waits at its gate, one whose runner
was killed in a change, one that handed over to another, one that was taken back, a dry one, and a command by hand. The
store is kept as a file with its folder, and as the SQL of a database of the same records.
"""

from __future__ import annotations

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from runbook.core.words import Mode
from runbook.hosts.local import started
from runbook.hosts.place import Manner
from runbook.hosts.said import Nobody
from runbook.hosts.undoing import noted, undo_start
from runbook.journal import store_at
from runbook.journal.copying import copy
from runbook.journal.seals import make_key
from support.crash import alone, place, relay
from support.postgres import Server, postgres

NAMES = ("resolved", "waiting", "doubtful", "handing", "handed", "undone", "undoing", "dry", "by_hand")
RUNS = {name: place.run_id(number) for number, name in enumerate(NAMES)}
KEPT = "journal.db"
SQL = "postgres.sql"
PUBLIC = "seal.pub"
_DATABASE_ONLY = ("CREATE ", "ALTER ", "INSERT ", "SELECT pg_catalog.setval")  # no settings of some server


def project(folder: Path, config: str = place.CONFIG) -> Path:
    """The project that the runs are of, without a store and without seals."""
    relay.project(folder, config=config)
    (folder / "queue.yaml").write_text((folder / "queue.yaml").read_text().replace("name: queue", "name: handing"))
    (folder / "queue.yaml").rename(folder / "handing.yaml")
    for name, text in {
        "resolved": place.RUNBOOK,
        "waiting": WAITING,
        "queue": place.one(),
        "undone": UNDONE,
    }.items():
        plain = re.sub(r"\{confirm_\w+\}", "", text).replace("name: queue", f"name: {name}")
        (folder / f"{name}.yaml").write_text(plain)
    (folder / "bin" / "tell").write_text(TELL)
    (folder / "bin" / "tell").chmod(0o755)
    return folder


WAITING = (  # other targets than the run's that is in doubt, which holds its own
    place.one()
    .replace("[bin/act, restart]", "[bin/act, revive]")
    .replace("[bin/act, purge]", "[bin/act, tidy]")
    .replace("[bin/sick]", '[sh, -c, "! grep -qx revive ledger"]')
)
TELL = '#!/bin/sh\nhead -c 20000 /dev/zero | tr "\\0" x\n'
UNDONE = """\
apiVersion: runbook/v1
kind: Runbook
name: undone
title: The queue is stuck
triage:
  - {id: tell, uses: command.run, with: {argv: [bin/tell], effect: read}}
resolution:
  - id: clear
    steps:
      - {id: drain, uses: command.run, with: {argv: [bin/act, drain], undo: {argv: [bin/act, undrain]}}, timeout: 20s}
verification:
  within: 2s
  every: 1s
  checks:
    - {id: quiet, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 0}
"""


def written(folder: Path) -> None:
    """Run everything, sealed by a key that nobody has afterwards."""
    project(folder)
    public = make_key(folder / "seal.key", "frozen").public
    (folder / PUBLIC).write_text(f"{public}\n")
    with (folder / "runbook.yaml").open("a") as config:
        config.write(f"seals: {{key: {{file: seal.key}}, keys: [{{key: {public}}}]}}\n")
    of = place.opened(folder)
    place.begin(of, RUNS["undone"], name="undone")
    start, documents = undo_start(of.place, RUNS["undone"], RUNS["undoing"])
    started(of.place, start, documents, {}, Manner(yes=True), Nobody(), place.Unseen())
    noted(of.place, place.told(of.journal, RUNS["undoing"]), RUNS["undoing"])
    emptied(folder)
    place.begin(of, RUNS["dry"], name="resolved", mode=Mode.DRY)
    place.begin(of, RUNS["resolved"], name="resolved")
    emptied(folder)
    place.begin(of, RUNS["handing"], name="handing")
    emptied(folder)
    place.begin(of, RUNS["waiting"], name="waiting", yes=False)
    place.by_hand(of, RUNS["waiting"], RUNS["by_hand"], resume=False)
    emptied(folder)
    of.journal.close()
    _killed(folder, RUNS["doubtful"])


def emptied(folder: Path) -> None:
    """The world as it was before."""
    (folder / "ledger").write_text("")
    for begun in folder.glob("begun-*"):
        begun.unlink()


def _killed(folder: Path, run: str) -> None:
    """Its runner dies in the first change, which is made all the same."""
    (folder / "slow").write_text("1")
    runner = alone.process(folder, run, "begin")
    alone.until((folder / "begun-restart").exists, runner)
    runner.send_signal(signal.SIGKILL)
    runner.communicate()
    (folder / "slow").unlink()
    alone.until(lambda: place.ledger(folder) == ["restart"])


def kept(folder: Path, to: Path) -> None:
    """Keep the store of a project: its file without a log beside it, its folder without what is made anew."""
    store = folder / ".runbook" / KEPT
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = DELETE")
    to.mkdir(parents=True)
    shutil.copy(store, to / KEPT)
    shutil.copy(folder / PUBLIC, to / PUBLIC)
    shutil.copytree(
        store.with_name(f"{KEPT}.d"),
        to / f"{KEPT}.d",
        ignore=shutil.ignore_patterns("attempts", "leases", "reserve", "*.lock"),
    )
    with postgres() as server:
        url = server.database()
        copy(store_at(str(store)), store_at(url))
        (to / SQL).write_text(_dumped(server, url))


def _dumped(server: Server, url: str) -> str:
    program = (server.bin / "initdb").resolve().with_name("pg_dump")
    argv = [str(program), "--schema=runbook", "--inserts", "--no-owner", "--no-privileges", url]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    statements = [one.strip() for one in said.split(";\n")]
    lines = ["\n".join(line for line in one.splitlines() if not line.startswith("--")) for one in statements]
    return "".join(f"{one.strip()};\n" for one in lines if one.strip().startswith(_DATABASE_ONLY))


def laid_out(version: Path, folder: Path, server: Server | None = None) -> str:
    """A project with a store of that version, to be changed; the store's URL. In a database where there is a server."""
    if server is not None:
        url = server.database()
        server.execute((version / SQL).read_text(), url.rpartition("/")[2])
        project(folder, place.CONFIG.replace(place.STORE, url))
        return url
    project(folder)
    store = folder / ".runbook" / KEPT
    shutil.copytree(version / f"{KEPT}.d", store.with_name(f"{KEPT}.d"))
    shutil.copy(version / KEPT, store)
    return f"sqlite:///{store}"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        written(Path(scratch) / "project")
        kept(Path(scratch) / "project", Path(sys.argv[1]))
