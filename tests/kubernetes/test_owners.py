"""Who owns what, and what stands in the way of somebody without permissions, on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes.paths import PLACES
from runbook.core.changes import Change
from runbook.core.words import Applied, Verdict
from runbook.errors import Forbidden
from runbook.kinds import kubernetes_cordon as cordon
from runbook.kinds import kubernetes_delete_pod as delete
from runbook.kinds import kubernetes_drain as drain
from runbook.kinds import kubernetes_evict_pod as evict
from runbook.kinds import kubernetes_owner as owner
from runbook.kinds import kubernetes_rollout_status as status
from runbook.kinds import kubernetes_rollout_undo as undo
from runbook.testing.world import FakeWorld
from support.real_cluster import BROKEN, GOOD, KUBECONFIG, Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

WORKLOADS: dict[str, dict[str, Any]] = {"Deployment": {"replicas": 2}, "StatefulSet": {"replicas": 2}, "DaemonSet": {}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


@pytest.fixture(params=WORKLOADS)
def app(at: Cluster, request: pytest.FixtureRequest) -> Workload:
    made = at.make(request.param, "app", **WORKLOADS[request.param])
    wait(lambda: made.see(status).output["state"] == "complete" and made.see(status).output["available"] > 0)
    return made


ONE = pytest.mark.parametrize("app", ["Deployment"], indirect=True)


def a_pod(app: Workload) -> str:
    return next(one["metadata"]["name"] for one in pods_of(app) if not one["metadata"].get("deletionTimestamp"))


def viewer(app: Workload) -> FakeWorld:
    """Somebody who may read most things of a namespace, and no node."""
    client = kubernetes.connect({"kubeconfig": f"{KUBECONFIG}.viewer"}, str)
    return FakeWorld(app.cluster.folder, clients={"kubernetes": client}, intent="intent-1")


@pytest.mark.parametrize("kind", [delete, evict], ids=["delete", "evict"])
def test_a_pod_has_left_when_another_is_ready_in_its_place(app: Workload, kind: Any) -> None:
    """By name, by node, or made since: as its controller does it."""
    pod = a_pod(app)
    change = kind.plan({"namespace": app.cluster.namespace, "pod": pod}, app.cluster.world())
    assert isinstance(change, Change)
    outcome = kind.apply(change, app.cluster.world("intent-1"))
    assert outcome.applied is Applied.YES
    seen = wait(lambda: (found := kind.arrived(change, outcome, app.cluster.world())).verdict is Verdict.PASS and found)
    assert seen.output["replacement"] is not None
    assert (seen.output["replacement"] == pod) is (app.kind == "StatefulSet")


def test_the_owner_of_a_pod_is_its_workload(app: Workload) -> None:
    """And who has set its fields is told: the controller, and the kubelet its status."""
    found = owner.observe(
        {"kind": "Pod", "name": a_pod(app), "namespace": app.cluster.namespace}, app.cluster.world()
    ).output
    assert found["owner"] == f"{app.kind}/app"
    assert found["controllers"][-1]["uid"] == app.read()["metadata"]["uid"]
    assert "kube-controller-manager" in {one["name"] for one in found["field_managers"]}
    assert "status" in {one["subresource"] for one in found["field_managers"]}
    assert (found["reverts"], found["unread"]) == (False, [])


@ONE
def test_argo_cd_that_is_not_of_this_cluster_is_said(app: Workload) -> None:
    """A cluster may be managed from another one: the mark is here, the Application is not."""
    tracked = f"web:apps/Deployment:{app.cluster.namespace}/app"
    app.edit("/metadata/annotations/argocd.argoproj.io~1tracking-id", tracked)
    found = owner.observe(
        {"kind": "Deployment", "name": "app", "namespace": app.cluster.namespace}, app.cluster.world()
    )
    (manager,) = found.output["managers"]
    assert (manager["name"], manager["reverts"], found.output["reverts"]) == ("web", None, None)
    assert "this cluster has no Applications" in manager["message"]


@ONE
def test_who_may_only_look_is_told_the_missing_permission(app: Workload) -> None:
    """Before anything is approved: the dry run is refused as the request would be."""
    pod = {"namespace": app.cluster.namespace, "pod": a_pod(app)}
    for kind, inputs, missing in (
        (delete, pod, 'cannot delete resource "pods"'),
        (evict, pod, 'cannot create resource "pods/eviction"'),
        (cordon, {"node": "fake-1"}, 'cannot get resource "nodes"'),
        (drain, {"node": "fake-1"}, 'cannot get resource "nodes"'),
    ):
        with pytest.raises(Forbidden, match=missing):
            kind.plan(inputs, viewer(app))
    assert a_pod(app) is not None


@pytest.mark.fault(74)
@pytest.mark.parametrize("app", ["StatefulSet"], indirect=True)
def test_a_stateful_set_that_is_stuck_after_a_rollback_goes_on_when_its_broken_pod_is_deleted(app: Workload) -> None:
    """Its controller waits for the pod that cannot start; deleting that is a step of its own."""
    app.deploy(BROKEN)
    broken = wait(lambda: next((one for one in pods_of(app) if "nopull" in image(one)), None))
    app.applied(undo, app.planned(undo))
    wait(lambda: GOOD in app.image())
    assert image(app.cluster.client.read(app.pod(1), timeout=5).body) == BROKEN
    pod = {"namespace": app.cluster.namespace, "pod": broken["metadata"]["name"], "uid": broken["metadata"]["uid"]}
    change = delete.plan(pod, app.cluster.world())
    assert isinstance(change, Change)
    outcome = delete.apply(change, app.cluster.world("intent-2"))
    wait(lambda: delete.arrived(change, outcome, app.cluster.world()).verdict is Verdict.PASS)
    wait(lambda: app.see(status).output["state"] == "complete")


def pods_of(app: Workload) -> list[dict[str, Any]]:
    return app.cluster.client.read_all(PLACES["Pod"].path(app.cluster.namespace), timeout=5).items


def image(pod: dict[str, Any]) -> str:
    return str(pod["spec"]["containers"][0]["image"])
