"""Documents are held to every environment of their project."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.lint.lint import lint
from support.specs import SPECS

HEAD = "apiVersion: runbook/v1\nkind: {}\n"
CONFIG = """\
connections:
  prometheus: {url: https://prometheus.example.com}
environments:
  staging:
    values: {region: eu, host: staging.example.com}
    connections: {http: {url: https://staging.example.com}}
  prod:
    values: {region: eu}
"""
BOOK = """\
name: slow
title: It is slow
triage:
  - id: answers
    uses: http.get
    with: {url: "https://HOST/"}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two environments and a runbook."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    write("runbook.yaml", "Config", CONFIG)
    return tmp_path


def write(name: str, kind: str, text: str) -> None:
    Path(name).write_text(HEAD.format(kind) + text)


def lines(text: str, environment: str | None = None) -> list[str]:
    write("slow.yaml", "Runbook", text)
    return [str(finding) for finding in lint([Path()], SPECS, environment=environment).findings]


def host(expression: str) -> str:
    return BOOK.replace("HOST", f"{{{{ {expression} }}}}")


def test_a_value_that_every_environment_has_is_fine(project: Path) -> None:
    """Nothing to say."""
    assert lines(host("env.region")) == []


def test_a_value_that_some_lack_is_a_warning(project: Path) -> None:
    """There the step would be unknown; the message names where."""
    found = lines(host("env.host"))
    assert lint([Path()], SPECS).errors == 0
    assert found == [
        "slow.yaml:8:17: RB059: env.host has no value in the environment 'prod'; "
        "add 'host' under 'values'; without it, it is unknown"
    ]  # fmt: skip


def test_a_value_that_none_has_is_an_error(project: Path) -> None:
    """It was misspelt, most likely."""
    assert lines(host("env['hots']")) == [
        "slow.yaml:8:17: RB059: no environment has a value 'hots' for env.hots; did you mean 'host'?"
    ]


def test_one_environment_can_be_checked_alone(project: Path) -> None:
    """What others lack does not matter then, and what it lacks is missing everywhere."""
    assert lines(host("env.host"), "staging") == []
    assert ["no environment" in line for line in lines(host("env.host"), "prod")] == [True]


def test_without_environments_nothing_is_said_of_values(project: Path) -> None:
    """As before there were any."""
    write("runbook.yaml", "Config", "connections: {prometheus: {url: https://prometheus.example.com}}\n")
    assert lines(host("env.host")) == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{id: up, uses: prometheus.query, with: {query: up}}", []),
        ("{id: pods, uses: kubernetes.rollout_undo, with: {deployment: a}}", [" is not configured;"]),
        (
            "{id: up, uses: prometheus.query, connection: http, with: {query: up}}",
            [" is not configured in the environment 'prod';", " is of type http in the environment 'staging';"],
        ),
    ],
    ids=["everywhere", "nowhere", "in one, and of another type"],
)
def test_connections_are_looked_for_in_each_environment(project: Path, step: str, said: list[str]) -> None:
    """Where one is missing everywhere, no environment is named."""
    option = step if "rollout" in step else "{id: wait, uses: command.run, with: {argv: [sleep, '1']}}"
    triage = "" if "rollout" in step else f"triage: [{step}]\n"
    verify = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: a, port: 1}}]}\n"
    text = f"name: slow\ntitle: x\n{triage}resolution: [{{id: o, steps: [{option}]}}]\n{verify}"
    found = [line for line in lines(text) if "RB056" in line]
    assert [any(words in line for line in found) for words in said] == [True] * len(said)
    assert len(found) == len(said)


def test_each_environment_has_the_approvers_of_its_own_policy(project: Path) -> None:
    """The message says whose policy it is."""
    write("policy.yaml", "Policy", "people: {ann: {user: ann}, bob: {user: bob}}\ngroups: {sre: [ann, bob]}\n")
    write("strict.yaml", "Policy", "people: {ann: {user: ann}}\n")
    write("runbook.yaml", "Config", "policy: policy.yaml\nenvironments: {lab: {}, prod: {policy: strict.yaml}}\n")
    text = "name: slow\ntitle: x\nresolution: [{id: o, approval: {from: [sre]}, steps: [{id: s, uses: command.run, "
    text += "with: {argv: [x]}}]}]\nverification: {checks: [{id: c, uses: tcp.connect, with: {host: a, port: 1}}]}\n"
    assert [line.partition(": ")[2] for line in lines(text) if "RB054" in line] == [
        "RB054: the policy of the environment 'prod' has no person or group 'sre'; it has ann"
    ]


def test_the_policy_of_an_environment_is_a_file(project: Path) -> None:
    """As that of the configuration."""
    write("runbook.yaml", "Config", "environments: {prod: {policy: nowhere.yaml}}\n")
    assert ["RB055: there is no file 'nowhere.yaml'" in line for line in lines("name: slow\ntitle: x\n")] == [True]


def test_a_scenario_takes_place_in_an_environment_that_is_there(project: Path) -> None:
    """Otherwise it would pass for the wrong reason."""
    scenario = "runbook: slow\nscenarios: [{name: a, environment: prd, expect: {outcome: resolved}}]\n"
    write("slow.scenarios.yaml", "Scenario", scenario)
    assert lines("name: slow\ntitle: x\n") == [
        "slow.scenarios.yaml:4:36: RB059: there is no environment 'prd' in the configuration; did you mean 'prod'?"
    ]


def template(text: str) -> list[str]:
    Path("templates").mkdir(exist_ok=True)
    Path("templates/initial.md").write_text(text)
    return [str(finding) for finding in lint([Path()], SPECS).findings]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ runbook.title }} in {{ env.region }}, {{ next_update | default('later') }}", []),
        (
            "Look\nat {{ env.host }}",
            [
                "templates/initial.md:2:7: RB059: env.host has no value in the environment 'prod'; add 'host' under "
                "'values'; without it, it is unknown"
            ],
        ),
        (
            "{{ env['hots'] }}",
            ["templates/initial.md:1:4: RB059: no environment has a value 'hots' for env.hots; did you mean 'host'?"],
        ),
        (
            "{{ runbok.title }}",
            ["templates/initial.md:1:4: RB032: there is no name 'runbok' here; did you mean 'runbook'?"],
        ),
        ("{% for step in steps.x.results %}{{ step.key }}{% endfor %}", []),
    ],
)
def test_a_projects_own_templates_are_held_to_its_environments(project: Path, text: str, said: list[str]) -> None:
    """With the place in the template; what a loop of it calls its item is its own."""
    assert template(text) == said


def test_a_template_that_cannot_be_read_is_said_where(project: Path) -> None:
    """Before the first message is due."""
    [found] = template("fine\n{{ 1 + }}")
    assert found.startswith("templates/initial.md:2:") and "RB031: the template cannot be read" in found
