from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes.errors import (
    Gone,
    LostAnswer,
    NoDryRun,
    NotFound,
    Precondition,
    Rejected,
    ServerFailed,
    Throttled,
    Unauthenticated,
    refused,
)
from runbook.errors import Forbidden, UsageError, WorldError
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


@pytest.mark.fault(73)
def test_fields_that_are_newer_than_any_client_come_through(api: KubeApi, client: KubernetesClient) -> None:
    """What is read raw can be sent back whole."""
    api.objects[DEPLOYMENT]["spec"]["template"]["spec"]["inventedIn2031"] = {"deep": [1]}
    body = client.read(DEPLOYMENT, timeout=2).body
    assert body["spec"]["template"]["spec"]["inventedIn2031"] == {"deep": [1]}


def test_a_patch_says_who_sends_it_how_strictly_and_for_how_long(api: KubeApi, client: KubernetesClient) -> None:
    """The server gives up when we do, and refuses fields that it does not know."""
    patch(client)
    assert api.requests[-1]["query"] == {"fieldManager": "runbook-engine", "fieldValidation": "Strict", "timeout": "2s"}


@pytest.mark.fault(66)
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
    api.fail("PATCH", status=status, message="said the server", headers={"Retry-After": "0"})
    with pytest.raises(error, match="said the server") as raised:
        patch(client)
    assert type(raised.value) is error
    assert refused(raised.value) is nothing_was_done
    assert len(api.requests) == 1


@pytest.mark.fault(66)
def test_an_invalid_object_is_told_from_a_failed_test(api: KubeApi, client: KubernetesClient) -> None:
    """Both are 422; only the one lists what is wrong with the object."""
    api.fail("PATCH", status=422, message="spec.replicas: Invalid value", causes=[{"field": "spec.replicas"}])
    with pytest.raises(Rejected, match="Invalid value"):
        patch(client)


@pytest.mark.fault(72)
def test_a_webhook_without_dry_run_is_told_from_a_bad_request(api: KubeApi, client: KubernetesClient) -> None:
    """Both are 400; the one is no reason to give up."""
    api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    with pytest.raises(NoDryRun):
        patch(client)


@pytest.mark.fault(66, 67)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_lost_answer_is_a_doubt_and_is_sent_once(api: KubeApi, client: KubernetesClient, method: str) -> None:
    """The client's own default would send a GET four times."""
    api.fail(method, lost=True)
    with pytest.raises(LostAnswer) as raised:
        patch(client) if method == "PATCH" else client.read(DEPLOYMENT, timeout=2)
    assert not refused(raised.value)
    assert len(api.requests) == 1


@pytest.mark.fault(66, 67)
def test_an_answer_that_is_late_is_a_doubt(api: KubeApi, client: KubernetesClient) -> None:
    """A server that answers in half a second is too slow for a tenth."""
    api.fail("PATCH", delay=0.5)
    with pytest.raises(LostAnswer, match="in time"):
        patch(client, timeout=0.1)


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


def pods(api: KubeApi, number: int) -> str:
    for one in range(number):
        api.put(f"/api/v1/namespaces/shop/pods/p{one}", {})
    return "/api/v1/namespaces/shop/pods"


def test_a_list_that_expires_between_two_pages_is_read_anew(
    api: KubeApi, client: KubernetesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """etcd forgets old states after minutes: half of one state and half of another is no list."""
    monkeypatch.setattr(kubernetes, "PAGE", 3)
    path = pods(api, 7)
    api.fail("GET")
    api.fail("GET", status=410, message="The provided continue parameter is too old")
    assert len(client.read_all(path, timeout=2).items) == 7
    assert [one["query"].get("continue") for one in api.requests] == [None, "3", None, "3", "6"]


def test_a_list_that_expires_again_and_again_is_gone(
    api: KubeApi, client: KubernetesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once anew, and no more; never a part that is taken for all."""
    monkeypatch.setattr(kubernetes, "PAGE", 3)
    path = pods(api, 7)
    for _ in range(2):
        api.fail("GET")
        api.fail("GET", status=410, message="The provided continue parameter is too old")
    with pytest.raises(Gone, match="too old"):
        client.read_all(path, timeout=2)
    assert len(api.requests) == 4


@pytest.mark.fault(66)
def test_a_read_waits_as_long_as_the_server_asks(api: KubeApi, client: KubernetesClient) -> None:
    """In a moment of much traffic the server says when to come back; a read that has the time does, once."""
    api.fail("GET", status=429, message="too many requests", headers={"Retry-After": "1"})
    assert client.read(DEPLOYMENT, timeout=3)
    assert len(api.requests) == 2
    for _ in range(2):
        api.fail("GET", status=429, message="too many requests", headers={"Retry-After": "0"})
    with pytest.raises(Throttled):
        client.read(DEPLOYMENT, timeout=3)
    assert len(api.requests) == 4


def test_a_read_does_not_wait_longer_than_it_may(api: KubeApi, client: KubernetesClient) -> None:
    """Then it says what the server asks for."""
    api.fail("GET", status=429, message="too many requests", headers={"Retry-After": "30"})
    with pytest.raises(Throttled, match="asks to wait 30 s"):
        client.read(DEPLOYMENT, timeout=2)
    assert len(api.requests) == 1


@pytest.mark.fault(66)
@pytest.mark.parametrize("method", ["PATCH", "POST", "DELETE"])
@pytest.mark.parametrize("how", ["lost", "dropped"])
def test_no_change_is_sent_twice(api: KubeApi, client: KubernetesClient, method: str, how: str) -> None:
    """The Kubernetes client's own default would send a DELETE four times."""
    api.fail(method, **{how: True})
    send = {
        "PATCH": lambda: patch(client),
        "POST": lambda: client.post("/api/v1/namespaces/shop/configmaps", {"metadata": {"name": "one"}}, timeout=2),
        "DELETE": lambda: client.delete(DEPLOYMENT, {}, timeout=2),
    }
    with pytest.raises(LostAnswer) as raised:
        send[method]()
    assert not refused(raised.value)
    assert len(api.requests) == 1


@pytest.mark.fault(71)
def test_a_change_knows_the_cluster_that_it_was_planned_for(api: KubeApi, client: KubernetesClient) -> None:
    """A context that leads elsewhere by now is said with both clusters."""
    assert client.elsewhere("cluster-uid") is None
    said = client.elsewhere("another-uid") or ""
    assert "another-uid" in said
    assert f"context test leads to the cluster cluster-uid at {api.url}" in said


def test_text_is_cut_at_its_cap(api: KubeApi, client: KubernetesClient) -> None:
    """A log of gigabytes costs no more than the cap."""
    api.texts["/log"] = "x" * 5000
    assert client.text("/log", timeout=2, cap=1000) == ("x" * 1000, True)
    assert client.text("/log", timeout=2, cap=5000) == ("x" * 5000, False)


@pytest.mark.fault(71)
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
