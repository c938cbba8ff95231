"""From a rule of Prometheus to a run: a real Alertmanager sends a group, and it is piped into `run --alert -`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.alertmanager import alertmanager, receiver
from support.main_job import main_project
from support.projects import Project, applied, steps
from support.stack import Stack, stack

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def alerted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, bytes, bytes]]:
    """A broken service, the group that fired for it, and the group that came when an earlier trouble was over."""
    folder = tmp_path_factory.mktemp("servers")
    with receiver() as (hook, received), alertmanager(folder, hook) as url, stack(folder, url) as servers:
        servers.broken()
        received.group("firing")
        servers.repaired()
        resolved = received.group("resolved")
        received.bodies.clear()
        servers.broken()
        yield servers, received.group("firing"), resolved


@pytest.fixture
def project(alerted: tuple[Stack, bytes, bytes], tmp_path: Path) -> Project:
    """The project of an on-call engineer."""
    return main_project(tmp_path / "project", alerted[0])


def waiting(project: Project, group: bytes) -> dict[str, Any]:
    """A run that a group has started, off a terminal: it waits at its first gate."""
    said = project.run("api-errors", "--alert", "-", stdin=group)
    assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
    return said.run


def test_a_group_starts_a_run_with_its_labels(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """The alert confirms its symptom, its labels are parameters, and the record keeps the group."""
    run = waiting(project, alerted[1])
    assert steps(run)["api_error_rate_high"]["verdict"] == "pass"
    assert run["parameters"]["service"] == "api"
    [started] = project.records(run["run"], "run.started")
    assert started["data"]["alert"]["labels"]["alertname"] == "ApiErrorRateHigh"
    assert started["data"]["alert_group"]["groupKey"] == json.loads(alerted[1])["groupKey"]


def test_an_alert_is_answered_without_a_person(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """From the rule to the repair: the policy says yes, and Prometheus says that it helped."""
    servers, group, _ = alerted
    servers.broken()
    starts = servers.starts
    said = project.run("api-errors", "--auto", "--option", "restart", "--alert", "-", stdin=group)
    assert (said.exit, said.run["outcome"]) == (0, "resolved"), said.err
    assert (applied(said.run), servers.starts) == (["restart_service"], starts + 1)


def test_a_group_without_a_firing_alert_starts_nothing(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """It is over; the command says so, and there is no run."""
    said = project.run("api-errors", "--alert", "-", stdin=alerted[2])
    assert (said.exit, said.json["run"]) == (0, None), said.err
    assert "nothing was started" in said.err
    assert project.does("runs", "--output", "json").json["runs"] == []


def test_the_same_group_joins_the_open_run(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """Alertmanager says everything at least once; there is one run, which knows of both."""
    first = waiting(project, alerted[1])
    said = project.run("api-errors", "--alert", "-", stdin=alerted[1])
    assert (said.exit, said.json["run"]) == (0, first["run"]), said.err
    assert len(project.records(first["run"], "alert.joined")) == 1
    assert [run["run"] for run in project.does("runs", "--output", "json").json["runs"]] == [first["run"]]


def test_by_hand_the_open_run_is_named(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """A person who starts the same again is told which run it is (8)."""
    first = waiting(project, alerted[1])
    said = project.run("api-errors")
    assert said.exit == 8
    assert first["run"] in said.err


def test_a_label_that_is_no_value_starts_nothing(alerted: tuple[Stack, bytes, bytes], project: Project) -> None:
    """What a label says is held to the parameter like anything that is typed (3)."""
    hostile = alerted[1].replace(b'"service":"api"', b'"service":"api; rm -rf /"')
    assert hostile != alerted[1]
    said = project.run("api-errors", "--alert", "-", stdin=hostile)
    assert said.exit == 3
    assert "the parameter 'service'" in said.err
    assert project.does("runs", "--output", "json").json["runs"] == []


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b'{"version":"4"}',
        b'{"version":"3","alerts":[]}',
        b'{"version":"4","version":"4","alerts":[]}',
    ],
    ids=["nothing", "cut off", "a list", "no alerts", "another version", "a key twice"],
)
def test_what_alertmanager_would_not_send_is_refused(sent: bytes, project: Project) -> None:
    """A usage error that names the reason; there is no run."""
    said = project.run("api-errors", "--alert", "-", stdin=sent)
    assert said.exit == 2
    assert "is not a group of alerts" in said.err
