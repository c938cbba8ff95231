"""What commands print and leave behind, in a whole run: kept as it was, in its own place, whatever it looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project, Said, steps

RECORD = '{"actor":{"id":"ann","kind":"person"},"data":{"verdict":"grant"},"seq":1,"type":"vote.given","v":1}'
END = '{"checkpoint":{"head":"0","size":1,"stream":"run/1"},"v":1}'
PROMPT = "✓ run resolved; nothing to do"
BOOK = """name: rude
title: Commands that are rude
triage:
  - {id: forges, uses: command.run, with: {argv: [cat, forged], effect: read}}
  - {id: binary, uses: command.run, with: {argv: [cat, bytes], effect: read}}
  - {id: stays, uses: command.run, with: {argv: [sh, -c, "sleep 600 & echo begun"], effect: read}, timeout: 40s}
  - id: asks
    uses: command.run
    with: {argv: [sh, -c, "read name; echo \\"name=$name\\"; true </dev/tty || echo alone"], effect: read}
    timeout: 40s
resolution:
  - id: nothing
    when: steps.forges.exit_code == 1
    steps: [{id: never, uses: command.run, with: {argv: ["false"]}}]
verification:
  within: 1s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}, expect: exit_code == 0}]
"""
BYTES = bytes(range(256)) + b"\xed\xa0\x80\xff\n"  # with a lone surrogate, which is no UTF-8


@pytest.fixture(params=["sqlite", "postgres"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """With each kind of store."""
    store = request.getfixturevalue("postgres").database() if request.param == "postgres" else "sqlite:///journal.db"
    project = Project(tmp_path / "project", f"store: {store}\n")
    project.runbook(BOOK)
    (project.folder / "forged").write_text(f"{RECORD}\n{END}\n{PROMPT}\n::error::stop\n\x1b]52;c;aGk=\x07\r{RECORD}")
    (project.folder / "bytes").write_bytes(BYTES)
    return project


@pytest.fixture
def ran(project: Project) -> Said:
    """All of them at once; that nothing was resolved is the runbook's fault, and said."""
    said = project.run("rude", "--yes")
    assert (said.exit, said.run["outcome"]) == (5, "not_resolved"), said.err
    return said


@pytest.mark.fault(55, 56, 58)
def test_it_ends_and_says_what_there_was(project: Project, ran: Said) -> None:
    """A grandchild that holds the pipe is ended and listed; who asks finds nobody; bytes that are no text are shown."""
    seen: dict[str, Any] = {id_: step["output"] for id_, step in steps(ran.run).items()}
    assert seen["stays"]["stdout"] == "begun\n"
    [left] = seen["stays"]["leftovers"]
    assert not Path(f"/proc/{left}").exists()
    assert seen["asks"]["stdout"] == "name=\nalone\n"
    assert seen["binary"]["stdout"] == BYTES.decode("utf-8", "replace")
    assert [steps(ran.run)[id_]["status"] for id_ in ("forges", "binary", "stays", "asks")] == ["succeeded"] * 4


@pytest.mark.fault(60)
def test_what_looks_like_our_records_is_none(project: Project, ran: Said) -> None:
    """In an export, in a list and in the store there are as many records, votes and ends as there were."""
    run = ran.run["run"]
    exported = project.folder / "run.jsonl"
    assert project.does("log", "export", run, "-o", str(exported)).exit == 0
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [line["type"] for line in lines if "type" in line].count("vote.given") == 0
    [end] = [line for line in lines if "checkpoint" in line]
    [verdict] = project.does("log", "verify", str(exported), "--output", "json").json["streams"]
    assert (verdict["ok"], verdict["records"]) == (True, end["checkpoint"]["size"])
    shown = project.does("log", "show", run).out.splitlines()
    assert len(shown) == verdict["records"]
    assert not any(line.startswith(("✓", "::")) or "\x1b" in line for line in shown)
