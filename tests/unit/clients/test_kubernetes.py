from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes.errors import (
    Gone,
    LostAnswer,
    NoDryRun,
    NotFound,
    NotSent,
    Precondition,
    Rejected,
    ServerFailed,
    Throttled,
    Unauthenticated,
    refused,
)
from runbook.errors import Forbidden, Unreachable, UsageError, WorldError
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as api:
        deploy(api, "api:1")
        yield api


@pytest.fixture
def client(api: KubeApi, tmp_path: Path) -> KubernetesClient:
    return kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path)), "timeout": "2s"}, str)


def patch(client: KubernetesClient, timeout: float = 2) -> Any:
    return client.patch(DEPLOYMENT, [{"op": "replace", "path": "/spec/replicas", "value": 3}], timeout=timeout)


def test_a_read_is_one_request(api: KubeApi, client: KubernetesClient) -> None:
    """Nothing is discovered, listed or asked for beforehand."""
    answer = client.read(DEPLOYMENT, timeout=2)
    assert answer.body["metadata"]["name"] == "api"
    assert answer.at == api.now
    assert [one["path"] for one in api.requests] == [DEPLOYMENT]


def test_fields_that_are_newer_than_any_client_come_through(api: KubeApi, client: KubernetesClient) -> None:
    """What is read raw can be sent back whole."""
    api.objects[DEPLOYMENT]["spec"]["template"]["spec"]["inventedIn2031"] = {"deep": [1]}
    body = client.read(DEPLOYMENT, timeout=2).body
    assert body["spec"]["template"]["spec"]["inventedIn2031"] == {"deep": [1]}


def test_a_patch_says_who_sends_it_how_strictly_and_for_how_long(api: KubeApi, client: KubernetesClient) -> None:
    """The server gives up when we do, and refuses fields that it does not know."""
    patch(client)
    assert api.requests[-1]["query"] == {"fieldManager": "runbook-engine", "fieldValidation": "Strict", "timeout": "2s"}


@pytest.mark.parametrize(
    ("status", "error", "nothing_was_done"),
    [
        (400, Rejected, True),
        (401, Unauthenticated, True),
        (403, Forbidden, True),
        (404, NotFound, True),
        (405, Rejected, True),
        (409, Precondition, True),
        (410, Gone, True),
        (413, Rejected, True),
        (415, Rejected, True),
        (418, Rejected, True),
        (422, Precondition, True),
        (429, Throttled, True),
        (500, ServerFailed, False),
        (502, ServerFailed, False),
        (503, ServerFailed, False),
        (504, ServerFailed, False),
    ],
)
def test_every_status_is_an_error_of_its_own(
    api: KubeApi, client: KubernetesClient, status: int, error: type[WorldError], nothing_was_done: bool
) -> None:
    """And each says whether what was sent may have been done."""
    for _ in range(2):  # a 401 is asked once more, with fresh credentials
        api.fail("PATCH", status=status, message="said the server")
    with pytest.raises(error, match="said the server") as raised:
        patch(client)
    assert type(raised.value) is error
    assert refused(raised.value) is nothing_was_done


def test_an_invalid_object_is_told_from_a_failed_test(api: KubeApi, client: KubernetesClient) -> None:
    """Both are 422; only the one lists what is wrong with the object."""
    api.fail("PATCH", status=422, message="spec.replicas: Invalid value", causes=[{"field": "spec.replicas"}])
    with pytest.raises(Rejected, match="Invalid value"):
        patch(client)


def test_a_webhook_without_dry_run_is_told_from_a_bad_request(api: KubeApi, client: KubernetesClient) -> None:
    """Both are 400; the one is no reason to give up."""
    api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    with pytest.raises(NoDryRun):
        patch(client)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_lost_answer_is_a_doubt_and_is_sent_once(api: KubeApi, client: KubernetesClient, method: str) -> None:
    """The client's own default would send a GET four times."""
    api.fail(method, lost=True)
    with pytest.raises(LostAnswer) as raised:
        patch(client) if method == "PATCH" else client.read(DEPLOYMENT, timeout=2)
    assert not refused(raised.value)
    assert len(api.requests) == 1


def test_an_answer_that_is_late_is_a_doubt(api: KubeApi, client: KubernetesClient) -> None:
    """A server that answers in half a second is too slow for a tenth."""
    api.fail("PATCH", delay=0.5)
    with pytest.raises(LostAnswer, match="in time"):
        patch(client, timeout=0.1)


def test_a_redirect_is_not_followed(api: KubeApi, client: KubernetesClient) -> None:
    """Credentials go to the server that the kubeconfig names, and nowhere else."""
    api.fail("GET", raw=b"HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(Unreachable, match="redirect"):
        client.read(DEPLOYMENT, timeout=2)
    assert len(api.requests) == 1


def test_a_login_page_is_no_answer(api: KubeApi, client: KubernetesClient) -> None:
    """Something answered 200, and it was not an API server."""
    api.fail("GET", raw=b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")
    with pytest.raises(Unreachable, match="no API server"):
        client.read(DEPLOYMENT, timeout=2)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("http://127.0.0.1:1", "refused"),
        ("http://cluster.invalid", "cannot be resolved"),
    ],
)
def test_what_was_never_sent_was_not_done(tmp_path: Path, server: str, said: str) -> None:
    """No connection came about: for a change that is a plain no."""
    away = KubeApi()
    away.url = server
    with pytest.raises(NotSent, match=said) as raised:
        patch(kubernetes.connect({"kubeconfig": str(away.kubeconfig(tmp_path))}, str))
    assert refused(raised.value)


def test_tls_that_cannot_be_agreed_on_was_not_sent(api: KubeApi, tmp_path: Path) -> None:
    """A plain server behind an https URL."""
    api.url = api.url.replace("http:", "https:")
    with pytest.raises(NotSent, match="TLS"):
        patch(kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path))}, str))


def test_lists_are_read_in_pages_up_to_a_number(api: KubeApi, client: KubernetesClient) -> None:
    """And say whether there were more."""
    for number in range(7):
        api.put(f"/api/v1/namespaces/shop/pods/p{number}", {})
    whole = client.read_all("/api/v1/namespaces/shop/pods", timeout=2)
    assert len(whole.items) == 7
    assert whole.complete
    some = client.read_all("/api/v1/namespaces/shop/pods", timeout=2, most=3)
    assert len(some.items) == 3
    assert not some.complete


def test_text_is_cut_at_its_cap(api: KubeApi, client: KubernetesClient) -> None:
    """A log of gigabytes costs no more than the cap."""
    api.texts["/log"] = "x" * 5000
    assert client.text("/log", timeout=2, cap=1000) == ("x" * 1000, True)
    assert client.text("/log", timeout=2, cap=5000) == ("x" * 5000, False)


def test_the_cluster_is_known_by_the_uid_of_kube_system(api: KubeApi, client: KubernetesClient) -> None:
    """Two contexts of one cluster are one; it is asked for once."""
    assert client.identity == client.identity == "cluster-uid"
    assert len(api.requests) == 1


def test_who_may_not_see_kube_system_knows_the_cluster_by_its_url(api: KubeApi, client: KubernetesClient) -> None:
    """A Role in one namespace is enough to work with."""
    api.fail("GET", status=403, message="no")
    assert client.identity == api.url


def test_check_names_version_server_and_context(api: KubeApi, client: KubernetesClient) -> None:
    """One line for the first screen of a run."""
    assert client.check(2) == f"Kubernetes v1.36.2 at {api.url} (context test)"


def test_warnings_of_the_server_are_kept(api: KubeApi, client: KubernetesClient) -> None:
    """Deprecations are shown with the plan."""
    api.fail("GET", headers={"Warning": '299 - "old field", 299 - "older field"'})
    assert client.read(DEPLOYMENT, timeout=2).warnings == ("old field", "older field")


def test_kinds_of_strangers_are_found_by_their_api_version(api: KubeApi, client: KubernetesClient) -> None:
    """One request, and only for kinds that are not known here."""
    resource = {"kind": "Rollout", "name": "rollouts", "namespaced": True}
    api.objects["/apis/argoproj.io/v1alpha1"] = {"resources": [resource]}
    place = client.place("Rollout", "argoproj.io/v1alpha1", timeout=2)
    assert place.path("shop", "api") == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/api"
    assert client.place("Pod", None, timeout=2).path("shop") == "/api/v1/namespaces/shop/pods"
    assert len(api.requests) == 1
    with pytest.raises(UsageError, match="api_version"):
        client.place("Rollout", None, timeout=2)


# --- kubeconfig -----------------------------------------------------------------------------------------------


def test_a_context_is_pinned_when_the_connection_is_made(api: KubeApi, tmp_path: Path) -> None:
    """`kubectl config use-context` in another terminal changes nothing for this run."""
    path = api.kubeconfig(tmp_path)
    client = kubernetes.connect({"kubeconfig": str(path)}, str)
    path.write_text("{}")
    assert client.read(DEPLOYMENT, timeout=2)
    assert client.context == "test"
    assert client.namespace == "from-context"


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


def plugin(folder: Path, code: str) -> dict[str, Any]:
    script = folder / "plugin.py"
    script.write_text(code)
    version = "client.authentication.k8s.io/v1"
    return {"apiVersion": version, "command": sys.executable, "args": [str(script)]}


PRINTS = """
import json, os, pathlib, sys
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
count = pathlib.Path(__file__).with_name("count")
count.write_text(count.read_text() + "x" if count.exists() else "x")
token = "token" if len(count.read_text()) == 2 else "stale"
print(json.dumps({"apiVersion": asked["apiVersion"], "kind": "ExecCredential", "status": {"token": token}}))
"""


def test_a_login_program_runs_only_where_it_is_allowed(api: KubeApi, tmp_path: Path) -> None:
    """A kubeconfig can name any program; the connection must say that it may run."""
    config = str(api.kubeconfig(tmp_path, exec=plugin(tmp_path, PRINTS)))
    with pytest.raises(Forbidden, match="exec_plugins"):
        kubernetes.connect({"kubeconfig": config}, str).read(DEPLOYMENT, timeout=2)
    assert not (tmp_path / "count").exists()


def test_a_token_that_has_run_out_is_asked_for_once_more(api: KubeApi, tmp_path: Path) -> None:
    """A 401 comes before anything is done, so even a change may be sent again after it."""
    config = str(api.kubeconfig(tmp_path, exec=plugin(tmp_path, PRINTS)))
    client = kubernetes.connect({"kubeconfig": config, "exec_plugins": True}, str)
    assert patch(client).body["spec"]["replicas"] == 3
    assert (tmp_path / "count").read_text() == "xx"
    with pytest.raises(Unauthenticated):
        api.token = "another"
        patch(client)


def test_a_login_program_that_hangs_is_ended(api: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Kubernetes client would wait for ever."""
    monkeypatch.setattr(kubernetes_config, "PLUGIN_TIMEOUT", 0.2)
    config = str(api.kubeconfig(tmp_path, exec=plugin(tmp_path, "import time; time.sleep(60)")))
    client = kubernetes.connect({"kubeconfig": config, "exec_plugins": True}, str)
    with pytest.raises(WorldError, match="did not answer"):
        client.read(DEPLOYMENT, timeout=2)


def test_what_a_login_program_says_when_it_fails_is_passed_on(api: KubeApi, tmp_path: Path) -> None:
    """Mostly: your session has expired."""
    config = str(api.kubeconfig(tmp_path, exec=plugin(tmp_path, "raise SystemExit('your session has expired')")))
    client = kubernetes.connect({"kubeconfig": config, "exec_plugins": True}, str)
    with pytest.raises(Forbidden, match="your session has expired"):
        client.read(DEPLOYMENT, timeout=2)


def test_an_auth_provider_is_refused(api: KubeApi, tmp_path: Path) -> None:
    """It would run a program too, and kubectl does not know it any more."""
    config = str(api.kubeconfig(tmp_path, **{"auth-provider": {"name": "gcp"}}))
    with pytest.raises(Forbidden, match="auth-provider"):
        kubernetes.connect({"kubeconfig": config}, str).read(DEPLOYMENT, timeout=2)


def test_a_login_program_may_answer_with_a_certificate(tmp_path: Path) -> None:
    """It takes the program's place in the context, in the form that a kubeconfig has."""
    status = {"clientCertificateData": "CERTIFICATE", "clientKeyData": "KEY"}
    code = f"import json; print(json.dumps({{'status': {status!r}}}))"
    whole = {"users": [{"user": {"exec": plugin(tmp_path, code)}}], "clusters": [{"cluster": {}}]}
    user = kubernetes_config.opened(whole, exec_plugins=True)["users"][0]["user"]
    assert user == {"client-certificate-data": "Q0VSVElGSUNBVEU=", "client-key-data": "S0VZ"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "cannot be read as a kubeconfig"),
        ("- a", "not a kubeconfig"),
        ("contexts: []", "no current context"),
        ("{current-context: a, contexts: [{name: a, context: {cluster: b}}]}", "no cluster 'b'; it has: none"),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: b, user: c}}], clusters: [{name: b}]}",
            "no user",
        ),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_is_said(tmp_path: Path, content: str, said: str) -> None:
    """Before anything is sent anywhere."""
    (tmp_path / "config").write_text(content)
    with pytest.raises(UsageError, match=said):
        kubernetes.connect({"kubeconfig": str(tmp_path / "config")}, str)


def test_in_a_cluster_the_service_account_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no context is named; without its token, the reason is said."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "1")
    client = kubernetes.connect({"namespace": "shop"}, str)
    assert (client.in_cluster, client.context, client.namespace) == (True, "in-cluster", "shop")
    with pytest.raises(WorldError, match="token"):
        client.read(DEPLOYMENT, timeout=1)


def test_settings_may_be_references(api: KubeApi, tmp_path: Path) -> None:
    """A path to a kubeconfig can come from the environment."""
    path = str(api.kubeconfig(tmp_path))
    client = kubernetes.connect({"kubeconfig": {"env": "KUBECONFIG_PROD"}}, lambda reference: path)
    assert client.context == "test"
