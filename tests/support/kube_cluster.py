"""One cluster for tests that the scripted API server and a real control plane can both play.

Everything is made through the client under test: a namespace and nodes of the test's own, pods bound to those nodes,
whose status the test writes because no kubelet does. `terminationGracePeriodSeconds: 0` stands for a kubelet that ends
pods at once; any other, for one that never does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes.errors import NotFound
from runbook.clients.kubernetes.paths import PLACES
from runbook.testing.world import FakeWorld
from support.kube_api import KubeApi, serving
from support.real_cluster import wait


class Cluster:
    """A client of a cluster, and a namespace in it. `scripted` is the API server where it is ours."""

    def __init__(self, client: KubernetesClient, folder: Path, scripted: KubeApi | None = None) -> None:
        self.client, self.folder, self.scripted = client, folder, scripted
        self.namespace = f"runbook-{uuid.uuid4().hex[:8]}"
        self.environ: dict[str, str] = {}
        self._nodes: list[str] = []
        self.make("Namespace", self.namespace, {})
        if scripted is None:  # pods are refused until the namespace has its account
            wait(lambda: self.get("ServiceAccount", "default"))

    def world(self, intent: str | None = None, timeout: float = 30) -> FakeWorld:
        clients = {"kubernetes": self.client}
        return FakeWorld(self.folder, clients=clients, environ=self.environ, intent=intent, timeout=timeout)

    def path(self, kind: str, name: str | None = None, sub: str | None = None) -> str:
        return PLACES[kind].path(self.namespace, name, sub)

    def make(self, kind: str, name: str, body: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
        place = PLACES[kind]
        obj = {"apiVersion": place.api_version, "kind": kind, "metadata": {"name": name} | metadata, **body}
        return self.client.post(self.path(kind), obj, timeout=10).body

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        try:
            return self.client.read(self.path(kind, name), timeout=10).body
        except NotFound:
            return None

    def set_status(self, kind: str, name: str, status: Mapping[str, Any]) -> None:
        operations = [{"op": "add", "path": "/status", "value": dict(status)}]
        self.client.patch(self.path(kind, name, "status"), operations, timeout=10)

    def applied_by(self, manager: str, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """Somebody else applies a manifest, and whatever stands in their way is theirs then."""
        obj = {"apiVersion": PLACES[kind].api_version, "kind": kind, "metadata": {"name": name}, **body}
        query = [("fieldManager", manager), ("force", "true")]
        form = "application/apply-patch+yaml"
        session = self.client._changing
        session.send("PATCH", self.path(kind, name), timeout=10, query=query, cap=1 << 20, body=obj, form=form)

    def node(self) -> str:
        """A node without a kubelet."""
        name = f"node-{uuid.uuid4().hex[:8]}"
        self._nodes.append(name)
        self.make("Node", name, {"spec": {}})
        return name

    def owner(self, name: str = "operator") -> dict[str, Any]:
        """Something that controls pods, and that no controller of the cluster looks after."""
        made = self.make("ConfigMap", name, {})
        about = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": made["metadata"]["uid"]}
        return about | {"controller": True}

    def pod(self, name: str, *, owner: Mapping[str, Any] | None = None, grace: int = 0, **spec: Any) -> dict[str, Any]:
        """A running, ready pod with the label `app: api`."""
        body = {"containers": [{"name": "api", "image": "busybox:1.36"}], "terminationGracePeriodSeconds": grace}
        owners = {"ownerReferences": [dict(owner)]} if owner else {}
        made = self.make("Pod", name, {"spec": body | spec}, labels={"app": "api"}, **owners)
        self.set_status("Pod", name, running())
        return made

    def budget(self, name: str, least: int, healthy: int) -> None:
        """A disruption budget for `app: api`, once the cluster has counted `healthy` pods for it."""
        spec = {"minAvailable": least, "selector": {"matchLabels": {"app": "api"}}}
        self.make("PodDisruptionBudget", name, {"spec": spec})
        if self.scripted is not None:
            self.allow(name, max(0, healthy - least), healthy, least)
        wait(
            lambda: ((self.get("PodDisruptionBudget", name) or {}).get("status") or {}).get("currentHealthy") == healthy
        )

    def allow(self, name: str, allowed: int, healthy: int, least: int) -> None:
        """The scripted cluster's controller says how many disruptions a budget allows."""
        status = {"disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": least}
        self.set_status("PodDisruptionBudget", name, status)

    def clear(self) -> None:
        """Remove what would outlive the test."""
        for kind, name in [*(("Node", name) for name in self._nodes), ("Namespace", self.namespace)]:
            self.client.delete(self.path(kind, name), {}, timeout=10)


def running(*, ready: bool = True, **state: Any) -> dict[str, Any]:
    """The status of a running pod with one container, as a kubelet writes it."""
    said = "True" if ready else "False"
    conditions = [{"type": "Ready", "status": said}, {"type": "ContainersReady", "status": said}]
    container = {
        "name": "api",
        "ready": ready,
        "restartCount": 0,
        "image": "busybox:1.36",
        "imageID": "",
        "state": {"running": {"startedAt": "2026-11-23T12:00:00Z"}},
    }
    return {"phase": "Running", "conditions": conditions, "containerStatuses": [container | state]}


@contextmanager
def scripted(folder: Path) -> Iterator[Cluster]:
    """A cluster played by the scripted API server."""
    with serving() as api:
        settings = {"kubeconfig": str(api.kubeconfig(folder)), "timeout": "600ms"}
        yield Cluster(kubernetes.connect(settings, str), folder, api)


@contextmanager
def real(folder: Path, kubeconfig: str) -> Iterator[Cluster]:
    """A namespace of a real cluster."""
    made = Cluster(kubernetes.connect({"kubeconfig": kubeconfig}, str), folder)
    try:
        yield made
    finally:
        made.clear()
