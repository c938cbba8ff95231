"""`run --auto`: the classic loop with the policy as approver, and the brakes that keep it from running for ever.

Check the error rate, repair, wait, verify, else escalate: on real servers, without a person. The brakes count over
the whole store, so these tests share one, in which the loop has repaired the service once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.main_job import auto_policy, main_project
from support.projects import Project, Said, applied, steps
from support.stack import Stack, stack

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service and its Prometheus."""
    with stack(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="module")
def repaired(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Said]:
    """A project in which the loop has run once, and what it said; the service is broken again."""
    project = main_project(tmp_path_factory.mktemp("auto") / "project", servers)
    servers.broken()
    said = loop(project)
    servers.broken()
    return project, said


def loop(project: Project, *words: str) -> Said:
    """`runbook run api-errors --auto` with the option that repairs; nobody sits there."""
    return project.run("api-errors", "--auto", "--option", "restart", *words)


def test_the_loop_ends_in_a_verified_repair(repaired: tuple[Project, Said]) -> None:
    """One change, once, granted by the policy, which is named by its digest."""
    _, said = repaired
    assert (said.exit, said.run["outcome"], said.run["mode"]) == (0, "resolved", "auto"), said.err
    assert applied(said.run) == ["restart_service"]
    [gate] = said.run["approvals"]
    assert (gate["decision"], gate["by"]) == ("granted", ["policy"])
    assert gate["reason"] == f"granted by policy {gate['policy'][:12]}"


def test_it_never_decides_on_one_look(repaired: tuple[Project, Said]) -> None:
    """The symptom is observed again before the change; the verification holds over several rounds after it."""
    project, said = repaired
    looked = [r["key"] for r in project.records(said.run["run"], "step.observed")]
    assert [key for key in looked if key.startswith("symptoms/error_rate")] == [
        f"symptoms/error_rate:observe#{n}" for n in (1, 2)
    ]
    assert steps(said.run)["errors_low"]["rounds"] >= 3


@pytest.mark.parametrize(
    ("brake", "why"),
    [
        (auto_policy(cooldown="1h"), "cooldown of 1h"),
        (auto_policy(cooldown="0s", count=1), "at most 1 run"),
    ],
    ids=["cooldown", "max_runs"],
)
def test_a_brake_holds_the_second_run(brake: str, why: str, repaired: tuple[Project, Said], servers: Stack) -> None:
    """The service is broken again and would be repaired again: blocked (8), escalated, and nothing is touched."""
    project, _ = repaired
    project.policy(brake)
    starts = servers.starts
    said = loop(project)
    assert (said.exit, said.run["outcome"]) == (8, "blocked"), said.err
    assert why in said.run["approvals"][0]["reason"]
    assert (applied(said.run), servers.starts) == ([], starts)
    assert [page["to"] for page in said.run["pages"]] == ["platform"]


def test_without_a_policy_there_is_no_auto(servers: Stack, tmp_path: Path) -> None:
    """Somebody must have said that the engine may (8); no run is begun."""
    project = main_project(tmp_path / "project", servers)
    project.config(f"connections: {{prometheus: {{url: {servers.url}}}}}\nchannels: {{incidents: {{console: {{}}}}}}\n")
    said = loop(project)
    assert said.exit == 8
    assert "--auto needs a policy" in said.err
    assert project.does("runs", "--output", "json").json["runs"] == []


def test_a_runbook_that_the_policy_does_not_name_asks_people(servers: Stack, tmp_path: Path) -> None:
    """Its gate is not denied: the run waits for somebody (6)."""
    project = main_project(tmp_path / "project", servers)
    project.policy(auto_policy().replace("runbooks: [api-errors]", "runbooks: [others]"))
    servers.broken()
    said = loop(project)
    assert (said.exit, said.run["status"], applied(said.run)) == (6, "waiting", []), said.err


def test_a_claim_to_read_is_not_believed(servers: Stack, tmp_path: Path) -> None:
    """A command that says `effect: read`, and that the policy does not list, is not performed; and `auto` is over."""
    project = main_project(tmp_path / "project", servers)
    path = project.folder / "runbooks" / "api-errors.yaml"
    path.write_text(path.read_text().replace('[tail, -n, "1", state/starts]', "[touch, claimed]"))
    servers.broken()
    said = loop(project)
    assert not (project.folder / "claimed").exists()
    assert steps(said.run)["process"]["error"]["code"] == "unproven_read"
    assert (said.exit, said.run["status"], applied(said.run)) == (6, "waiting", []), said.err


def test_what_comes_in_on_stdin_is_not_believed(servers: Stack, tmp_path: Path) -> None:
    """The list of the policy names a program that does whatever it is told."""
    project = main_project(tmp_path / "project", servers)
    listed = '[tail, -n, "1", state/starts]'
    project.policy(auto_policy().replace(listed, "[sh]"))
    path = project.folder / "runbooks" / "api-errors.yaml"
    path.write_text(path.read_text().replace(listed, "[sh], stdin: touch claimed"))
    servers.broken()
    said = loop(project)
    assert not (project.folder / "claimed").exists()
    assert "stdin" in steps(said.run)["process"]["error"]["message"]


def test_by_hand_the_same_claim_is_believed(servers: Stack, tmp_path: Path) -> None:
    """A person has read the runbook."""
    project = main_project(tmp_path / "project", servers)
    path = project.folder / "runbooks" / "api-errors.yaml"
    path.write_text(path.read_text().replace('[tail, -n, "1", state/starts]', "[touch, claimed]"))
    servers.broken()
    said = project.run("api-errors", "--option", "restart")
    assert said.exit == 6, said.err
    assert (project.folder / "claimed").exists()


def test_no_data_is_undetermined(servers: Stack, tmp_path: Path) -> None:
    """A Prometheus that never heard of the metric answers, and says nothing that may be acted on (4)."""
    project = main_project(tmp_path / "project", servers)
    path = project.folder / "runbooks" / "api-errors.yaml"
    text = path.read_text().replace("http_requests_total", "requests_nobody_counts")
    path.write_text(text.replace("alert: ApiErrorRateHigh", "alert: NoSuchAlert"))
    servers.prometheus.start()
    said = loop(project)
    assert (said.exit, said.run["outcome"]) == (4, "undetermined"), said.err
    assert "no data" in json.dumps(steps(said.run)["error_rate"])
