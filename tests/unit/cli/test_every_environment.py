"""Looking at every environment: plans, lint, scenarios, what a runbook will do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli import explain, lint, plan
from runbook.cli import run as run_command
from runbook.cli import test as test_command
from runbook.errors import Exit, Refused, UnknownEnvironment, UsageError
from support.environments import CONFIG, heard, policy, project, started

SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: practice
scenarios:
  - name: it is removed
    ENVIRONMENT
    given: {verification/gone: [{verdict: fail}, {after: rm, verdict: pass}]}
    approvals: {remove: {granted_by: [whoever-is-on-call]}}
    expect: {outcome: resolved, applied: [rm]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two environments, and a marker in each."""
    return project(tmp_path)


def test_every_environment_is_planned_under_its_heading(folder: Path) -> None:
    """One after the other."""
    here = heard(folder)
    assert plan.plan(here, plan.Options("practice", environment="all")) == Exit.OK
    said = here.out.getvalue()
    assert 0 <= said.index("Environment staging") < said.index("marker-of-staging")
    assert said.index("marker-of-staging") < said.index("Environment prod") < said.index("marker-of-prod")


def test_every_environment_is_planned_as_one_object(folder: Path) -> None:
    """What cannot be planned in one does not keep back the others, and makes the exit code."""
    (folder / "runbook.yaml").write_text(CONFIG.replace("marker: marker-of-staging", "other: x"))
    here = heard(folder)
    assert plan.plan(here, plan.Options("practice", environment="all", output="json")) == Exit.INVALID
    [one] = here.out.getvalue().splitlines()
    failed, planned = json.loads(one)["plans"]
    assert (failed["environment"], failed["error"]["code"]) == ("staging", "invalid-parameter")
    assert (planned["environment"], planned["outcome"]) == ("prod", "planned")
    assert here.json["exit"] == {"code": 3, "name": "invalid"}


@pytest.mark.parametrize(
    ("config", "file", "why"),
    [(CONFIG, Path("plan.json"), "-o writes one plan"), (CONFIG.partition("environments")[0], None, "no environments")],
    ids=["into a file", "of a project without"],
)
def test_all_environments_need_some_and_no_file(folder: Path, config: str, file: Path | None, why: str) -> None:
    """A usage error, before anything is planned."""
    (folder / "runbook.yaml").write_text(config)
    with pytest.raises(UsageError, match=why):
        plan.plan(heard(folder), plan.Options("practice", environment="all", file=file))


def test_a_plan_is_applied_where_it_was_made(folder: Path) -> None:
    """Without naming it again; in another environment it is refused."""
    file = folder / "plan.json"
    assert plan.plan(heard(folder), plan.Options("practice", environment="prod", file=file)) == Exit.OK
    with pytest.raises(Refused, match="the plan was made in prod"):
        started(folder, environment="staging", plan=file)
    assert started(folder, environment=None, plan=file, yes=True)["environment"] == "prod"


@pytest.mark.parametrize(
    ("own", "given", "passes"),
    [("environment: prod", None, True), ("", "prod", True), ("environment: staging", "prod", True), ("", None, False)],
    ids=["its own", "the command's", "its own before the command's", "none"],
)
def test_scenarios_take_place_in_an_environment(folder: Path, own: str, given: str | None, passes: bool) -> None:
    """Without one a target of `env` has no name."""
    here = heard(folder)
    (folder / "runbooks" / "practice.scenarios.yaml").write_text(SCENARIOS.replace("ENVIRONMENT", own))
    exit_ = test_command.test(here, test_command.Options(environment=given))
    assert (exit_ == Exit.OK, "'target.name' cannot be told" not in here.out.getvalue()) == (passes, passes)


def test_a_rehearsal_takes_place_in_the_environment_of_its_scenario(folder: Path) -> None:
    """Recorded and shown like that of a run."""
    here = heard(folder)
    (folder / "runbooks" / "practice.scenarios.yaml").write_text(SCENARIOS.replace("ENVIRONMENT", "environment: prod"))
    options = run_command.Options("practice", rehearse="it is removed", output="json")
    assert run_command.run(here, options) == Exit.OK
    assert (here.json["environment"], here.json["target"]["name"]) == ("prod", "marker-of-prod")


@pytest.mark.parametrize(
    ("name", "exit_"), [("prod", Exit.OK), ("staging", Exit.INVALID), ("all", Exit.OK), (None, Exit.OK)]
)
def test_lint_holds_documents_to_one_environment_or_to_all(folder: Path, name: str | None, exit_: Exit) -> None:
    """What only some lack is a warning; what the only one that is checked lacks, an error."""
    (folder / "runbook.yaml").write_text(CONFIG.replace("marker: marker-of-staging", "other: x"))
    assert lint.lint(heard(folder), lint.Options(environment=name)) == exit_


def test_lint_of_an_environment_that_is_not_there_checks_nothing(folder: Path) -> None:
    """A green light for nothing would be a lie."""
    with pytest.raises(UnknownEnvironment, match="'prood'"):
        lint.lint(heard(folder), lint.Options(environment="prood"))


def test_a_runbook_is_explained_as_it_is_in_an_environment(folder: Path) -> None:
    """By the people of its policy."""
    (folder / "policy.yaml").write_text(policy() + "approvals: {change: {required: 2}}\n")
    (folder / "runbook.yaml").write_text(CONFIG.replace("  prod:\n", "  prod:\n    policy: policy.yaml\n"))
    said = []
    for name in ("staging", "prod"):
        here = heard(folder)
        explain.explain(here, explain.Options("practice", environment=name))
        said.append("cannot be met: 2 needed" in here.out.getvalue())
    assert said == [False, True]


def test_stdin_cannot_be_read_for_each_environment(folder: Path) -> None:
    """The second plan would be for no alert."""
    with pytest.raises(UsageError, match="stdin can be read once"):
        plan.plan(heard(folder), plan.Options("practice", environment="all", alert="-"))
