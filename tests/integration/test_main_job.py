"""The main job on real servers: a faulty service, the Prometheus that watches it, and commands as they are typed.

The runbook is `runbooks/api-errors.yaml`. Its first option does nothing useful; its second restarts the service,
which then starts afresh and never shows a series of errors again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.main_job import main_project
from support.projects import Project, Said, applied, steps
from support.stack import Stack, stack, until
from support.terminals import Terminal

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service and its Prometheus."""
    with stack(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture
def project(servers: Stack, tmp_path: Path) -> Project:
    """The project of an on-call engineer."""
    return main_project(tmp_path / "project", servers)


@pytest.fixture
def broken(servers: Stack) -> None:
    """The service fails requests, and its Prometheus has seen it."""
    servers.broken()


def on_call(project: Project, *words: str) -> Said:
    """`runbook run api-errors`, without a terminal."""
    return project.run("api-errors", *words)


def restarted_then(project: Project, happens: Callable[[], object]) -> tuple[int, dict[str, Any]]:
    """Run the second option alone; between its change and its verification something happens. Exit code and JSON."""
    with project.typing("run", "api-errors", "--yes", "--option", "restart", "--output", "jsonl") as command:
        lines = (json.loads(line) for line in command.stdout or ())
        next(line for line in lines if line.get("type") == "change.resulted")
        happens()
        *_, last = lines
        return command.wait(30), last


@pytest.mark.usefixtures("broken")
def test_the_second_option_repairs_what_the_first_did_not(project: Project, servers: Stack) -> None:
    """Both are approved and applied once; PromQL says which of them helped, by a series that is gone."""
    starts = servers.starts
    said = on_call(project, "--yes")
    assert (said.exit, said.run["outcome"], said.run["option"]) == (0, "resolved", "restart"), said.err
    assert applied(said.run) == ["clear", "restart_service"]
    assert servers.starts == starts + 1
    assert servers.value('http_requests_total{status="500"}') is None


@pytest.mark.parametrize("manner", [("--auto",), ("--yes",), ()], ids=["auto", "yes", "nobody there"])
def test_nothing_is_touched_when_prometheus_is_dead(manner: tuple[str, ...], project: Project, servers: Stack) -> None:
    """The symptoms cannot be seen: exit 4 and no change, whoever would have said yes."""
    servers.prometheus.kill()
    starts = servers.starts
    said = on_call(project, *manner)
    assert (said.exit, said.run["outcome"]) == (4, "undetermined"), said.err
    assert steps(said.run)["error_rate"]["verdict"] == "unknown"
    assert (applied(said.run), servers.starts) == ([], starts)


@pytest.mark.usefixtures("broken")
def test_nobody_guesses_when_prometheus_dies_before_verification(project: Project, servers: Stack) -> None:
    """The run waits with what was applied: nothing is undone, no further option is tried, the escalation is paged."""
    exit_, run = restarted_then(project, servers.prometheus.kill)
    assert (exit_, run["status"], run["outcome"]) == (6, "waiting", None)
    assert applied(run) == ["restart_service"]
    assert not run["changes"][0]["undone"]
    assert [page["to"] for page in run["pages"]] == ["platform"]
    passes = next(line for line in run["waiting"][0]["commands"] if " pass " in line)
    assert project.types(passes.replace("TEXT", "seen")).exit == 0
    resumed = project.does("resume", run["run"], "--output", "json")
    assert (resumed.exit, resumed.run["outcome"]) == (0, "resolved"), resumed.err


@pytest.mark.usefixtures("broken")
def test_a_verification_is_extended_until_prometheus_answers_again(project: Project, servers: Stack) -> None:
    """A server that hangs says nothing either; asked once more it has the last word."""
    with ExitStack() as hung:
        exit_, run = restarted_then(project, lambda: hung.enter_context(servers.prometheus.hung()))
        assert (exit_, run["status"]) == (6, "waiting")
    assert project.does("answer", run["run"], "verification", "extend").exit == 0
    resumed = project.does("resume", run["run"], "--output", "json")
    assert (resumed.exit, resumed.run["outcome"], resumed.run["option"]) == (0, "resolved", "restart"), resumed.err
    assert steps(resumed.run)["errors_low"]["output"]["value"] == 0


@pytest.mark.usefixtures("broken")
def test_on_a_terminal_a_person_is_asked(project: Project, servers: Stack) -> None:
    """Where nobody can tell, the one who sits there says what they see; it is recorded as their word."""
    starts = servers.starts
    terminal = Terminal(project.folder, "run", "api-errors", "--option", "restart", environ=project.environ)
    terminal.answers(r"Apply this\? yes / no / skip / wait / abort: ", "yes")
    until(lambda: servers.starts > starts, "the service is restarted")
    servers.prometheus.kill()
    terminal.answers("extend / pass / fail / wait / abort: ", "pass")
    terminal.answers("What did you see", "the dashboard is green")
    code, shown = terminal.ends()
    assert code == 0, terminal.screen
    assert "Resolved by restart: attested by oncall: the dashboard is green." in shown
    [listed] = project.does("runs", "--output", "json").json["runs"]
    run = project.does("resume", listed["run"], "--output", "json").run
    assert steps(run)["errors_low"]["attested"]
    assert "resolved, as a person attests" in run["messages"][-1]["text"]
