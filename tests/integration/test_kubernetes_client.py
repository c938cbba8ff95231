"""The client against a real API server: what it answers where things are wrong, and what our tables say of it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes.errors import NotFound, NotSent, Precondition, Rejected, Unauthenticated
from runbook.clients.kubernetes.paths import PLACES
from runbook.errors import Forbidden
from support.certificates import Authority
from support.real_cluster import KUBECONFIG, needs_a_cluster

pytestmark = [pytest.mark.integration, *needs_a_cluster]
NOTE = [{"op": "add", "path": "/metadata/annotations", "value": {}}]


@pytest.fixture(scope="module")
def client() -> KubernetesClient:
    return kubernetes.connect({"kubeconfig": KUBECONFIG}, str)


def changed(folder: Path, part: str, **changes: Any) -> KubernetesClient:
    """The same cluster through a kubeconfig in which something is different; None removes a key."""
    config = copy.deepcopy(yaml.safe_load(Path(KUBECONFIG).read_text()))
    for item in config[part]:
        inner = item[part.removesuffix("s")]
        inner.update(changes)
        for key in [key for key, value in inner.items() if value is None]:
            del inner[key]
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
    return kubernetes.connect({"kubeconfig": str(folder / "kubeconfig"), "timeout": "5s"}, str)


def test_every_kind_is_where_the_table_says(client: KubernetesClient) -> None:
    """Group, version, plural, and whether it stands in a namespace, by the server's own discovery."""
    wrong = []
    for version in {place.api_version for place in PLACES.values()}:
        root = "/apis" if "/" in version else "/api"
        served = client.read(f"{root}/{version}", timeout=10).body["resources"]
        there = {(one["kind"], one["name"], one["namespaced"]) for one in served}
        ours = [(kind, at.plural, at.namespaced) for kind, at in PLACES.items() if at.api_version == version]
        wrong += [one for one in ours if one not in there]
    assert wrong == []


def test_a_certificate_of_a_stranger_is_not_believed(tmp_path: Path) -> None:
    """Another CA in the kubeconfig: nothing was sent."""
    ca = str(Authority(tmp_path).ca_file)
    client = changed(tmp_path, "clusters", **{"certificate-authority": ca, "certificate-authority-data": None})
    with pytest.raises(NotSent, match="nobody whom we trust has signed"):
        client.read("/version", timeout=5)


def test_a_server_by_another_name_is_not_believed(tmp_path: Path) -> None:
    """And is, once the kubeconfig says which name it has."""
    client = changed(tmp_path, "clusters", **{"tls-server-name": "another.example.com"})
    with pytest.raises(NotSent, match="for another name"):
        client.read("/version", timeout=5)
    client = changed(tmp_path, "clusters", **{"tls-server-name": "kubernetes.default.svc"})
    assert client.check(5)


def test_http_to_the_secure_port_is_said(client: KubernetesClient, tmp_path: Path) -> None:
    """In the server's words."""
    plain = changed(tmp_path, "clusters", server=client.server.replace("https:", "http:"))
    with pytest.raises(Rejected, match="HTTP request to an HTTPS server"):
        plain.read("/version", timeout=5)


def test_a_token_that_is_none_is_said(tmp_path: Path) -> None:
    """401, once."""
    gone = {"client-certificate-data": None, "client-key-data": None, "client-certificate": None, "client-key": None}
    client = changed(tmp_path, "users", token="no-token", **gone)
    with pytest.raises(Unauthenticated, match="log in again"):
        client.read(PLACES["Namespace"].path(name="default"), timeout=5)


def test_who_may_not_is_told_what_is_missing() -> None:
    """403 in the server's words, which name verb and resource; the cluster is known by its URL then."""
    nobody = kubernetes.connect({"kubeconfig": f"{KUBECONFIG}.nobody"}, str)
    with pytest.raises(Forbidden, match='cannot get resource "deployments" in API group "apps"'):
        nobody.read(PLACES["Deployment"].path("default", "api"), timeout=10)
    assert nobody.identity == nobody.server
    assert nobody.elsewhere(nobody.server) is None


def test_a_viewer_reads_and_an_editor_changes(client: KubernetesClient) -> None:
    """`read:` of a connection; a dry run is what a viewer may not do, and is said as one that was not done."""
    viewer = kubernetes.connect({"kubeconfig": KUBECONFIG, "read": {"kubeconfig": f"{KUBECONFIG}.viewer"}}, str)
    path = PLACES["Namespace"].path(name="default")
    assert viewer.read(PLACES["Pod"].path("default"), timeout=10)
    with pytest.raises(kubernetes.NoDryRun, match="credentials for reading may not"):
        viewer.patch(path, NOTE, timeout=10, dry_run=True)
    assert viewer.patch(path, [{"op": "test", "path": "/kind", "value": "Namespace"}], timeout=10)
    assert viewer.identity == client.identity


def test_rollback_to_is_a_field_that_nobody_knows(client: KubernetesClient) -> None:
    """What lint says of it: a strict server refuses the patch of older guides."""
    body = {
        "metadata": {"name": "api"},
        "spec": {
            "rollbackTo": {"revision": 0},
            "selector": {"matchLabels": {"app": "api"}},
            "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {"containers": [{"name": "api", "image": "busybox"}]},
            },
        },
    }
    with pytest.raises(Rejected, match=r'unknown field "spec.rollbackTo"'):
        client.post(PLACES["Deployment"].path("default"), body, timeout=10, dry_run=True)


def test_a_failed_test_is_told_from_an_invalid_object(client: KubernetesClient) -> None:
    """Both are 422 of a real server."""
    path = PLACES["Namespace"].path(name="default")
    with pytest.raises(Precondition):
        client.patch(path, [{"op": "test", "path": "/metadata/uid", "value": "another"}], timeout=10)
    invalid = [{"op": "add", "path": "/metadata/labels/one", "value": "not a label!"}]
    with pytest.raises(Rejected, match=r"metadata.labels"):
        client.patch(path, invalid, timeout=10, dry_run=True)


def test_an_api_that_is_not_there_is_not_found(client: KubernetesClient) -> None:
    """In plain text, without a Status object."""
    with pytest.raises(NotFound):
        client.read("/apis/nobody.example.com/v1/things", timeout=10)
