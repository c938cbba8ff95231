"""What a run has left for a while only is remembered by the incident that it belongs to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from support.projects import Project

pytestmark = pytest.mark.integration

BOOK = """\
name: eases
title: It eases
symptoms: [{id: broken, uses: command.run, with: {argv: ["true"], effect: read}}]
resolution:
  - id: open_gate
    temporary: 1s
    steps:
      - id: open
        uses: command.run
        with: {argv: [touch, open], undo: {argv: [rm, open]}}
verification:
  checks: [{id: opened, uses: command.run, with: {argv: [test, -e, open], effect: read}}]
  within: 5s
  every: 1s
"""


def due(made: Project) -> list[str]:
    found = made.does("incident", "remind", "--dry-run", "--output", "json").json["reminders"]
    return [one["text"] for one in found if one["about"] == "left"]


def test_what_was_meant_for_a_while_is_remembered_until_it_is_taken_back(tmp_path: Path) -> None:
    """Named with the command that takes it back; afterwards nobody is reminded."""
    made = Project(tmp_path / "p", "channels: {log: {file: {path: team.md}}}\n")
    made.runbook(BOOK)
    assert made.does("incident", "declare", "--severity", "SEV4", "--title", "Queues are long").exit == 0
    done = made.run("eases", "--yes", "--incident", "1")
    assert done.exit == 0, done.err
    run = done.run["run"]
    until = time.monotonic() + 20
    while not due(made):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert f"runbook undo {run}" in due(made)[0]
    assert made.does("incident", "remind").exit == 0
    assert f"runbook undo {run}" in (made.folder / "team.md").read_text()
    assert made.does("undo", run, "--yes").exit == 0
    assert due(made) == []
