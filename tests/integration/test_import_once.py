"""One file, imported by two at once or by one that is killed: each of its incidents is there, once, on every store."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runbook.incident.desk import every
from runbook.incident.records import PREFIX
from runbook.journal import open_store
from support.crash.importing import process

ROWS = 12


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store that several processes can write to."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres").database())
    return f"{tmp_path}/journal.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of a dozen past incidents."""
    lines = [f"{n},Down {n},SEV2,2025-03-{n:02}T10:00Z,2025-03-{n:02}T11:00Z" for n in range(1, ROWS + 1)]
    (tmp_path / "past.csv").write_text("\n".join(["id,title,severity,declared,resolved", *lines]), encoding="utf-8")
    return tmp_path


def ready(importer: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """Once it has its store open."""
    assert importer.stdout is not None
    assert importer.stdout.readline() == "ready\n"
    return importer


def told(importer: subprocess.Popen[str]) -> dict[str, Any]:
    """What it said at its end; it was told to begin before."""
    said, _ = importer.communicate(timeout=60)
    assert importer.returncode == 0
    return dict(json.loads(said))


def here(store: str) -> list[tuple[str, str]]:
    """Ids there, with what became of them, of all incidents here."""
    journal = open_store(store)
    found = [(str((one.imported or {})["id"]), str(one.status)) for one in every(journal, [])]
    numbers = sorted(int(name.removeprefix(f"{PREFIX}INC-")) for name in journal.names(PREFIX))
    journal.close()
    assert numbers == list(range(1, ROWS + 1))
    return sorted(found, key=lambda one: int(one[0]))


WHOLE = [(str(n), "resolved") for n in range(1, ROWS + 1)]


def test_two_who_import_one_file_at_once_bring_in_each_incident_once(store: str, folder: Path) -> None:
    """Together they have imported all of it, and each says which it found there."""
    both = [ready(process(folder, store, "past.csv")) for _ in range(2)]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [told(one) for one in both]
    assert here(store) == WHOLE
    assert sorted(int(row["id"]) for one in said for row in one["imported"]) == list(range(1, ROWS + 1))
    assert all(len(one["imported"]) + one["known"] == ROWS for one in said)


@pytest.mark.parametrize("at", [1, 2, 7, ROWS])
def test_an_import_that_is_killed_is_gone_on_with_by_the_next(store: str, folder: Path, at: int) -> None:
    """Between any two commits: what was there stays, the rest follows, nothing is there twice."""
    killed = ready(process(folder, store, "past.csv", str(at)))
    killed.communicate("go\n", timeout=60)
    assert killed.returncode == -9
    journal = open_store(store)
    before = len(journal.names(PREFIX))
    journal.close()
    again = told(ready(process(folder, store, "past.csv")))
    assert (again["known"], len(again["imported"])) == (before, ROWS - before)
    assert here(store) == WHOLE
