"""`until` on the local host and in a rehearsal: looks that are recorded, told once and again, and resumed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from support.projects import Project, steps

LOOK = "echo x >> looks; [ $(wc -l < looks) -ge 3 ]"
RUNBOOK = f"""\
name: settle
title: It settles
triage:
  - id: ready
    uses: shell.run
    with: {{script: '{LOOK}', effect: read}}
    until: {{within: 20s, every: 1s}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.runbook(RUNBOOK)
    return project


def test_a_probe_is_observed_until_it_passes(project: Project) -> None:
    """Three looks a second apart, each with its number and when the next one is; the last verdict counts."""
    told = project.run("settle")
    looks = [record["data"] for record in project.records(told.run["run"], "step.observed")]
    assert [(look["round"], look["verdict"]) for look in looks] == [(1, "fail"), (2, "fail"), (3, "pass")]
    assert [look["again"] is None for look in looks] == [False, False, True]
    assert all(second["started"] - first["started"] >= 0.9 for first, second in pairwise(looks))
    assert steps(told.run)["ready"]["verdict"] == "pass"
    lines = [line for line in told.err.splitlines() if "ready: " in line]
    assert len(lines) == 2


def test_a_run_that_is_left_between_two_looks_is_resumed(project: Project) -> None:
    """Killed while it waits, it goes on with the next look, not with the first."""
    project.runbook(RUNBOOK.replace("every: 1s", "every: 2s"))
    with project.typing("run", "settle", "--output", "json") as command:
        while not (project.folder / "looks").exists():
            assert command.poll() is None
        command.kill()
        command.wait()
    [one] = project.does("runs", "--output", "json").json["runs"]
    done = project.does("resume", one["run"], "--output", "json").run
    looks = project.records(done["run"], "step.observed")
    assert [look["data"]["round"] for look in looks] == [*range(1, len(looks) + 1)]
    assert steps(done)["ready"]["verdict"] == "pass"


def test_a_dry_run_looks_once(project: Project) -> None:
    """It shows how things are; here, where nothing proves that the look is a read, it does not even do that."""
    planned = project.does("run", "settle", "--dry-run", "--output", "json").run
    assert len(project.records(planned["run"], "step.observed")) == 1


def test_in_a_rehearsal_time_passes_by_itself(project: Project) -> None:
    """A scenario says from when on it passes; four minutes of waiting take no time."""
    project.runbook(RUNBOOK.replace("20s", "5m").replace("every: 1s", "every: 30s"))
    (project.folder / "runbooks" / "settle.scenarios.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Scenario\nrunbook: settle\nscenarios:\n  - name: slowly\n"
        "    given: {ready: [{exit_code: 1}, {at: 4m, exit_code: 0}]}\n"
        "    expect: {verdicts: {ready: pass}, within: 4m}\n"
    )
    tested = project.does("test")
    assert tested.exit == 0, tested.out + tested.err
