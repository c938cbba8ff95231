"""Previews through a whole run: shown at the gate, void when they change, however long, unproven like any read."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.projects import Project, applied, steps

RUNBOOK = """\
name: apply
title: Apply what was planned
resolution:
  - id: one
    steps:
      - id: change
        uses: command.run
        with: {argv: [touch, done], preview: {argv: [sh, preview.sh]}}
verification: {within: 1s, every: 1s, checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.runbook(RUNBOOK)
    return project


def previewing(project: Project, script: str) -> None:
    (project.folder / "preview.sh").write_text(script)


def test_a_preview_that_changed_voids_the_approval_and_is_shown_again(project: Project) -> None:
    """The second gate says which lines are different; what is applied is what was approved last."""
    previewing(
        project, "echo x >> n; echo web-1; if [ $(wc -l < n) -gt 1 ]; then echo '2 to add'; else echo 1 to add; fi"
    )
    done = project.run("apply", "--yes").run
    assert (done["outcome"], applied(done)) == ("resolved", ["change"])
    gates = [record["data"] for record in project.records(done["run"], "gate.opened")]
    assert [gate["attempt"] for gate in gates] == [1, 2]
    assert gates[1]["changed"] == "the preview is another one now:\n web-1\n-1 to add\n+2 to add"


def test_a_preview_longer_than_a_record_is_the_same_change_when_it_is_read_back(project: Project) -> None:
    """What is fed into the run is what was stored: one gate, one change."""
    previewing(project, "i=0; while [ $i -lt 9000 ]; do echo a line that is number $i; i=$((i+1)); done")
    done = project.run("apply", "--yes").run
    assert applied(done) == ["change"]
    assert len(project.records(done["run"], "gate.opened")) == 1
    assert project.does("log", "verify", done["run"]).exit == 0


def test_a_preview_that_fails_ends_the_option_before_anybody_is_asked(project: Project) -> None:
    """Its last words are the reason."""
    previewing(project, "echo 'workspace is locked by ann' >&2; exit 1")
    done = project.run("apply", "--yes").run
    assert applied(done) == []
    assert project.records(done["run"], "gate.opened") == []
    assert "workspace is locked by ann" in str(steps(done)["change"])


def test_a_plan_shows_the_preview_where_the_policy_believes_it(project: Project) -> None:
    """A preview claims to be a read; where nothing may be risked, a claim is not enough."""
    previewing(project, "echo 1 to add")
    unproven = project.does("plan", "apply")
    assert unproven.exit == 4
    assert "its preview was not run: unproven read" in " ".join(unproven.out.split())
    project.config("policy: policy.yaml\n")
    project.policy("people: {ann: {user: ann}}\ncommands: {read: [[sh, preview.sh]]}\n")
    planned = project.does("plan", "apply")
    assert "1 to add" in planned.out


def test_a_scenario_says_what_the_preview_prints(project: Project) -> None:
    """Another preview before applying is another change there too."""
    (project.folder / "runbooks" / "apply.scenarios.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Scenario\nrunbook: apply\nscenarios:\n  - name: it\n"
        "    initiator: ann\n    given: {change: {preview: 1 to add}, fine: {exit_code: 0}}\n"
        "    approvals: {one: {granted_by: [ann]}}\n    expect: {outcome: resolved, applied: [change]}\n"
    )
    tested = project.does("test")
    assert tested.exit == 0, tested.out + tested.err


def test_a_preview_is_judged_with_what_it_takes_over_from_its_step(project: Project) -> None:
    """With a PATH of the step's the program that the policy lists is any program."""
    evil = project.folder / "bin" / "sh"
    evil.parent.mkdir()
    evil.write_text("#!/bin/sh\ntouch claimed\n")
    evil.chmod(0o755)
    previewing(project, "echo 1 to add")
    project.runbook(RUNBOOK.replace("argv: [touch, done],", f"argv: [touch, done], env: {{PATH: {evil.parent}}},"))
    project.config("policy: policy.yaml\n")
    project.policy("people: {ann: {user: ann}}\ncommands: {read: [[sh, preview.sh]]}\n")
    planned = project.does("plan", "apply")
    assert not (project.folder / "claimed").exists()
    assert "with its `env` (PATH)" in " ".join(planned.out.split())
