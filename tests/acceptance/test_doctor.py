"""`runbook doctor` as it is typed, against a real Prometheus and an API server that writes down what it is asked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.kube_api import KubeApi, deploy, serving
from support.projects import Project, Said
from support.prometheus import prometheus, samples

pytestmark = [pytest.mark.acceptance, pytest.mark.integration]

RULES = "groups: [{name: api, rules: [{alert: ApiErrorRateHigh, expr: vector(0)}]}]\n"
BOOK = """\
name: api
title: The API fails
parameters:
  namespace: {type: string, default: shop}
symptoms:
  - alert: ApiErrorRateHigh
  - {id: rate, uses: prometheus.query, with: {query: 'sum(rate(http_requests_total[5m]))'}, expect: value > 100}
triage:
  - {id: history, uses: kubernetes.rollout_history, with: {deployment: api, namespace: "{{ params.namespace }}"}}
resolution:
  - id: rollback
    steps:
      - id: undo
        uses: kubernetes.rollout_undo
        with: {deployment: api, namespace: "{{ params.namespace }}"}
      - id: flush
        uses: command.run
        with: {argv: [rm, "{{ steps.history.latest.revision }}"]}
verification:
  checks:
    - {id: low, uses: prometheus.query, with: {query: 'sum(rate(http_requests_total[5m]))'}, expect: value < 100}
"""
SECRET = "hunter2-hunter2"


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), samples(time.time(), s200=8, s500=2), RULES) as url:
        yield url


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as cluster:
        deploy(cluster, "api:1")
        deploy(cluster, "api:2")
        yield cluster


@pytest.fixture
def at(metrics: str, api: KubeApi, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", environ={"METRICS_TOKEN": SECRET, "COLUMNS": "80"})
    kubeconfig = api.kubeconfig(tmp_path)
    project.config(
        f"connections:\n  prometheus: {{url: '{metrics}', token: {{env: METRICS_TOKEN}}}}\n"
        f"  kubernetes: {{kubeconfig: '{kubeconfig}', context: test, timeout: 2s}}\n"
    )
    project.runbook(BOOK)
    return project


def told(said: Said, status: str) -> dict[str, str]:
    """What is said about each thing with this status, and what to do next."""
    rows = [row for row in said.json["checks"] if row["status"] == status]
    return {row["about"]: f"{row['message']} | {row['hint']}" for row in rows}


def test_all_is_well(at: Project, api: KubeApi) -> None:
    """One line for each thing, none wider than the terminal; exit 0. The symptom need not be there."""
    said = at.does("doctor")
    assert said.exit == 0, said.out + said.err
    assert max(map(len, said.out.splitlines())) <= 80
    assert "undo: Deployment shop/api is there" in said.out
    assert "ok           rate: value " in said.out
    assert "finding" not in said.out + said.err


def test_it_changes_and_writes_nothing(at: Project, api: KubeApi) -> None:
    """Reads and access reviews only; no store is made, no token is shown."""
    said = at.does("doctor", "--output", "json")
    reviews = {one["path"] for one in api.requests if one["method"] != "GET"}
    assert reviews == {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"}
    assert sorted(path.name for path in at.folder.iterdir()) == ["runbook.yaml", "runbooks"]
    assert SECRET not in said.out + said.err


def test_a_question_is_asked_once_however_many_need_the_answer(at: Project, api: KubeApi) -> None:
    """A second runbook that needs the same permissions costs no second review."""
    at.runbook(BOOK.replace("name: api", "name: again", 1))
    at.does("doctor")
    asked = [str(one["body"]["spec"]) for one in api.requests if one["method"] == "POST"]
    assert len(asked) == len(set(asked)) > 0


@pytest.mark.parametrize(
    ("break_it", "about", "said"),
    [
        (
            lambda at, api: setattr(api, "may", lambda asked: {"allowed": asked["verb"] != "patch"}),
            "undo",
            "may not patch deployments.apps api in namespace shop | add to their Role: "
            '{apiGroups: ["apps"], resources: [deployments], verbs: [patch]}',
        ),
        (lambda at, api: api.objects.clear(), "undo", "there is no Deployment shop/api | correct its name"),
        (
            lambda at, api: at.runbook(
                BOOK.replace("http_requests_total[5m]))'}, expect: value <", "gone[5m]))'}, expect: value <")
            ),
            "low",
            "no data: the query has no series | check metric and labels",
        ),
        (
            lambda at, api: at.runbook(
                BOOK.replace("'sum(rate(http_requests_total[5m]))'}, expect: value >", "'sum('}, expect: value >")
            ),
            "rate",
            "Prometheus cannot answer this query: ",
        ),
        (
            lambda at, api: at.runbook(BOOK.replace("ApiErrorRateHigh", "Misspelt")),
            "misspelt",
            "no rule of Prometheus makes the alert Misspelt",
        ),
        (
            lambda at, api: at.runbook(BOOK.replace("argv: [rm", "argv: [no-such-program")),
            "flush",
            "no-such-program: no such program on PATH (127) | install it",
        ),
        (
            lambda at, api: at.environ.pop("METRICS_TOKEN"),
            "prometheus",
            "the secret {env: METRICS_TOKEN} is not set | set METRICS_TOKEN",
        ),
        (
            lambda at, api: at.runbook(BOOK + "communication: [{at: start, to: pager, text: x}]\n"),
            "communication",
            "the channel pager is not configured",
        ),
    ],
    ids=["permission", "object", "no data", "no PromQL", "alert", "program", "secret", "channel"],
)
def test_a_finding_says_what_to_do(
    at: Project, api: KubeApi, break_it: Callable[[Project, KubeApi], Any], about: str, said: str
) -> None:
    """Exit 3, and the line that helps."""
    break_it(at, api)
    found = at.does("doctor", "--output", "json")
    assert found.exit == 3, found.out + found.err
    assert told(found, "finding")[about].startswith(said)


def test_one_cause_is_one_finding(at: Project) -> None:
    """A connection whose secret is missing is not called broken for that a second time."""
    del at.environ["METRICS_TOKEN"]
    rows = [row for row in at.does("doctor", "--output", "json").json["checks"] if row["about"] == "prometheus"]
    assert [row["status"] for row in rows] == ["finding", "not checked"]


def test_what_is_out_of_reach_is_not_healthy(at: Project, api: KubeApi) -> None:
    """Exit 4. What goes through it is not asked, and is said to be so; the rest is."""
    api.token = "another"
    assert at.does("doctor").exit == 3  # an answer: these credentials are not known
    at.config(
        "connections:\n  kubernetes: {kubeconfig: ../gone, context: test}\n  prometheus: {url: 'http://127.0.0.1:1'}\n"
    )
    found = at.does("doctor", "--output", "json")
    assert (found.exit, list(told(found, "unreachable"))) == (4, ["prometheus"])
    assert told(found, "not checked")["rate"] == "not asked: prometheus does not answer | None"
    assert told(found, "not checked")["history"] == "not asked: kubernetes cannot be used | None"
    assert "flush" in told(found, "ok")


def test_all_in_all_it_takes_no_longer_than_it_may(at: Project, api: KubeApi) -> None:
    """Who has not answered by then is out of reach."""
    api.fail("GET", delay=30)
    at.environ["PATH"] = os.environ["PATH"]
    before = time.monotonic()
    found = at.does("doctor", "--within", "1s", "--output", "json")
    assert (found.exit, time.monotonic() - before < 15) == (4, True)
    assert "kubernetes" in told(found, "unreachable")


def test_one_runbook_with_its_parameters(at: Project) -> None:
    """Only what it uses; a parameter that it does not accept is refused."""
    found = at.does("doctor", "api", "-p", "namespace=elsewhere", "--output", "json")
    assert found.exit == 3
    assert told(found, "finding")["undo"].startswith("there is no Deployment elsewhere/api")
    assert at.does("doctor", "api", "-p", "nmespace=x").exit == 3
    assert at.does("doctor", "-p", "namespace=x").exit == 2


def test_ctrl_c_ends_it_at_once(at: Project, api: KubeApi) -> None:
    """Without a traceback."""
    api.fail("GET", delay=30)
    with at.typing("doctor") as process:
        deadline = time.monotonic() + 20
        while not api.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
