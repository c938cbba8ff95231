"""No request but those that the plan or the run's record explains, by the log of the server that was asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.kinds import kubernetes_rollout_history as history
from support.explained import changes_of, unexplained
from support.kube_account import Account
from support.kube_cluster import Cluster
from support.production import RUNBOOKS
from support.projects import Project, applied
from support.real_cluster import GOOD, KUBECONFIG, NEWER, cluster, wait
from support.relayed_api import is_change, lose
from support.rollback_runs import CONFIG, JSON, Release, release

RUNBOOK = """
name: everything
title: Three options, the last of which helps
evidence: standard-kubernetes
parameters:
  namespace: {type: string}
  deployment: {type: string, default: api}
triage:
  - {id: history, uses: kubernetes.rollout_history, with: {deployment: api, namespace: "{{ params.namespace }}"}}
  - {id: pods, uses: kubernetes.pods, with: {deployment: api, namespace: "{{ params.namespace }}"}}
resolution:
  - id: rollback
    steps:
      - {id: back, uses: kubernetes.rollout_undo, with: {deployment: api, namespace: "{{ params.namespace }}"}}
  - id: scale_up
    when_not_helped: undo
    steps:
      - id: scale
        uses: kubernetes.scale
        with: {deployment: api, namespace: "{{ params.namespace }}", replicas: 3, only: up}
  - id: fix_config
    steps:
      - id: pool
        uses: kubernetes.set_env
        with: {deployment: api, namespace: "{{ params.namespace }}", env: {DB_POOL_SIZE: "50"}}
verification:
  within: 2s
  every: 1s
  checks:
    - id: large
      uses: kubernetes.get
      with: {kind: Deployment, name: api, namespace: "{{ params.namespace }}"}
      expect: object.spec.template.spec.containers[0].env[0].value == "50"
"""


def everything(folder: Path, kubeconfig: Path) -> Project:
    """The project of somebody whose runbook does all of it."""
    made = Project(folder, CONFIG.format(kubeconfig))
    made.runbook(RUNBOOK)
    shutil.copy(RUNBOOKS / "standard-kubernetes.yaml", folder / "runbooks")
    return made


@pytest.fixture
def bad(cluster: Cluster, tmp_path: Path) -> Iterator[Release]:
    with release(cluster, tmp_path) as made:
        yield made


def test_a_whole_run_sends_what_its_record_explains_and_nothing_else(bad: Release, tmp_path: Path) -> None:
    """Three changes and an undo, to the byte; each read by a step that was under way; one dry run for each plan."""
    project = everything(tmp_path / "mine", bad.relay.kubeconfig())
    said = project.run("everything", "--yes", "-p", f"namespace={bad.cluster.namespace}")
    assert (said.exit, applied(said.run)) == (0, ["back", "scale", "pool"]), said.err
    records = project.records(said.run["run"])
    assert len(changes_of(records)) == len(bad.relay.changes) == 4
    assert unexplained(records, bad.relay.requests) == []


def test_a_plan_explains_what_it_asks_and_changes_nothing(bad: Release, tmp_path: Path) -> None:
    """Reads and dry runs only, also where every option is planned."""
    project = everything(tmp_path / "mine", bad.relay.kubeconfig())
    said = project.does("plan", "everything", "-p", f"namespace={bad.cluster.namespace}", *JSON)
    assert said.exit == 0, said.err
    assert bad.relay.changes == []
    [listed] = project.does("runs", "--all", *JSON).json["runs"]
    assert unexplained(project.records(listed["run"]), bad.relay.requests) == []


def test_what_was_lost_and_sent_again_is_explained_twice(bad: Release) -> None:
    """A second intent, after the proof that the first did not arrive."""
    bad.relay.before = lose
    project = bad.project()
    said = project.run("back", "--yes")
    while said.exit == 9:
        said = project.does("resume", said.run["run"], "--yes", *JSON)
    records = project.records(said.run["run"])
    assert (said.exit, len(changes_of(records)), bad.image) == (0, 2, GOOD), said.err
    assert unexplained(records, bad.relay.changes) == []


@pytest.mark.integration
@pytest.mark.skipif(not KUBECONFIG, reason="RUNBOOK_TEST_KUBECONFIG names no cluster")
def test_the_audit_log_of_the_cluster_holds_nothing_else_and_nothing_that_the_roles_forbid(tmp_path: Path) -> None:
    """A run as somebody with the Roles of the docs: writes to the byte; refused is only who the cluster is."""
    with cluster(tmp_path) as at:
        app = at.make("Deployment", "api", replicas=2)
        wait(lambda: app.see(history).output["latest"])
        app.deploy(NEWER)
        wait(lambda: len(app.see(history).output["revisions"]) == 2 and app.see(history).unknown is None)
        account = Account(at, "runbook-read", "runbook-evidence", "runbook-change")
        project = everything(tmp_path / "mine", account.kubeconfig)
        said = project.run("everything", "--yes", "-p", f"namespace={at.namespace}")
        assert (said.exit, applied(said.run)) == (0, ["back", "scale", "pool"]), said.err
        records = project.records(said.run["run"])
        wait(lambda: sum(is_change(one) for one in account.seen()) == 4)
        seen = list(account.seen())
        assert unexplained(records, seen, timed=False) == []
        assert {one["path"] for one in seen if one["status"] == 403} == {"/api/v1/namespaces/kube-system"}
