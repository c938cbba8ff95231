"""A Deployment with a bad release, on a scripted or a real cluster, and runs that take the release back.

Commands are typed as people type them, and speak to the cluster through a relay.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.kube_cluster import Cluster
from support.projects import COMMAND, Project, Said
from support.real_cluster import GOOD, KUBECONFIG, NEWER, wait
from support.relayed_api import Relay, relaying

CONFIG = "connections: {{kubernetes: {{kubeconfig: {0}, timeout: 2s}}}}\n"
RUNBOOK = """
name: back
title: The last release is bad
resolution:
  - id: rollback
    title: Roll it back
    steps:
      - {{id: roll_back, uses: kubernetes.rollout_undo, with: {{deployment: api, namespace: {0}}}, timeout: 30s}}
verification:
  within: 4s
  every: 1s
  checks:
    - {{id: rolled_out, uses: kubernetes.rollout_status, with: {{deployment: api, namespace: {0}}}, expect: state == "complete"}}
"""  # noqa: E501 - a document
JSON = ("--output", "json")


class Release:
    """Deployment `api`: GOOD, then NEWER, which is bad. A `project` is somebody's folder, with its own store."""

    def __init__(self, cluster: Cluster, relay: Relay, folder: Path) -> None:
        self.cluster, self.relay, self._folder = cluster, relay, folder
        self.create()

    def create(self) -> None:
        """Deploy it, twice."""
        variables = [{"name": "DB_POOL_SIZE", "value": "20"}]
        container = {"name": "api", "image": GOOD, "command": ["sleep", "3600"], "env": variables}
        template = {
            "metadata": {"labels": {"app": "api"}},
            "spec": {"containers": [container], "terminationGracePeriodSeconds": 0},
        }
        spec = {"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": template}
        self.cluster.make("Deployment", "api", {"spec": spec})
        wait(lambda: self.settled(1))
        self.deploy(NEWER)
        wait(lambda: self.settled(2))

    def project(self, name: str = "mine") -> Project:
        """A project whose way to the cluster is the relay."""
        made = Project(self._folder / name, CONFIG.format(self.relay.kubeconfig()))
        made.runbook(RUNBOOK.format(self.cluster.namespace))
        return made

    def read(self) -> dict[str, Any]:
        """The Deployment."""
        found = self.cluster.get("Deployment", "api")
        assert found is not None
        return found

    @property
    def image(self) -> str:
        """What it runs."""
        return str(self.read()["spec"]["template"]["spec"]["containers"][0]["image"])

    def set(self, path: str, value: Any) -> None:
        """Change it, as somebody else does."""
        operations = [{"op": "add", "path": path, "value": value}]
        self.cluster.client.patch(self.cluster.path("Deployment", "api"), operations, timeout=10)

    def deploy(self, image: str) -> None:
        """Release an image, some time after the one before."""
        if self.cluster.scripted is not None:
            self.cluster.scripted.later(3600)
        self.set("/spec/template/spec/containers/0/image", image)

    def settled(self, number: int) -> bool:
        """Whether the controllers have rolled out this revision."""
        obj = self.read()
        status, notes = obj.get("status") or {}, obj["metadata"].get("annotations") or {}
        seen = status.get("observedGeneration") == obj["metadata"]["generation"]
        counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
        numbered = notes.get("deployment.kubernetes.io/revision") == str(number)
        return bool(seen and numbered and counts == [obj["spec"]["replicas"]] * 3)


@contextmanager
def release(cluster: Cluster, folder: Path) -> Iterator[Release]:
    """The bad release, and the way to it."""
    kubeconfig = cluster.scripted.kubeconfig(folder) if cluster.scripted is not None else KUBECONFIG
    with relaying(str(kubeconfig), folder) as relay:
        yield Release(cluster, relay, folder)


def agreed(project: Project, said: Said) -> Said:
    """Say yes to exactly what waits, and go on."""
    assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
    yes = project.does("approve", said.run["run"], "--digest", said.run["approvals"][-1]["digest"][:12])
    assert yes.exit == 0, yes.err
    return project.does("resume", said.run["run"], *JSON)


def killed_at(project: Project, relay: Relay, when: str, *words: str) -> str:
    """Type a command that is killed with SIGKILL at the next change; the run that it leaves."""
    argv = [*COMMAND, *words, "--output", "jsonl"]
    process = subprocess.Popen(
        argv, cwd=project.folder, env=project.environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def kill() -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()

    setattr(relay, when, kill)
    assert process.wait(60) == -signal.SIGKILL
    wait(lambda: getattr(relay, when) is None)
    return str(project.does("runs", *JSON).json["runs"][0]["run"])
