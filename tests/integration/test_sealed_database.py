"""Runs recorded in a database, sealed as they go: from the first record to proofs that need nothing but a key."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.postgres import Server
from support.projects import Project

BOOK = """name: cache
title: Clear the cache
resolution:
  - id: clear
    settle: 4s
    steps:
      - {id: clear_it, uses: command.run, with: {argv: [touch, done], effect: change}}
verification:
  within: 5s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -f, done], effect: read}, expect: exit_code == 0}
"""
CONFIG = """store: {store}
seals:
  key: {{file: seal.key}}
  every: 1s
  publish: [{{file: seals}}, {{git: tag}}]
  keys: [{{key: {key}}}]
"""

CHANGED = "UPDATE runbook.records SET raw = {} WHERE {{run}} AND seq = 2"
ANOTHER_TYPE = "convert_to(replace(convert_from(raw, 'UTF8'), '\"type\":\"', '\"type\":\"x'), 'UTF8')"


@pytest.fixture
def project(tmp_path: Path, postgres: Server) -> Project:
    """In a repository, with a key."""
    project = Project(tmp_path / "project")
    project.runbook(BOOK)
    subprocess.run(["git", "init", "-q", str(project.folder)], check=True)
    key = project.does("seal", "keygen", "seal.key").out.strip()
    (project.folder / "seal.pub").write_text(key)
    project.environ["STORE"] = postgres.database()
    project.config(CONFIG.format(key=key, store=project.environ["STORE"]))
    return project


def ran(project: Project) -> str:
    """A run that waits at its gate, and goes on when it is resumed."""
    waiting = project.run("cache")
    assert waiting.exit == 6, waiting.err
    run = str(waiting.run["run"])
    done = project.does("resume", run, "--yes", "--output", "json")
    assert (done.exit, done.run["outcome"]) == (0, "resolved"), done.err
    return run


def verdict(project: Project, *words: str) -> dict[str, Any]:
    """What `log verify` says of the one stream that it looks at."""
    [found] = project.does("log", "verify", *words, "--output", "json").json["streams"]
    return dict(found)


def test_it_is_sealed_from_its_start_to_its_end_and_proven_elsewhere(project: Project, tmp_path: Path) -> None:
    """At its start, gate and end and in between, in files and in tags; each record by itself, with the key alone."""
    run = ran(project)
    types = [record["type"] for record in project.records(run)]
    files = {int(file.stem): file for file in (project.folder / "seals" / "run" / run).glob("*.seal")}
    assert {1, types.index("gate.opened") + 1, len(types)} <= files.keys()
    between = set(files) - {1, types.index("gate.opened") + 1, len(types)}
    assert any(types.index("change.resulted") < size for size in between), "none while it settled"
    tags = subprocess.run(["git", "tag", "-l"], cwd=project.folder, capture_output=True, text=True, check=True).stdout
    assert sorted(int(tag.rpartition("/")[2]) for tag in tags.split()) == sorted(files)
    assert (verdict(project, run)["ok"], verdict(project, run)["sealed"]) == (True, len(types))
    elsewhere = Project(tmp_path / "elsewhere")
    key = ("--key", str(project.folder / "seal.pub"))
    for words in (("log", "export", run), ("log", "prove", run, "3"), ("log", "prove", run, "--since", str(files[1]))):
        file = elsewhere.folder / "shown"
        file.write_text(project.does(*words).out)
        assert verdict(elsewhere, str(file), *key)["ok"], words
        file.write_text(file.read_text().replace(f"\\n{len(types)}\\n", f"\\n{len(types) + 1}\\n"))
        assert verdict(elsewhere, str(file), *key)["problem"] == "seal_changed", words


@pytest.mark.fault(84)
@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (CHANGED.format(r"overlay(raw placing '\x00' from 1 for 1)"), "unreadable"),
        (CHANGED.format("' '::bytea || raw"), "not_canonical"),
        (CHANGED.format(ANOTHER_TYPE), "chain"),
        ("DELETE FROM runbook.records WHERE {run} AND seq > 5", "truncated"),
        ("DELETE FROM runbook.records WHERE {run} AND seq = 3", "gap"),
        ("DELETE FROM runbook.records WHERE {run}", "vanished"),
    ],
    ids=["bytes", "spelling", "value", "cut", "removed", "gone"],
)
def test_what_was_done_by_sql_is_named(project: Project, postgres: Server, sql: str, problem: str) -> None:
    """Exit code 3, the word for it, and the first record that is not what was written."""
    run = ran(project)
    postgres.execute(sql.format(run=f"stream = 'run/{run}'"), project.environ["STORE"].rpartition("/")[2])
    said = project.does("log", "verify", "--output", "json")
    found = {one["stream"]: one for one in said.json["streams"]}[f"run/{run}"]
    assert (said.exit, found["problem"]) == (3, problem), found
    assert json.dumps(found["seq"]).isdigit()
    text = project.does("log", "verify").out
    assert f"record {found['seq']}: {problem}" in text
