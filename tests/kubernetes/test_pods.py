"""Pods, Services and permissions as they are read, on the scripted API server and on a real one."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.kinds import kubernetes_can_i as can_i
from runbook.kinds import kubernetes_endpoints as endpoints
from runbook.kinds import kubernetes_pods as pods
from runbook.kinds import kubernetes_top as top
from support.kube_cluster import Cluster, running
from support.real_cluster import wait

KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-23T12:00:00Z"}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff"}}


def seen(kind: Any, at: Cluster, **inputs: Any) -> Any:
    return kind.observe({"namespace": at.namespace} | inputs, at.world())


def test_what_is_the_matter_with_each_pod_is_said(cluster: Cluster) -> None:
    """A container that was killed for its memory and waits to be started is `Running` by its phase."""
    node = cluster.node()
    cluster.pod("well", nodeName=node)
    cluster.pod("ill", nodeName=node)
    status = running(ready=False, restartCount=4, state=BACK_OFF, lastState=KILLED)
    cluster.set_status("Pod", "ill", status)
    found = seen(pods, cluster, selector="app=api").output
    assert (found["count"], found["ready"], found["restarts"]) == (2, 1, 4)
    assert found["not_ready"] == found["crashing"] == found["oom_killed"] == ["ill"]
    ill = next(one for one in found["pods"] if one["name"] == "ill")
    assert (ill["phase"], ill["status"]) == ("Running", "CrashLoopBackOff")
    assert (ill["last_termination_reason"], ill["last_exit_code"]) == ("OOMKilled", 137)
    assert (ill["node"], ill["owner"]) == (node, None)
    assert set(found) == pods.SPEC.output_names


def test_pods_on_a_node_are_found_in_every_namespace(cluster: Cluster) -> None:
    """By the node's name alone."""
    node, other = cluster.node(), cluster.node()
    cluster.pod("here", nodeName=node)
    cluster.pod("there", nodeName=other)
    found = pods.observe({"all_namespaces": True, "node": node}, cluster.world()).output
    assert found["names"] == ["here"]


def test_no_pods_are_an_answer_and_no_owner_is_none(cluster: Cluster) -> None:
    """Zero of a selector; but a Deployment that does not exist has no pods to be counted."""
    assert seen(pods, cluster, selector="app=none").output["count"] == 0
    with pytest.raises(NotFound):
        seen(pods, cluster, deployment="none")


def service(at: Cluster, name: str, **spec: Any) -> None:
    at.make("Service", name, {"spec": {"ports": [{"port": 80}], "selector": {"app": name}} | spec})


def slice_of(at: Cluster, name: str, family: str, *addresses: str) -> None:
    """A slice whose last endpoint is not ready."""
    ready = [True] * (len(addresses) - 1) + [False]
    listed = [
        {
            "addresses": [address],
            "conditions": {"ready": is_ready},
            "targetRef": {"kind": "Pod", "name": f"pod-{number}"},
        }
        for number, (address, is_ready) in enumerate(zip(addresses, ready, strict=True))
    ]
    body = {"addressType": family, "endpoints": listed, "ports": [{"name": "http", "port": 8080}]}
    at.make("EndpointSlice", f"{name}-{family.lower()}", body, labels={endpoints.SERVICE: name})


def test_endpoints_are_counted_once_whatever_their_addresses(cluster: Cluster) -> None:
    """Two families of addresses, one pod each time."""
    service(cluster, "api")
    slice_of(cluster, "api", "IPv4", "10.0.0.1", "10.0.0.2", "10.0.0.3")
    slice_of(cluster, "api", "IPv6", "fd00::1", "fd00::2", "fd00::3")
    found = seen(endpoints, cluster, service="api").output
    assert (found["ready"], found["not_ready"], found["total"]) == (2, 1, 3)
    assert found["not_ready_names"] == ["pod-2"]
    assert found["ports"] == [8080]
    assert set(found) == endpoints.SPEC.output_names


def test_a_service_without_endpoints_is_not_a_service_that_is_not_there(cluster: Cluster) -> None:
    """The one is said with its selector; the other cannot be read."""
    service(cluster, "api")
    found = seen(endpoints, cluster, service="api")
    assert found.output["total"] == 0
    assert found.warnings == (f"Service {cluster.namespace}/api has no endpoints: no pod has app=api",)
    with pytest.raises(NotFound):
        seen(endpoints, cluster, service="none")


def test_a_service_that_is_another_name_has_no_endpoints_to_judge(cluster: Cluster) -> None:
    """None of them is neither good nor bad."""
    body = {"type": "ExternalName", "externalName": "db.example.com", "selector": None}
    service(cluster, "db", **body)
    assert "another name for db.example.com" in (seen(endpoints, cluster, service="db").unknown or "")


@pytest.mark.parametrize("resource", ["deployments", "pods/eviction", "nodes", "rollouts.argoproj.io"])
def test_who_may_everything_may_this(cluster: Cluster, resource: str) -> None:
    """An access review, which makes nothing."""
    found = seen(can_i, cluster, verb="create", resource=resource)
    assert found.output["allowed"] is True
    assert found.unknown is None


def test_a_cluster_without_metrics_says_what_is_missing(cluster: Cluster) -> None:
    """Not zero: unknown."""
    found = seen(top, cluster, of="pods")
    assert "no metrics API" in found.unknown
    assert set(found.output) == top.SPEC.output_names


def test_an_owners_pods_are_those_of_its_controller(cluster: Cluster) -> None:
    """A pod with the same labels and without the controller is another's."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "busybox"}]}}
    selector = {"matchLabels": {"app": "api"}}
    cluster.make("Deployment", "api", {"spec": {"replicas": 0, "selector": selector, "template": template}})
    sets = wait(lambda: cluster.client.read_all(cluster.path("ReplicaSet"), timeout=5).items)
    assert len(sets) == 1
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": True}
    owner |= {"name": sets[0]["metadata"]["name"], "uid": sets[0]["metadata"]["uid"]}
    cluster.pod("bare")
    assert "bare" in seen(pods, cluster, selector="app=api").output["names"]
    assert seen(pods, cluster, deployment="api").output["names"] == []
    if cluster.scripted is not None:  # a real ReplicaSet of no replicas deletes it at once
        cluster.pod("owned", owner=owner)
        assert seen(pods, cluster, deployment="api").output["names"] == ["owned"]
