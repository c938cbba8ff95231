"""A machine at its oddest: no home, no place for temporary files, a plain locale, a strict umask, a narrow screen."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from support.projects import Project

pytestmark = [pytest.mark.integration, pytest.mark.fault(96)]

BOOK = """\
name: odd
title: "Größe: 漢 ✓"
symptoms:
  - {id: one, uses: command.run, with: {argv: [printf, "ß→✓"], effect: read}, expect: "stdout == 'ß→✓'"}
resolution:
  - {id: only, title: "Ändern", steps: [{id: made, uses: command.run, with: {argv: [touch, made]}}]}
verification:
  within: 2s
  every: 1s
  checks: [{id: there, uses: command.run, with: {argv: [test, -e, made], effect: read}, expect: exit_code == 0}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Nothing in the environment but PATH, and TMPDIR where nothing is."""
    made = Project(tmp_path / "project")
    made.runbook(BOOK)
    made.environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "nowhere"), "COLUMNS": "20"}
    return made


@pytest.mark.parametrize(
    "locale", [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_a_run_and_its_record_are_the_same_whatever_surrounds_it(project: Project, locale: dict[str, str]) -> None:
    """What a terminal cannot show is escaped, what is recorded is not; the store is its owner's under any umask."""
    project.environ |= locale
    before = os.umask(0o000)
    try:
        said = project.does("run", "odd", "--yes")
        assert said.exit == 0, said.err
    finally:
        os.umask(before)
    run = project.does("runs", "--output", "json").json["runs"][0]["run"]
    assert project.does("log", "verify", run).exit == 0
    [seen] = [record for record in project.records(run, "step.observed") if record["key"].startswith("symptoms/one")][
        :1
    ]
    assert seen["data"]["output"]["stdout"] == "ß→✓"
    assert stat.S_IMODE((project.folder / "journal.db").stat().st_mode) & 0o007 == 0
