"""The permissions for leases that the docs name, on a real API server: enough for them, and for nothing else there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook.clients import kubernetes
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes.leases import Leases, name_of
from runbook.clients.kubernetes.paths import PLACES
from runbook.errors import Forbidden
from support.kube_cluster import Cluster, real
from support.real_cluster import KUBECONFIG, needs_a_cluster

pytestmark = needs_a_cluster
DOCS = Path(__file__).parents[2] / "docs" / "runbook-format.md"
TARGET = "Deployment/shop/api"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with real(tmp_path, KUBECONFIG) as made:
        yield made


def rule() -> dict[str, Any]:
    """What the docs say that a Role must have."""
    [line] = [line for line in DOCS.read_text().splitlines() if "coordination.k8s.io" in line]
    found: dict[str, Any] = yaml.safe_load(line)
    return found


def runner(at: Cluster, run: str, rules: list[dict[str, Any]]) -> Leases:
    """A run as a service account that may do this in the namespace of the leases."""
    at.make("ServiceAccount", "runbook", {})
    at.make("Role", "leases", {"rules": rules})
    subject = {"kind": "ServiceAccount", "name": "runbook", "namespace": at.namespace}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "leases"}
    at.make("RoleBinding", "leases", {"subjects": [subject], "roleRef": ref})
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
    path = PLACES["ServiceAccount"].path(at.namespace, "runbook", "token")
    token = at.client.post(path, asked, timeout=10).body["status"]["token"]
    config, _ = kubernetes_config.context({"kubeconfig": KUBECONFIG})
    assert config is not None
    (at.folder / "account").write_text(json.dumps(config | {"users": [{"name": "user", "user": {"token": token}}]}))
    client = kubernetes.connect({"kubeconfig": str(at.folder / "account")}, str)
    return Leases(client, at.namespace, {"run": run, "runbook": "scale", "by": "alice", "host": "laptop"})


def test_what_the_docs_name_is_enough(at: Cluster) -> None:
    """Made, renewed, taken over from a run that was killed, deleted."""
    first = runner(at, "01first", [rule()])
    assert first.claim(TARGET, "Deployment shop/api") is None
    first.renew()
    stale = [{"op": "add", "path": "/spec/renewTime", "value": "2020-01-01T00:00:00.000000Z"}]
    note = [{"op": "add", "path": "/metadata/annotations/runbook-engine~1run", "value": "01killed"}]
    at.client.patch(PLACES["Lease"].path(at.namespace, name_of(TARGET)), stale + note, timeout=10)
    again = Leases(first._client, at.namespace, {"run": "01next", "runbook": "scale", "by": "bob", "host": "laptop"})
    assert again.claim(TARGET, "Deployment shop/api") is None
    again.release()
    assert at.get("Lease", name_of(TARGET)) is None


@pytest.mark.parametrize("verb", ["get", "create"])
def test_what_is_missing_is_said_by_its_name(at: Cluster, verb: str) -> None:
    """The verb, the resource and the namespace, for whoever grants it."""
    some = rule() | {"verbs": [one for one in rule()["verbs"] if one != verb]}
    with pytest.raises(Forbidden, match=rf'cannot {verb} resource "leases" .* in the namespace "{at.namespace}"'):
        runner(at, "01first", [some]).claim(TARGET, "Deployment shop/api")
