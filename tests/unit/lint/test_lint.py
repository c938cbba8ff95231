"""Files checked by themselves and against each other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runbook import kinds
from runbook.document.findings import Severity
from runbook.errors import UsageError
from runbook.lint import processes
from runbook.lint.lint import BUILT_IN_TEMPLATES, lint
from runbook.messages.templates import BUILT_IN
from support.cases import CASES
from support.specs import SPECS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a configuration, a policy, a runbook, its scenarios and its evidence plan."""
    valid = CASES / "valid"
    (tmp_path / ".git").mkdir()
    (tmp_path / "runbooks").mkdir()
    for source, target in {
        "config": "runbook.yaml",
        "policy": "policy.yaml",
        "high-api-error-rate": "runbooks/high-api-error-rate.yaml",
        "high-api-error-rate.scenarios": "runbooks/high-api-error-rate.scenarios.yaml",
        "standard-kubernetes": "runbooks/standard-kubernetes.yaml",
    }.items():
        shutil.copyfile(valid / f"{source}.yaml", tmp_path / target)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(name: str, old: str, new: str) -> None:
    path = Path(name)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def lines(*paths: str) -> list[str]:
    return [str(finding) for finding in lint([Path(path) for path in paths or (".",)], SPECS).findings]


def test_a_project_without_mistakes_is_clean(project: Path) -> None:
    """Five documents, nothing to say."""
    result = lint([Path()], SPECS)
    assert (result.files, result.findings, result.errors) == (5, (), 0)


def test_nothing_to_check_is_a_mistake_of_the_command(project: Path) -> None:
    """An empty folder is not a clean one."""
    (project / "empty").mkdir()
    with pytest.raises(UsageError, match="there is no document in empty"):
        lint([Path("empty")], SPECS)


def test_the_yaml_of_others_is_left_alone_unless_it_is_named(project: Path) -> None:
    """A Kubernetes manifest in the repository is not a broken runbook."""
    Path("deployment.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\n")
    assert lint([Path()], SPECS).files == 5
    assert lines("deployment.yaml") == [
        "deployment.yaml:2:7: RB020: 'Deployment' is not a kind of document; "
        "kinds are Catalog, Config, EvidencePlan, Policy, Regime, Runbook, Scenario, Steps"
    ]


def test_a_file_that_cannot_be_read_does_not_hide_the_others(project: Path) -> None:
    """Everything else is checked all the same."""
    os.mkfifo("runbooks/pipe.yaml")
    change("runbooks/standard-kubernetes.yaml", "since: 2h", "sinc: 2h")
    assert [line.split(": ")[1] for line in lines()] == ["RB050", "RB021"]


def test_a_taken_name_is_said_with_the_file_that_has_it(project: Path) -> None:
    """`runbook run NAME` must mean one runbook."""
    shutil.copyfile("runbooks/high-api-error-rate.yaml", "runbooks/zz-copy.yaml")
    assert lines() == [
        "runbooks/zz-copy.yaml:4:7: RB051: the name 'high-api-error-rate' is taken by "
        "runbooks/high-api-error-rate.yaml; names are unique in a library; rename one of them"
    ]


def test_an_evidence_plan_must_exist(project: Path) -> None:
    """The nearest name is suggested."""
    change("runbooks/high-api-error-rate.yaml", "evidence: standard-kubernetes", "evidence: standard-kubernets")
    assert lines() == [
        "runbooks/high-api-error-rate.yaml:62:11: RB052: there is no evidence plan 'standard-kubernets'; "
        "did you mean 'standard-kubernetes'?"
    ]


def test_what_an_evidence_plan_needs_it_gets(project: Path) -> None:
    """By `with`, or by a parameter of the same name; and nothing that it does not know."""
    change("runbooks/high-api-error-rate.yaml", "evidence: standard-kubernetes",
           "evidence: {plan: standard-kubernetes, with: {namespce: x}}")  # fmt: skip
    change("runbooks/standard-kubernetes.yaml", "parameters:\n", "parameters:\n  cluster: {type: string}\n")
    assert lines() == [
        "runbooks/high-api-error-rate.yaml:62:11: RB053: the evidence plan 'standard-kubernetes' needs the parameter "
        "'cluster', which the runbook does not have; set it under 'with:', or add a parameter 'cluster'",
        "runbooks/high-api-error-rate.yaml:62:46: RB053: the evidence plan 'standard-kubernetes' has no parameter "
        "'namespce'; did you mean 'namespace'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("runbook: high-api-error-rate", "runbook: high-api-eror-rate",
         "4:10: RB052: there is no runbook 'high-api-eror-rate'; did you mean 'high-api-error-rate'?"),
        ("triage/redis:", "triage/rediss:",
         "12:7: RB053: the runbook 'high-api-error-rate' has no step 'triage/rediss'; did you mean 'triage/redis'?"),
        ("after: resolution/rollback/roll_back", "after: roll_bak",
         "15:19: RB053: the runbook 'high-api-error-rate' has no step of an option 'roll_bak'; "
         "did you mean 'roll_back'?"),
        ("      rollback: {granted_by", "      rolback: {granted_by",
         "19:7: RB053: the runbook 'high-api-error-rate' has no option 'rolback'; did you mean 'rollback'?"),
        ("granted_by: [oncall-engineer]", "granted_by: [oncall-enginer]",
         "19:31: RB054: the policy has no person 'oncall-enginer'; did you mean 'oncall-engineer'?"),
        ("option: rollback", "option: scale",
         "22:15: RB053: the runbook 'high-api-error-rate' has no option 'scale'; did you mean 'scale_up'?"),
        ("applied: [roll_back]", "applied: [errors_low]",
         "23:17: RB053: the runbook 'high-api-error-rate' has no step of an option 'errors_low'; "
            "it has pool, roll_back, scale"),
        ("incidents/initial", "incident/initial",
         "24:14: RB053: the runbook 'high-api-error-rate' tells nothing to a channel 'incident'; "
         "did you mean 'incidents'?"),
        ("escalated: production", "escalated: staging",
         "36:18: RB053: the runbook 'high-api-error-rate' never escalates to 'staging'; it escalates to 'production'"),
        ("    mode: auto", "    mode: auto\n    parameters: {replicas: 99, namspace: a}",
         "42:28: RB043: the parameter 'replicas' is 99, and the largest allowed is 50"),
    ],
)  # fmt: skip
def test_a_scenario_refers_to_what_its_runbook_has(project: Path, old: str, new: str, message: str) -> None:
    """A scenario that answers a step which does not exist would pass for the wrong reason."""
    change("runbooks/high-api-error-rate.scenarios.yaml", old, new)
    assert lines()[0] == f"runbooks/high-api-error-rate.scenarios.yaml:{message}"


def test_approvers_of_a_runbook_are_in_the_policy(project: Path) -> None:
    """A gate that names nobody would never open."""
    change("runbooks/high-api-error-rate.yaml", "from: [sre]", "from: [sre, sr]")
    change("runbooks/high-api-error-rate.yaml", "from_each: [sre, dba]", "from_each: [oncall-engineer]")
    assert [line.split(": ", 2)[2] for line in lines()] == [
        "the policy has no person or group 'sr'; did you mean 'sre'?",
        "the policy has no group 'oncall-engineer'; it has dba, sre",
    ]


def test_a_gate_that_nobody_could_open_is_a_warning(project: Path) -> None:
    """Two lists with the same one person are never two people; the night would wait for its timeout."""
    change("policy.yaml", "sre: [oncall-engineer, second-engineer]", "sre: [database-lead]")
    assert [line for line in lines() if "fix_config" in line] == [
        "runbooks/high-api-error-rate.yaml:116:15: RB040: the gate of 'fix_config' cannot be met: 2 needed, 1 may; "
        "change 'approval', or the policy's people and terms"
    ]


def test_what_a_policy_lets_run_by_itself_exists(project: Path) -> None:
    """A misspelt name would never be granted, in silence."""
    change("policy.yaml", "runbooks: [high-api-error-rate]", "runbooks: [high-api-eror-rate]")
    rows = (project / "policy.yaml").read_text().splitlines()
    line = next(number for number, row in enumerate(rows, 1) if "high-api-eror-rate" in row)
    assert lines() == [
        f"policy.yaml:{line}:14: RB052: there is no runbook 'high-api-eror-rate' in the library; "
        "did you mean 'high-api-error-rate'?"
    ]


def test_what_is_not_configured_is_a_warning(project: Path) -> None:
    """Such a step will be `unknown`, such a message not be sent; the document is right all the same."""
    change("runbook.yaml", "incidents: {console: {}}", "incident: {console: {}}")
    change("runbook.yaml", "  kubernetes: {context: production} ", "  main: {kubernetes: {context: production}} ")
    result = lint([Path()], SPECS)
    assert {(finding.code, finding.severity) for finding in result.findings} == {
        ("RB056", Severity.WARNING),
        ("RB057", Severity.WARNING),
    }
    assert result.errors == 0


def test_a_connection_of_another_type_is_an_error(project: Path) -> None:
    """Prometheus cannot be asked over a Kubernetes connection."""
    change("runbooks/high-api-error-rate.yaml", "    series: all", "    connection: staging")
    assert lines() == [
        "runbooks/high-api-error-rate.yaml:68:17: RB056: prometheus.query speaks to prometheus, but the connection "
        "'staging' is of type kubernetes; name another connection"
    ]


def test_a_connection_that_a_step_could_do_without_must_exist_once_it_is_named(project: Path) -> None:
    """`http.get` needs none; but one that is misspelt would send the request without its token."""
    change(
        "runbooks/high-api-error-rate.yaml", "      uses: http.get", "      uses: http.get\n      connection: biling"
    )
    [line] = lines()
    assert "RB056: the connection 'biling' of 'health' is not configured" in line


def test_a_configuration_names_what_exists(project: Path) -> None:
    """Paths are those beside the file."""
    change("runbook.yaml", "library: [runbooks]", "library: [runbook]")
    change("runbook.yaml", "policy: policy.yaml", "policy: policies.yaml")
    assert [line.split(": ", 2)[2] for line in lines("runbook.yaml")] == [
        "there is no folder 'runbook' beside the configuration; create it, or correct the path",
        "there is no file 'policies.yaml' beside the configuration; create it, or correct the path",
    ]


def test_a_message_template_must_exist(project: Path) -> None:
    """The tables of templates are handed in; those built in are known."""
    change("runbooks/high-api-error-rate.yaml", "template: update", "template: updates")
    assert "RB058: there is no message template 'updates'; did you mean 'update'?" in lines()[0]
    known = frozenset({"initial", "updates", "resolved"})
    assert lint([Path()], SPECS, templates=known).findings == ()


def test_a_template_of_the_project_is_known(project: Path) -> None:
    """`templates/NAME.md` beside the configuration adds a template, or stands in for one."""
    change("runbooks/high-api-error-rate.yaml", "template: update", "template: shift-change")
    (project / "templates").mkdir()
    (project / "templates" / "shift-change.md").write_text("{{ runbook.title }}\n")
    assert lines() == []


def test_a_scenario_may_answer_what_is_asked_where_nobody_can_tell(project: Path) -> None:
    """Whether the symptoms are there, whether an option applies, whether it helped: none of these is a step."""
    name = "runbooks/high-api-error-rate.scenarios.yaml"
    change(name, "    mode: auto\n", '    answers: {symptoms: "yes", rollback: skip, verification: fail}\n')
    assert lines() == []


@pytest.mark.parametrize(
    ("asks", "answer", "problem"),
    [
        ("type: boolean", '"no"', "expects true or false, got 'no'"),
        ("type: integer", '"4711"', "expects a whole number, got '4711'"),
        ("choices: [20Gi, 50Gi]", "75Gi", "expects one of 20Gi, 50Gi, got '75Gi'"),
        ("type: boolean", "false", None),
        ("choices: [20Gi, 50Gi]", "50Gi", None),
    ],
)
def test_a_scenario_gives_only_answers_that_a_person_could_give(
    project: Path, asks: str, answer: str, problem: str | None
) -> None:
    """The text "no" would count as a yes where true or false is asked for."""
    step = f"      - {{id: sure, uses: manual.ask, with: {{question: Sure?, {asks}}}}}\n      - id: roll_back\n"
    change("runbooks/high-api-error-rate.yaml", "      - id: roll_back\n", step)
    change("runbooks/high-api-error-rate.scenarios.yaml", "    mode: auto\n", f"    answers: {{sure: {answer}}}\n")
    found = [finding.message for finding in lint([Path()], kinds.specs()).findings]
    assert found == ([f"the question of step 'sure' {problem}"] if problem else [])


def test_the_templates_that_lint_knows_are_those_built_in() -> None:
    """A new template is known to lint in the same change."""
    assert frozenset(BUILT_IN) == BUILT_IN_TEMPLATES


def test_a_file_alone_is_checked_against_its_neighbours(project: Path) -> None:
    """What is beside it is found, and its own mistakes are not reported here."""
    change("runbooks/standard-kubernetes.yaml", "since: 2h", "sinc: 2h")
    assert lines("runbooks/high-api-error-rate.scenarios.yaml") == []
    assert lines("runbooks/high-api-error-rate.yaml") == []
    Path("runbooks/standard-kubernetes.yaml").unlink()
    [finding] = lines("runbooks/high-api-error-rate.yaml")
    assert "RB052: there is no evidence plan 'standard-kubernetes'" in finding


def test_a_configuration_is_not_looked_for_beyond_the_repository(project: Path) -> None:
    """Whoever owns the folder above owns nothing here."""
    (project / "inner" / ".git").mkdir(parents=True)
    shutil.copyfile("runbooks/high-api-error-rate.yaml", "inner/a.yaml")
    change("inner/a.yaml", "from: [sre]", "from: [strangers]")
    shutil.copyfile("runbooks/standard-kubernetes.yaml", "inner/plan.yaml")
    assert lines("inner/a.yaml") == []


def test_many_files_in_processes_give_what_one_process_gives(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same findings, same order; files are shared out only when there are many."""
    for case in sorted((CASES / "invalid").glob("*.yaml")):
        shutil.copyfile(case, project / "runbooks" / f"case-{case.name}")
    alone = lint([Path()], SPECS, jobs=1)
    monkeypatch.setattr(processes, "_WORTH_FORKING", 10)
    shared = lint([Path()], SPECS, jobs=2)
    assert alone == shared
    assert alone.files > 100
    assert list(alone.findings) == sorted(alone.findings)


def test_the_files_of_a_process_that_is_killed_are_looked_at_all_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left out because memory ran out."""
    monkeypatch.setattr(processes, "_WORTH_FORKING", 2)
    monkeypatch.setattr(processes, "_do_and_send", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    assert lint([Path()], SPECS, jobs=2).files == 5


def test_clean_files_cost_no_slow_import(project: Path) -> None:
    """jsonschema and the rest are for documents with mistakes, and for commands that need them."""
    code = (
        "import sys; from pathlib import Path; from runbook.lint.lint import lint; from support.specs import SPECS\n"
        "assert not lint([Path()], SPECS).findings\n"
        "slow = {'jsonschema', 'jinja2', 'kubernetes', 'requests', 'ruamel', 'rich', 'asyncio', 'multiprocessing'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    tests = str(CASES.parent)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": tests},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
