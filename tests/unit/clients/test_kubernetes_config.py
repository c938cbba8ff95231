from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes.config import incluster_config

from runbook.clients import kubernetes
from runbook.clients.kubernetes.errors import NoDryRun, Unauthenticated
from runbook.errors import Forbidden, UsageError, WorldError
from support.certificates import Authority
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving

SCALE = [{"op": "replace", "path": "/spec/replicas", "value": 3}]


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as api:
        deploy(api, "api:1")
        yield api


@pytest.mark.fault(71)
def test_a_context_is_pinned_when_the_connection_is_made(api: KubeApi, tmp_path: Path) -> None:
    """`kubectl config use-context` in another terminal changes nothing for this run."""
    path = api.kubeconfig(tmp_path)
    client = kubernetes.connect({"kubeconfig": str(path)}, str)
    path.write_text("{}")
    assert client.read(DEPLOYMENT, timeout=2)
    assert client.context == "test"
    assert client.namespace == "from-context"


@pytest.mark.fault(71)
def test_a_context_that_is_not_there_is_named_with_those_that_are(api: KubeApi, tmp_path: Path) -> None:
    """A typing mistake must not end on another cluster."""
    with pytest.raises(UsageError, match="no context 'prod'; it has: test"):
        kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path)), "context": "prod"}, str)


def test_a_kubeconfig_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With the place where it was looked for."""
    with pytest.raises(UsageError, match="no kubeconfig at"):
        kubernetes.connect({"kubeconfig": str(tmp_path / "none")}, str)


def test_files_of_a_kubeconfig_are_relative_to_it(api: KubeApi, tmp_path: Path) -> None:
    """And not to where the tool was started."""
    (tmp_path / "tok").write_text(api.token)
    client = kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path, tokenFile="tok"))}, str)
    assert client.read(DEPLOYMENT, timeout=2)


def test_several_kubeconfigs_are_merged_and_the_first_wins(
    api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As kubectl reads KUBECONFIG."""
    second = tmp_path / "second"
    second.mkdir()
    other = {"contexts": [{"name": "other", "context": {"cluster": "c", "user": "u", "namespace": "theirs"}}]}
    (second / "config").write_text(json.dumps(other))
    monkeypatch.setenv("KUBECONFIG", f"{api.kubeconfig(tmp_path)}:{second / 'config'}")
    assert kubernetes.connect({}, str).context == "test"
    assert kubernetes.connect({"context": "other"}, str).namespace == "theirs"


def test_an_auth_provider_is_refused(api: KubeApi, tmp_path: Path) -> None:
    """It would run a program too, and kubectl does not know it any more."""
    config = str(api.kubeconfig(tmp_path, **{"auth-provider": {"name": "gcp"}}))
    with pytest.raises(Forbidden, match="auth-provider"):
        kubernetes.connect({"kubeconfig": config}, str).read(DEPLOYMENT, timeout=2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "cannot be read as a kubeconfig"),
        ("- a", "not a kubeconfig"),
        ("{current-context: a, contexts: [a]}", "contexts is a list of"),
        ("{current-context: a, contexts: [{name: a, context: {cluster: b}}], clusters: [{name: b}]}", "no server"),
        ("contexts: []", "no current context"),
        ("{current-context: a, contexts: [{name: a, context: {cluster: b}}]}", "no cluster 'b'; it has: none"),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: b, user: c}}],"
            " clusters: [{name: b, cluster: {server: http://b}}]}",
            "no user",
        ),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_said(tmp_path: Path, content: str, said: str) -> None:
    """Before anything is sent anywhere."""
    (tmp_path / "config").write_text(content)
    with pytest.raises(UsageError, match=said):
        kubernetes.connect({"kubeconfig": str(tmp_path / "config")}, str)


@pytest.mark.parametrize("key", ["as", "as-groups"])
def test_whoever_acts_as_somebody_else_is_refused(api: KubeApi, tmp_path: Path, key: str) -> None:
    """The Kubernetes client leaves impersonation out, and would act with all the rights of whoever logs in."""
    config = str(api.kubeconfig(tmp_path, token=api.token, **{key: ["viewers"]}))
    with pytest.raises(Forbidden, match="acts as somebody else"):
        kubernetes.connect({"kubeconfig": config}, str).read(DEPLOYMENT, timeout=2)
    assert api.requests == []


@pytest.mark.fault(71)
def test_a_tokens_file_is_read_again_when_it_has_run_out(api: KubeApi, tmp_path: Path) -> None:
    """Whoever rotates it does not end a run."""
    (tmp_path / "tok").write_text(api.token)
    client = kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path, tokenFile="tok"))}, str)
    client.read(DEPLOYMENT, timeout=2)
    api.token = "rotated"
    (tmp_path / "tok").write_text("rotated")
    assert client.patch(DEPLOYMENT, SCALE, timeout=2)
    assert [one["method"] for one in api.requests] == ["GET", "PATCH", "PATCH"]


def test_a_token_that_cannot_become_another_is_sent_once(api: KubeApi, tmp_path: Path) -> None:
    """Asking again with the same credentials is a hidden retry."""
    client = kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path, token="old"))}, str)
    with pytest.raises(Unauthenticated, match="log in again"):
        client.read(DEPLOYMENT, timeout=2)
    assert len(api.requests) == 1


# --- credentials for reading ----------------------------------------------------------------------------------


def apart(api: KubeApi, folder: Path, other: KubeApi | None = None) -> dict[str, Any]:
    """Settings with `read:`: contexts `viewer` and `editor`, each with a token of its own."""
    servers = {"viewer": api, "editor": other or api}
    config = {
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in servers],
        "clusters": [{"name": name, "cluster": {"server": one.url}} for name, one in servers.items()],
        "users": [{"name": name, "user": {"token": name}} for name in servers],
    }
    (folder / "kubeconfig").write_text(json.dumps(config))
    return {"kubeconfig": str(folder / "kubeconfig"), "context": "editor", "read": {"context": "viewer"}}


def test_what_reads_and_what_changes_may_log_in_apart(api: KubeApi, tmp_path: Path) -> None:
    """Objects and dry runs with those of `read:`; changes, and the question what they may do, with the others."""
    api.token = None
    client = kubernetes.connect(apart(api, tmp_path), str)
    client.read(DEPLOYMENT, timeout=2)
    client.patch(DEPLOYMENT, SCALE, timeout=2, dry_run=True)
    assert {one["token"] for one in api.requests} == {"viewer"}
    client.patch(DEPLOYMENT, SCALE, timeout=2)
    asked = {"spec": {"resourceAttributes": {"verb": "patch", "resource": "deployments"}}}
    client.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", asked, timeout=2)
    changing = [one["method"] for one in api.requests if one["token"] == "editor"]
    assert changing == ["GET", "PATCH", "POST"]  # which cluster it is, once, and what was asked for
    assert client.context == "editor"


def test_two_contexts_of_two_clusters_are_refused(api: KubeApi, tmp_path: Path) -> None:
    """What was planned on one cluster is not sent to another."""
    with serving() as other:
        api.token = other.token = None
        other.put("/api/v1/namespaces/kube-system", {"metadata": {"uid": "another-uid"}})
        client = kubernetes.connect(apart(api, tmp_path, other), str)
        client.read(DEPLOYMENT, timeout=2)
        with pytest.raises(Forbidden, match="leads to the cluster another-uid, that under `read:` to cluster-uid"):
            client.patch(DEPLOYMENT, SCALE, timeout=2)
        assert other.sent("PATCH") == []


def test_who_may_only_read_cannot_try_out(api: KubeApi, tmp_path: Path) -> None:
    """That is no reason not to plan."""
    api.token = None
    client = kubernetes.connect(apart(api, tmp_path), str)
    api.fail("PATCH", status=403, message="viewer cannot patch")
    with pytest.raises(NoDryRun, match="credentials for reading may not"):
        client.patch(DEPLOYMENT, SCALE, timeout=2, dry_run=True)


@pytest.mark.parametrize(
    "content", [b"users: [{user: {token: s3cr3t-token}", b"a: b\n\ttoken: s3cr3t-token", b"s3cr3t-token\xff"]
)
def test_what_is_in_a_kubeconfig_is_in_no_message(tmp_path: Path, content: bytes) -> None:
    """A broken line may be the one with the token; the message has its number."""
    (tmp_path / "config").write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read as a kubeconfig") as raised:
        kubernetes.connect({"kubeconfig": str(tmp_path / "config")}, str)
    assert "s3cr3t" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_in_a_cluster_the_service_account_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no context is named; without its token, the reason is said."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    client = kubernetes.connect({"namespace": "shop"}, str)
    assert (client.in_cluster, client.context, client.namespace) == (True, "in-cluster", "shop")
    with pytest.raises(WorldError, match="token"):
        client.read(DEPLOYMENT, timeout=1)


@pytest.mark.parametrize("more", [{"context": "test"}, {"kubeconfig": "kubeconfig"}, {}])
def test_in_cluster_is_meant_where_it_is_said(more: dict[str, str]) -> None:
    """It falls back to no kubeconfig that happens to be there."""
    with pytest.raises(UsageError, match="in_cluster"):
        kubernetes.connect({"in_cluster": True, **more}, str)


def test_a_service_account_works_behind_the_clusters_own_ca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the token and the certificate that a pod finds, and the token anew when it was rotated."""
    authority = Authority(tmp_path)
    with serving(authority.server("127.0.0.1")) as api:
        deploy(api, "api:1")
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", api.url.rpartition(":")[2])
        monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
        monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(authority.ca_file))
        (tmp_path / "token").write_text(api.token)
        client = kubernetes.connect({"in_cluster": True}, str)
        assert client.identity == "cluster-uid"
        api.token = "rotated"
        (tmp_path / "token").write_text("rotated")
        assert client.patch(DEPLOYMENT, SCALE, timeout=2)


def test_settings_may_be_references(api: KubeApi, tmp_path: Path) -> None:
    """A path to a kubeconfig can come from the environment."""
    path = str(api.kubeconfig(tmp_path))
    client = kubernetes.connect({"kubeconfig": {"env": "KUBECONFIG_PROD"}}, lambda reference: path)
    assert client.context == "test"
