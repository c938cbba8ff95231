"""A change is taken back once per store, whatever happens to the note that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli import driving
from runbook.cli.main import carried_out

BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: once
title: Count
owners: [me]
severity: SEV4
reviewed: 2026-11-01
impact: none
parameters:
  ledger: {type: string}
resolution:
  - id: add
    steps:
      - id: write
        uses: shell.run
        with:
          script: echo done >> "$LEDGER"
          values: {LEDGER: "{{ params.ledger }}"}
          undo: {script: echo undone >> "$LEDGER"}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -e, "{{ params.ledger }}"], effect: read}}
"""


@pytest.fixture
def finished(tmp_path: Path, capsys, monkeypatch) -> str:
    """A run that has applied one change; the working directory is its project."""
    (tmp_path / "runbook.yaml").write_text("apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///journal.db\n")
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "once.yaml").write_text(BOOK)
    monkeypatch.chdir(tmp_path)
    assert carried_out(["run", "once", "-p", f"ledger={tmp_path / 'ledger'}", "--yes", "--output", "json"]) == 0
    return str(json.loads(capsys.readouterr().out)["run"])


def undone(tmp_path: Path) -> int:
    return (tmp_path / "ledger").read_text().count("undone")


def test_a_change_is_taken_back_once(tmp_path: Path, finished: str) -> None:
    """The second `undo` is refused, and changes nothing."""
    assert carried_out(["undo", finished, "--yes"]) == 0
    assert carried_out(["undo", finished, "--yes"]) == 8
    assert undone(tmp_path) == 1


def test_a_lost_note_does_not_let_it_happen_twice(tmp_path: Path, finished: str, monkeypatch) -> None:
    """Killed between the end of the undo and its note in the other run: the undo's own record tells."""
    monkeypatch.setattr(driving, "noted", lambda *_: None)
    assert carried_out(["undo", finished, "--yes"]) == 0
    assert carried_out(["undo", finished, "--yes"]) == 8
    assert undone(tmp_path) == 1
