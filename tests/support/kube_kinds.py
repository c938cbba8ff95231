"""What the tests of the Kubernetes kinds share: a cluster, a Deployment with two revisions, and worlds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from runbook.clients import kubernetes
from runbook.core.changes import Change, Outcome
from runbook.testing.world import FakeWorld
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving


class Shop:
    """`shop/api`: image `api:1`, then `api:2`, which is current."""

    inputs: ClassVar[dict[str, Any]] = {"deployment": "api", "namespace": "shop"}

    def __init__(self, api: KubeApi, folder: Path) -> None:
        self.api, self._folder = api, folder
        settings = {"kubeconfig": str(api.kubeconfig(folder)), "timeout": "600ms"}
        self.client = kubernetes.connect(settings, str)
        deploy(api, "api:1", env=[{"name": "DB_POOL_SIZE", "value": "20"}])
        deploy(api, "api:2")

    @property
    def deployment(self) -> dict[str, Any]:
        return self.api.objects[DEPLOYMENT]

    @property
    def image(self) -> str:
        return str(self.deployment["spec"]["template"]["spec"]["containers"][0]["image"])

    def world(self, intent: str | None = None, timeout: float = 20) -> FakeWorld:
        return FakeWorld(self._folder, clients={"kubernetes": self.client}, intent=intent, timeout=timeout)

    def planned(self, kind: Any, /, **inputs: Any) -> Change:
        change = kind.plan(self.inputs | inputs, self.world())
        assert isinstance(change, Change), change
        return change

    def applied(self, kind: Any, change: Change, intent: str = "intent-1") -> Outcome:
        outcome: Outcome = kind.apply(change, self.world(intent))
        assert outcome.applied == "yes", outcome
        return outcome


@contextmanager
def shop(folder: Path) -> Iterator[Shop]:
    """A cluster with the shop in it."""
    with serving() as api:
        yield Shop(api, folder)
