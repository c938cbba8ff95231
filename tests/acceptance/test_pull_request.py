"""What checks runbooks in a pull request: the action, the hooks, the workflows to copy, with their shell parts run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.actions import Runner
from support.projects import Project

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / "docs" / "ci" / "github-pull-request.yml").read_text())
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab-ci.yml").read_text())
STEPS = {step.get("id", step.get("name")): step for step in ACTION["runs"]["steps"]}
RUNBOOK = """\
name: disk-full
title: The disk is full
owners: [team-storage]
reviewed: 2026-11-01
impact: Nothing is written.
symptoms:
  - {id: full, title: It is full, uses: command.run, with: {argv: [test, -e, full], effect: read}}
resolution:
  - id: clean
    title: Clean up
    approval: {required: 2, timeout: 10m}
    steps:
      - {id: rm, title: Remove what is old, uses: command.run, with: {argv: [rm, full]}, irreversible: It is gone.}
verification:
  checks:
    - {id: room, title: There is room, uses: command.run, with: {argv: [test, "!", -e, full], effect: read}}
escalation: {to: storage, after: 15m}
"""
SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: disk-full
scenarios:
  - name: nobody decides
    given:
      symptoms/full: {exit_code: 0}
    expect: {outcome: denied, applied: []}
"""


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project in a repository, with a base and a head that weakens a gate."""
    project = Project(tmp_path / "repository", "library: [runbooks]\n")
    project.runbook(RUNBOOK)
    (project.folder / "runbooks" / "disk-full.scenarios.yaml").write_text(SCENARIOS)
    project.does("fmt")
    git(project.folder, "init", "-q", "-b", "main")
    git(project.folder, "add", "-A")
    git(project.folder, "commit", "-qm", "The base")
    book = project.folder / "runbooks" / "disk-full.yaml"
    book.write_text(book.read_text().replace("required: 2", "required: 1"))
    git(project.folder, "commit", "-qam", "One is enough")
    return project


def runner(project: Project, **inputs: str) -> Runner:
    """The action's steps, with its defaults and these inputs; what it installs is there already."""
    known = {f"inputs.{name}": str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
    known |= {"inputs.base": "", "inputs.author": ""}
    known |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
    temp = project.folder.parent / "temp"
    (temp / "runbook" / "bin").mkdir(parents=True)
    (temp / "runbook" / "bin" / "runbook").symlink_to(Path(sys.executable).with_name("runbook"))
    return Runner(project.folder, temp, known)


def carried_out(runner: Runner) -> tuple[int, str]:
    """Every step that checks something, in order, then the result: its exit code, and all that was said."""
    said = ""
    for name in ("lint", "fmt", "test", "pages", "diff"):
        if (done := runner.step(STEPS[name])) is not None:
            assert done.exit == 0, done.said  # one that finds something lets the others speak too
            said += done.said
    result = runner.step(STEPS["Result"])
    assert result is not None
    return result.exit, said + result.said


def test_the_action_checks_everything_and_tells_what_the_change_means(project: Project) -> None:
    """A weaker gate passes lint, and stands in the diff, the summary and the output."""
    here = runner(project, base=git(project.folder, "rev-parse", "HEAD~1"), author="ann", test="true")
    code, said = carried_out(here)
    assert (code, "1 passed, 0 failed" in said) == (0, True), said
    text = here.known["steps.diff.outputs.text"]
    assert text.startswith("<!-- runbook diff -->\n") and "A gate asks for less" in text
    assert here.summary.read_text().rstrip("\n") == text
    assert json.loads(Path(here.known["steps.lint.outputs.sarif"]).read_text())["version"] == "2.1.0"
    assert Path(here.known["steps.test.outputs.junit"]).read_text().startswith("<?xml")


def test_whatever_fails_the_others_are_said_as_well(project: Project) -> None:
    """The exit code is the worst; each failure is named."""
    book = project.folder / "runbooks" / "disk-full.yaml"
    text = book.read_text().replace("title: The disk", "title:   The disk")
    book.write_text(text.replace("timeout: 10m", "timout: 1m"))
    base = git(project.folder, "rev-parse", "HEAD~1")
    code, said = carried_out(runner(project, base=base, diff_fail_on="danger", fail_under="100"))
    assert code == 3
    assert "::error file=runbooks/disk-full.yaml,line=" in said
    assert [line for line in said.splitlines() if ": exit code " in line] == [
        "lint: exit code 3", "style: exit code 3", "scenarios: exit code 3", "diff: exit code 3",
    ]  # fmt: skip


def test_a_missing_base_says_what_the_checkout_needs(project: Project) -> None:
    """As with the checkout's usual depth of one commit."""
    code, said = carried_out(runner(project, base="1" * 40, test="false", fmt="false"))
    assert (code, "fetch-depth" in said) == (2, True), said


def test_our_own_library_passes_our_own_action(tmp_path: Path) -> None:
    """With what the workflow of this repository asks for."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]["runbooks"]
    [asked] = [step["with"] for step in job["steps"] if step["uses"] == "$/"]
    project = Project(tmp_path / "unused")
    here = runner(project, **{name.replace("-", "_"): str(value) for name, value in asked.items()})
    here.folder = ROOT
    code, said = carried_out(here)
    assert code == 0, said


def test_rules_and_pages_are_checked_where_they_are_named(project: Project) -> None:
    """Each line is a file of rules, blanks in its name included; a page that is not true any more fails."""
    (project.folder / "my rules.yaml").write_text("groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n")
    (project.folder / "pages").mkdir()
    project.does("render", "-o", "pages")
    first = runner(project, rules="my rules.yaml\n", pages="pages")
    assert carried_out(first)[0] == 0
    page = project.folder / "pages" / "disk-full.md"
    page.write_text(page.read_text() + "more\n")
    done = first.step(STEPS["pages"])
    assert done is not None and done.outputs["status"] == "3"


def test_a_long_diff_is_cut_for_its_comment(project: Project) -> None:
    """Between two characters; the whole stands in the summary."""
    here = runner(project, base="HEAD~1")
    fake = here.temp / "runbook" / "bin" / "runbook"
    fake.unlink()
    fake.write_text("#!/bin/sh\nyes ü€ | head -c 90000 | iconv -c -f utf-8 -t utf-8\n")
    fake.chmod(0o755)
    here.step(STEPS["diff"])
    text = here.known["steps.diff.outputs.text"]
    assert len(text) < 65_536 and text.endswith("*There is more: the summary of the workflow run has all of it.*")
    assert here.summary.stat().st_size > 80_000


def test_no_value_of_the_action_is_part_of_a_script() -> None:
    """Values arrive as environment variables; every output and every input is one that is there."""
    text = (ROOT / "action.yml").read_text()
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert ("run" in step) == (step.get("shell") == "bash")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.(\w+)\.", text)) <= set(STEPS)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_every_hook_is_a_command_that_is_there(project: Project, hook: dict[str, Any]) -> None:
    """As pre-commit calls it: its entry, then the files, unless it wants none."""
    program, *words = hook["entry"].split()
    assert (program, hook["language"]) == ("runbook", "python")
    files = [] if hook.get("pass_filenames") is False else ["runbook.yaml", "runbooks/disk-full.yaml"]
    if hook["id"] == "runbook-render":
        project.does("render", "-o", "pages")
        files = ["pages"]
    done = project.does(*words, *files)
    assert done.exit == 0, done.err


def test_the_hook_of_the_style_leaves_other_yaml_alone(project: Project) -> None:
    """Pre-commit names every YAML file of a commit."""
    (project.folder / "compose.yaml").write_text("services:   {}\n")
    assert project.does("fmt", "compose.yaml").exit == 0
    assert (project.folder / "compose.yaml").read_text() == "services:   {}\n"


# --- the workflow to copy ------------------------------------------------------------------------------------------


def test_the_workflow_has_no_right_that_it_does_not_need() -> None:
    """What reads the pull request may write nothing, what writes reads nothing of it; nothing has the base's rights."""
    jobs = WORKFLOW["jobs"]
    assert (list(WORKFLOW[True]), WORKFLOW["permissions"]) == (["pull_request"], {})
    assert jobs["check"]["permissions"] == {"contents": "read"}
    assert jobs["comment"]["permissions"] == {"pull-requests": "write"}
    assert not any("uses" in step for step in jobs["comment"]["steps"])
    assert "head.repo.full_name == github.repository" in jobs["comment"]["if"]
    checkout, action = jobs["check"]["steps"]
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert (checkout["with"]["persist-credentials"], checkout["with"]["fetch-depth"]) == (False, 0)
    assert set(action["with"]) <= set(ACTION["inputs"])
    assert all("${{" not in step["run"] for step in jobs["comment"]["steps"])


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ("", "api --silent --method POST repos/acme/ops/issues/7/comments --raw-field body=@text"),
        ("41\n42", "api --silent --method PATCH repos/acme/ops/issues/comments/41 --raw-field body=@text"),
    ],
    ids=["first", "again"],
)
def test_there_is_one_comment_however_often_it_runs(tmp_path: Path, before: str, call: str) -> None:
    """The first time it is written, from then on it is changed; a text that begins with `@` is no file."""
    path = tmp_path / "bin"
    path.mkdir()
    (path / "gh").write_text(
        f'#!/bin/sh\ncase "$*" in *--paginate*) printf "%s" "{before}";; *) echo "$*" >> {tmp_path}/calls;; esac\n'
    )
    (path / "gh").chmod(0o755)
    known = {"github.repository": "acme/ops", "github.event.pull_request.number": "7"}
    known["needs.check.outputs.diff"] = "@text"
    done = Runner(tmp_path, tmp_path / "temp", known, path).step(WORKFLOW["jobs"]["comment"]["steps"][0], "bash -e")
    assert done is not None and done.exit == 0, done
    assert (tmp_path / "calls").read_text() == f"{call}\n"


def test_the_gitlab_job_runs(project: Project) -> None:
    """Its script, as it stands; it ends with the code of what failed, and leaves what it tells."""
    base = git(project.folder, "rev-parse", "HEAD~1")
    lines = [line.replace("--fail-under 80 ", "") for line in GITLAB["runbooks"]["script"]]
    here = Runner(project.folder, project.folder.parent / "temp", {}, Path(sys.executable).parent)
    done = here.step({"run": "\n".join(lines), "env": {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}}, "bash -eo pipefail")
    assert done is not None and done.exit == 0, done
    reports = [*GITLAB["runbooks"]["artifacts"]["reports"]["junit"], *GITLAB["runbooks"]["artifacts"]["paths"]]
    assert all((project.folder / name).stat().st_size for name in reports)
