"""`runbook doctor` and a cluster: what it asks, and what it says of credentials that may only look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.cli import doctor
from support.kube_cluster import Cluster
from support.real_cluster import KUBECONFIG, needs_a_cluster
from support.sessions import Heard, session

BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: Practice
parameters:
  namespace: {type: string}
triage:
  - {id: pods, uses: kubernetes.pods, with: {deployment: api, namespace: "{{ params.namespace }}"}}
resolution:
  - id: option
    steps:
      - {id: undo, uses: kubernetes.rollout_undo, with: {deployment: api, namespace: "{{ params.namespace }}"}}
      - {id: more, uses: kubernetes.scale, with: {deployment: api, namespace: "{{ params.namespace }}", replicas: 3}}
verification:
  checks:
    - {id: events, uses: kubernetes.events, with: {namespace: "{{ params.namespace }}"}, expect: count < 100}
"""


def asked(folder: Path, kubeconfig: str, namespace: str, more: str = "") -> tuple[int, dict[tuple[str, str], str]]:
    """The exit code, and what was said of each step by its status."""
    here: Heard = session(folder, runbook=BOOK)
    config = (
        f"apiVersion: runbook/v1\nkind: Config\nconnections: {{kubernetes: {{kubeconfig: '{kubeconfig}'{more}}}}}\n"
    )
    (folder / "runbook.yaml").write_text(config)
    options = doctor.Options("practice", parameters=(f"namespace={namespace}",), output="json")
    exit_ = int(doctor.doctor(here, options))
    rows: list[dict[str, Any]] = here.json["checks"]
    return exit_, {(row["about"], row["status"]): row["message"] for row in rows}


def deployed(cluster: Cluster) -> None:
    """A Deployment of the test's own."""
    pod = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "busybox:1.36"}]}}
    cluster.make("Deployment", "api", {"spec": {"selector": {"matchLabels": {"app": "api"}}, "template": pod}})


def test_what_is_there_and_allowed_is_said(cluster: Cluster, tmp_path: Path) -> None:
    """Objects by name, permissions by verb; nothing is changed."""
    deployed(cluster)
    before = cluster.get("Deployment", "api")
    kubeconfig = KUBECONFIG if cluster.scripted is None else str(cluster.scripted.kubeconfig(tmp_path))
    exit_, said = asked(tmp_path, kubeconfig, cluster.namespace)
    assert exit_ == 0, said
    assert {("pods", "ok"), ("undo", "ok"), ("more", "ok"), ("events", "ok")} <= said.keys()
    after = cluster.get("Deployment", "api")
    assert before is not None
    assert after is not None
    assert [one["metadata"]["generation"] for one in (before, after)] == [1, 1]


def test_what_is_not_there_is_a_finding(cluster: Cluster, tmp_path: Path) -> None:
    """For the step that reads it, and for the one that would change it."""
    kubeconfig = KUBECONFIG if cluster.scripted is None else str(cluster.scripted.kubeconfig(tmp_path))
    exit_, said = asked(tmp_path, kubeconfig, cluster.namespace)
    missing = f"there is no Deployment {cluster.namespace}/api"
    assert (exit_, said["pods", "finding"], said["undo", "finding"]) == (3, missing, missing)


@pytest.mark.parametrize("cluster", [pytest.param("real", marks=needs_a_cluster)], indirect=True)
def test_a_viewer_is_told_which_permission_is_missing(cluster: Cluster, tmp_path: Path) -> None:
    """Everything that reads is well; each change names its verb."""
    deployed(cluster)
    exit_, said = asked(tmp_path, f"{KUBECONFIG}.viewer", cluster.namespace)
    assert exit_ == 3
    assert said["undo", "finding"] == f"may not patch deployments.apps api in namespace {cluster.namespace}"
    assert {("pods", "ok"), ("events", "ok"), ("undo", "ok")} <= said.keys()


@pytest.mark.parametrize("cluster", [pytest.param("real", marks=needs_a_cluster)], indirect=True)
def test_nobody_is_told_what_reading_needs(cluster: Cluster, tmp_path: Path) -> None:
    """A read that is forbidden names all that it needs, not only what it asked for first."""
    exit_, said = asked(tmp_path, f"{KUBECONFIG}.nobody", cluster.namespace)
    needed = f"may not get deployments.apps api; list replicasets.apps, pods in namespace {cluster.namespace}"
    assert (exit_, said["pods", "finding"]) == (3, needed)


@pytest.mark.parametrize("cluster", [pytest.param("real", marks=needs_a_cluster)], indirect=True)
def test_credentials_for_reading_read_and_the_others_are_asked_about(cluster: Cluster, tmp_path: Path) -> None:
    """A review by those that only look would call every change forbidden."""
    deployed(cluster)
    read = f", read: {{kubeconfig: '{KUBECONFIG}.viewer'}}"
    exit_, said = asked(tmp_path, KUBECONFIG, cluster.namespace, read)
    assert exit_ == 0, said
    read = f", read: {{kubeconfig: '{KUBECONFIG}.nobody'}}"
    exit_, said = asked(tmp_path, KUBECONFIG, cluster.namespace, read)
    assert (exit_, ("pods", "finding") in said) == (3, True)
