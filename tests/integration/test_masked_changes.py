"""A secret that stands in a change as plain text, which the record masks: what is sent is what the record holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.core.words import StepStatus
from runbook.errors import Exit
from runbook.hosts.ports import exit_of
from support.crash import place

pytestmark = pytest.mark.integration

RUN = place.run_id(62)
CONFIG = """\
apiVersion: runbook/v1
kind: Config
library: [.]
store: sqlite:///.runbook/journal.db
"""
RUNBOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: A folder is called as a password is
triage:
  - {id: learn, uses: command.run, with: {argv: [env], effect: read, env: {DB: {env: DB}}}, expect: "true"}
resolution:
  - id: clean
    steps: [{id: remove, uses: shell.run, with: WITH}]
verification:
  within: 2s
  every: 1s
  checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}, expect: exit_code == 0}]
"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('{script: "rm orders/*"}', "a secret stands in 'script'"),
        ('{script: "true", undo: {script: "rm orders/*"}}', "a secret stands in 'undo'"),
    ],
)
def test_a_change_that_its_record_would_mask_is_refused(given: str, said: str, tmp_path: Path) -> None:
    """`rm ***/*` is what would be run, and that is every folder."""
    folder = place.project(tmp_path / "p", runbook=RUNBOOK.replace("WITH", given), config=CONFIG)
    kept = [folder / name / "file" for name in ("orders", "others")]
    for file in kept:
        file.parent.mkdir()
        file.touch()
    project = place.opened(folder, environ={"DB": "postgresql://orders:orders@db.invalid/orders"})
    assert exit_of(place.begin(project, RUN)) is Exit.NOT_RESOLVED
    row = place.told(project.journal, RUN).rows["resolution/clean/remove"]
    assert (row.status, str(row.reason)[: len(said)]) == (StepStatus.FAILED, said)
    assert [file.exists() for file in kept] == [True, True]
