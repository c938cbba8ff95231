"""What the tests on a real control plane share: a namespace with workloads, wherever RUNBOOK_TEST_KUBECONFIG points.

A tag that does not exist is a revision whose pods never become ready.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes as client_module
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes.paths import PLACES
from runbook.core.changes import Change, Outcome
from runbook.core.words import Applied, Verdict
from runbook.testing.world import FakeWorld

KUBECONFIG = os.environ.get("RUNBOOK_TEST_KUBECONFIG", "")
GOOD, NEWER, NEWEST, BROKEN = "busybox:1.36", "busybox:1.37", "busybox:1.37.0", "busybox:nopull"

needs_a_cluster = [
    pytest.mark.integration,
    pytest.mark.skipif(not KUBECONFIG, reason="RUNBOOK_TEST_KUBECONFIG names no cluster"),
]


class Cluster:
    """A namespace of its own on a real control plane."""

    def __init__(self, client: KubernetesClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.namespace = f"runbook-{uuid.uuid4().hex[:8]}"
        self.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make an object."""
        return self.client.post(path, body, timeout=10).body

    def delete(self, path: str) -> None:
        """Delete an object at once."""
        self.client.delete(path, {"gracePeriodSeconds": 0}, timeout=10)

    def world(self, intent: str | None = None) -> FakeWorld:
        """A world with this cluster."""
        return FakeWorld(self.folder, clients={"kubernetes": self.client}, intent=intent, timeout=60)

    def make(self, kind: str, name: str, **spec: Any) -> Workload:
        """A workload of the image GOOD."""
        variables = [{"name": "DB_POOL_SIZE", "value": "20"}]
        container = {"name": name, "image": GOOD, "command": ["sleep", "3600"], "env": variables}
        pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
        template = {"metadata": {"labels": {"app": name}}, "spec": pod}
        body = {"selector": {"matchLabels": {"app": name}}, "template": template} | spec
        if kind == "StatefulSet":
            body["serviceName"] = name
        metadata = {"name": name, "namespace": self.namespace}
        self.post(
            PLACES[kind].path(self.namespace),
            {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": body},
        )
        return Workload(self, kind, name)


class Workload:
    """A Deployment, StatefulSet or DaemonSet in a namespace of its own."""

    def __init__(self, cluster: Cluster, kind: str, name: str) -> None:
        self.cluster, self.kind, self.name = cluster, kind, name
        self.inputs: dict[str, Any] = {kind.lower(): name, "namespace": cluster.namespace}
        self.path = PLACES[kind].path(cluster.namespace, name)

    def read(self) -> dict[str, Any]:
        return self.cluster.client.read(self.path, timeout=10).body

    def edit(self, path: str, value: Any) -> None:
        self.cluster.client.patch(self.path, [{"op": "add", "path": path, "value": value}], timeout=10)

    def deploy(self, image: str) -> None:
        self.edit("/spec/template/spec/containers/0/image", image)

    def image(self) -> str:
        return str(self.read()["spec"]["template"]["spec"]["containers"][0]["image"])

    def pod(self, ordinal: int) -> str:
        return PLACES["Pod"].path(self.cluster.namespace, f"{self.name}-{ordinal}")

    def see(self, kind: Any, **more: Any) -> Any:
        """What a probe sees."""
        return kind.observe(self.inputs | more, self.cluster.world())

    def planned(self, kind: Any, **more: Any) -> Change:
        change = kind.plan(self.inputs | more, self.cluster.world())
        assert isinstance(change, Change), change
        return change

    def applied(self, kind: Any, change: Change, intent: str = "intent-1") -> Outcome:
        outcome: Outcome = kind.apply(change, self.cluster.world(intent))
        assert outcome.applied is Applied.YES, outcome
        return outcome

    def done(self, kind: Any, change: Change, intent: str = "intent-1") -> Outcome:
        """Applied and arrived; a failure on the way is one of the test."""
        outcome = self.applied(kind, change, intent)

        def arrived() -> bool:
            seen = kind.arrived(change, outcome, self.cluster.world())
            assert seen.verdict is not Verdict.FAIL, seen
            return bool(seen.verdict is Verdict.PASS)

        wait(arrived)
        return outcome


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A namespace that is gone afterwards."""
    made = Cluster(client_module.connect({"kubeconfig": KUBECONFIG}, str), folder)
    try:
        yield made
    finally:
        made.delete(f"/api/v1/namespaces/{made.namespace}")


def wait(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Poll until a condition holds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)
