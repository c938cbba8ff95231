"""A kubeconfig that is another one by the time that somebody says yes: nothing is moved to another cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import Exit
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving
from support.projects import Project

SCALE = """name: scale
title: More replicas
impact: Users wait.
symptoms:
  - id: slow
    uses: kubernetes.get
    with: {kind: Deployment, name: api, namespace: shop}
    expect: object.spec.replicas < 10
resolution:
  - id: more
    title: Have more
    steps:
      - {id: scale, uses: kubernetes.scale, with: {deployment: api, namespace: shop, replicas: 5}, timeout: 5s}
    verification:
      within: 2s
      every: 1s
      checks:
        - id: many
          uses: kubernetes.get
          with: {kind: Deployment, name: api, namespace: shop}
          expect: object.spec.replicas >= 5
escalation: {to: team}
"""


@pytest.fixture
def clusters() -> Iterator[tuple[KubeApi, KubeApi]]:
    """Two clusters with the same Deployment."""
    with serving() as meant, serving() as other:
        for api, uid in ((meant, "meant-uid"), (other, "other-uid")):
            deploy(api, "api:1")
            api.put("/api/v1/namespaces/kube-system", {"metadata": {"uid": uid}})
        yield meant, other


def kubeconfig(folder: Path, clusters: tuple[KubeApi, KubeApi], current: str) -> None:
    servers = dict(zip(("meant", "other"), clusters, strict=True))
    config = {
        "current-context": current,
        "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in servers],
        "clusters": [{"name": name, "cluster": {"server": api.url}} for name, api in servers.items()],
        "users": [{"name": "u", "user": {"token": "token"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(config))


@pytest.fixture
def project(tmp_path: Path, clusters: tuple[KubeApi, KubeApi]) -> Project:
    made = Project(
        tmp_path / "p", f"connections:\n  kubernetes: {{kubeconfig: {tmp_path / 'kubeconfig'}, timeout: 600ms}}\n"
    )
    made.runbook(SCALE)
    kubeconfig(tmp_path, clusters, "meant")
    return made


@pytest.mark.fault(71)
def test_a_context_that_is_switched_while_a_run_waits_does_not_move_its_change(
    project: Project, tmp_path: Path, clusters: tuple[KubeApi, KubeApi]
) -> None:
    """Not even with `--yes`: the run says where it was planned and where the context leads now."""
    waiting = project.run("scale")
    assert waiting.exit == Exit.WAITING, waiting.err
    kubeconfig(tmp_path, clusters, "other")
    resumed = project.does("resume", waiting.run["run"], "--yes", "--output", "json")
    assert resumed.exit not in (Exit.OK, Exit.BUG), resumed.out + resumed.err
    assert "planned for the cluster meant-uid, and the context other leads to the cluster other-uid" in resumed.out
    assert [api.sent("PATCH") for api in clusters] == [[], []]


@pytest.mark.fault(67, 71)
def test_a_change_whose_answer_was_lost_is_not_looked_for_elsewhere(
    project: Project, tmp_path: Path, clusters: tuple[KubeApi, KubeApi]
) -> None:
    """That it is not there in another cluster proves nothing: the doubt stays until the context leads back."""
    meant, _ = clusters
    for _ in range(2):  # it is tried out for the gate, and before it is sent
        meant.fail("PATCH")
    meant.fail("PATCH", lost=True, then=lambda: setattr(meant, "token", "changed"))
    doubtful = project.run("scale", "--yes")
    assert doubtful.exit == Exit.IN_DOUBT, doubtful.out + doubtful.err
    meant.token = "token"
    kubeconfig(tmp_path, clusters, "other")
    again = project.does("resume", doubtful.run["run"], "--yes", "--output", "json")
    assert again.exit == Exit.IN_DOUBT, again.out + again.err
    kubeconfig(tmp_path, clusters, "meant")
    assert project.does("resume", doubtful.run["run"], "--yes").exit == Exit.OK
    assert [len(api.sent("PATCH")) for api in clusters] == [1, 0]


def test_what_a_person_settles_is_not_held_to_what_nobody_saw_it_leave(
    project: Project, clusters: tuple[KubeApi, KubeApi]
) -> None:
    """Settled as applied, it counts as such, and the checks say what is there."""
    meant, _ = clusters
    for _ in range(2):
        meant.fail("PATCH")
    meant.fail("PATCH", lost=True, then=lambda: setattr(meant, "token", "changed"))
    doubtful = project.run("scale", "--yes")
    assert doubtful.exit == Exit.IN_DOUBT, doubtful.out + doubtful.err
    meant.token = "token"
    settled = project.does(
        "resume", doubtful.run["run"], "--yes", "--settle", "scale=applied", "--reason", "seen", "--output", "json"
    )
    assert settled.exit == Exit.OK, settled.out + settled.err
    (seen,) = [one["data"] for one in project.records(doubtful.run["run"], "step.observed") if one["data"]["arrived"]]
    assert seen["verdict"] == "pass"
    assert "says that it was applied" in seen["warnings"][0]


def test_an_undo_goes_to_the_cluster_of_its_change(
    project: Project, tmp_path: Path, clusters: tuple[KubeApi, KubeApi]
) -> None:
    """`runbook undo` on another day, with another context: refused, with both clusters named."""
    meant, other = clusters
    done = project.run("scale", "--yes")
    assert meant.objects[DEPLOYMENT]["spec"]["replicas"] == 5, done.out + done.err
    other.objects[DEPLOYMENT]["spec"]["replicas"] = 5
    kubeconfig(tmp_path, clusters, "other")
    undone = project.does("undo", done.run["run"], "--yes", "--output", "json")
    assert undone.exit not in (Exit.OK, Exit.BUG)
    assert "was planned for the cluster meant-uid" in undone.out + undone.err
    assert other.sent("PATCH") == []
