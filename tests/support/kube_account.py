"""Somebody in a cluster with some of the Roles of the docs, and nothing else; and what the cluster has seen of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from runbook.clients import kubernetes as client_module
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.core.changes import Change
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_can_i as can_i
from runbook.testing.world import FakeWorld
from support.kube_permissions import roles
from support.real_cluster import KUBECONFIG, Cluster, wait

RBAC = "rbac.authorization.k8s.io"
METHODS = {"get": "GET", "list": "GET", "create": "POST", "patch": "PATCH", "delete": "DELETE", "update": "PUT"}


class Account:
    """Somebody with some of the Roles of the docs in one namespace, and nothing else."""

    def __init__(self, at: Cluster, *names: str) -> None:
        self._at, self.names = at, names
        self._wide: list[str] = []
        where = f"/api/v1/namespaces/{at.namespace}/serviceaccounts"
        at.post(where, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runbook"}})
        for role in roles():
            if role["metadata"]["name"] in names:
                self._bind(role)
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
        token = at.post(f"{where}/runbook/token", asked)["status"]["token"]
        config, _ = kubernetes_config.context({"kubeconfig": KUBECONFIG})
        assert config is not None
        self.kubeconfig = at.folder / "account"
        self.kubeconfig.write_text(json.dumps(config | {"users": [{"name": "user", "user": {"token": token}}]}))
        self.client: KubernetesClient = client_module.connect({"kubeconfig": str(self.kubeconfig)}, str)

    def _bind(self, role: dict[str, Any]) -> None:
        """A ClusterRole is the cluster's, under a name of this account's own."""
        wide, name = role["kind"] == "ClusterRole", role["metadata"]["name"]
        place, prefix = (f"/apis/{RBAC}/v1/namespaces/{self._at.namespace}", "")
        if wide:
            place, prefix, name = f"/apis/{RBAC}/v1", "cluster", f"{name}-{self._at.namespace}"
            self._wide += [f"{place}/clusterroles/{name}", f"{place}/clusterrolebindings/{name}"]
        self._at.post(f"{place}/{prefix}roles", role | {"metadata": {"name": name}})
        subject = {"kind": "ServiceAccount", "name": "runbook", "namespace": self._at.namespace}
        ref = {"apiGroup": RBAC, "kind": role["kind"], "name": name}
        kind = "ClusterRoleBinding" if wide else "RoleBinding"
        binding = {"metadata": {"name": name}, "subjects": [subject], "roleRef": ref}
        self._at.post(f"{place}/{prefix}rolebindings", {"apiVersion": f"{RBAC}/v1", "kind": kind} | binding)

    def close(self) -> None:
        """Remove what would outlive the namespace."""
        for path in self._wide:
            self._at.delete(path)

    def world(self, intent: str | None = None) -> FakeWorld:
        return FakeWorld(self._at.folder, clients={"kubernetes": self.client}, intent=intent, timeout=60)

    def does(self, kind: Any, intent: str, **inputs: Any) -> None:
        """Plan, apply, and wait until it has arrived, where it takes time to."""
        change = kind.plan(inputs, self.world())
        assert isinstance(change, Change), change
        outcome = kind.apply(change, self.world(intent))
        assert outcome.applied is Applied.YES, outcome
        if kind.SPEC.arrives:
            wait(lambda: kind.arrived(change, outcome, self.world()).verdict is Verdict.PASS)

    def may(self, verb: str, resource: str) -> bool:
        """What the cluster's authorizers say."""
        inputs = {"verb": verb, "resource": resource, "namespace": self._at.namespace}
        return bool(can_i.observe(inputs, self.world()).output["allowed"])

    def seen(self) -> Iterator[dict[str, Any]]:
        """Every request of this account, as the API server's audit log has it; skips where there is no log."""
        log = Path(KUBECONFIG).with_name("audit.log")
        if not log.exists():
            pytest.skip("there is no audit log beside the kubeconfig")
        user = f"system:serviceaccount:{self._at.namespace}:runbook"
        for line in log.read_text().splitlines():
            event = json.loads(line)
            if event["user"]["username"] == user and event["stage"] == "ResponseComplete":
                url = urlsplit(event["requestURI"])
                yield {
                    "method": METHODS[event["verb"]],
                    "path": url.path,
                    "query": {key: values[0] for key, values in parse_qs(url.query).items()},
                    "body": event.get("requestObject"),
                    "status": event["responseStatus"]["code"],
                }
