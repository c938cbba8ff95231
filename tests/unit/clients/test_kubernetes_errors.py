from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient, answers, channels, plugins
from runbook.clients.kubernetes.errors import (
    LostAnswer,
    ManagerConflict,
    NotFound,
    NotSent,
    Rejected,
    of_status,
    refused,
)
from runbook.errors import Unreachable, WorldError
from support.certificates import Authority
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving

SCALE = [{"op": "replace", "path": "/spec/replicas", "value": 3}]


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as api:
        deploy(api, "api:1")
        yield api


@pytest.fixture
def client(api: KubeApi, tmp_path: Path) -> KubernetesClient:
    return kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path))}, str)


def patch(client: KubernetesClient, timeout: float = 2) -> Any:
    return client.patch(DEPLOYMENT, SCALE, timeout=timeout)


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """The bytes of a whole answer; `length` says another one than it has."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    date = "Date: Mon, 23 Nov 2026 12:00:00 GMT"
    return "\r\n".join([*lines, date, "", ""]).encode() + body


@pytest.mark.fault(66)
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


@pytest.mark.fault(66)
@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("http://127.0.0.1:1", r"no connection to the API server: 127\.0\.0\.1:1: Connection refused;"),
        ("http://cluster.invalid", "cannot be resolved"),
    ],
)
def test_what_was_never_sent_was_not_done(tmp_path: Path, server: str, said: str) -> None:
    """No connection came about: for a change that is a plain no."""
    away = KubeApi()
    away.url = server
    with pytest.raises(NotSent, match=said) as raised:
        patch(kubernetes.connect({"kubeconfig": str(away.kubeconfig(tmp_path))}, str))
    assert raised.value.hint == "is it up, and is `server:` of the kubeconfig right?"
    assert refused(raised.value)


def test_tls_that_cannot_be_agreed_on_was_not_sent(api: KubeApi, tmp_path: Path) -> None:
    """A plain server behind an https URL."""
    api.url = api.url.replace("http:", "https:")
    with pytest.raises(NotSent, match="TLS"):
        patch(kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path))}, str))


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 No", "405 No", "409 No", "410 No", "422 No"])
def test_a_proxys_page_says_nothing_of_the_cluster(api: KubeApi, client: KubernetesClient, status: str) -> None:
    """That an object is not there, or that a change was refused, is for an API server to say."""
    api.fail("PATCH", raw=answer(b"<html>no</html>", "Content-Type: text/html", status=status))
    with pytest.raises(Unreachable, match="no API server answered") as raised:
        patch(client)
    assert not refused(raised.value)


def test_an_api_that_is_not_served_is_not_found(api: KubeApi, client: KubernetesClient) -> None:
    """The API server says so in plain text; `metrics.k8s.io` without a metrics server is the everyday case."""
    text = answer(b"404 page not found\n", "Content-Type: text/plain; charset=utf-8", status="404 Not Found")
    api.fail("GET", raw=text)
    with pytest.raises(NotFound):
        client.read("/apis/metrics.k8s.io/v1beta1/nodes", timeout=2)


def test_http_to_a_port_of_https_is_said(api: KubeApi, client: KubernetesClient) -> None:
    """In the words of the server, which are clear."""
    said = b"Client sent an HTTP request to an HTTPS server.\n"
    api.fail("GET", raw=answer(said, status="400 Bad Request"))
    with pytest.raises(Rejected, match="HTTP request to an HTTPS server"):
        client.read(DEPLOYMENT, timeout=2)


@pytest.mark.fault(66)
@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (answer(b'{"metadata": {"na'), Unreachable),
        (answer(b'{"metadata": {}}', length=500), LostAnswer),
        (answer(b"[]"), Unreachable),
        (answer(b""), Unreachable),
        (answer(b"no gzip", "Content-Encoding: gzip"), LostAnswer),
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"met', LostAnswer),
        (b"SSH-2.0-OpenSSH_9.9\r\n", LostAnswer),
    ],
)
def test_an_answer_that_is_cut_or_garbled_is_a_doubt(
    api: KubeApi, client: KubernetesClient, raw: bytes, error: type[WorldError]
) -> None:
    """It was sent, and what came back says neither yes nor no."""
    api.fail("PATCH", raw=raw)
    with pytest.raises(error) as raised:
        patch(client)
    assert not refused(raised.value)
    assert len(api.requests) == 1


def test_a_compressed_answer_is_read(api: KubeApi, client: KubernetesClient) -> None:
    """The API server compresses large lists for who takes it."""
    api.fail("GET", raw=answer(gzip.compress(b'{"metadata": {"name": "api"}}'), "Content-Encoding: gzip"))
    assert client.read(DEPLOYMENT, timeout=2).body["metadata"]["name"] == "api"


@pytest.mark.parametrize("status", ["200 OK", "500 Failed"])
def test_an_answer_without_end_is_cut(
    api: KubeApi, client: KubernetesClient, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """Its size once it is unpacked counts, and that of an error too: 200 MB in 200 KB must not be kept."""
    monkeypatch.setattr(kubernetes, "ANSWER_CAP", 1024 * 1024)
    monkeypatch.setattr(answers, "ANSWER_CAP", 1024 * 1024)
    packed = gzip.compress(b" " * 200_000_000, compresslevel=1)
    api.fail("GET", raw=answer(packed, "Content-Encoding: gzip", status=status))
    before = _peak()
    with pytest.raises(WorldError, match=r"larger than 1 MiB|failed"):
        client.read(DEPLOYMENT, timeout=5)
    assert _peak() - before < 50 * 1024  # KiB


def _peak() -> int:
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss


@pytest.mark.fault(66)
@pytest.mark.parametrize("status", ["200 OK", "503 Busy"])
def test_an_answer_that_drips_ends_with_the_timeout(api: KubeApi, client: KubernetesClient, status: str) -> None:
    """Each byte comes in time, and all of them would take for ever."""
    api.fail("GET", raw=answer(b"{", status=status, length=1000), drip=0.05)
    begun = monotonic()
    with pytest.raises(LostAnswer, match="in time"):
        client.read(DEPLOYMENT, timeout=0.3)
    assert monotonic() - begun < 2


@pytest.mark.fault(66)
@pytest.mark.parametrize(
    ("names", "days", "trusted", "said"),
    [
        (("127.0.0.1",), 90, False, "nobody whom we trust has signed"),
        (("127.0.0.1",), -1, True, "has run out"),
        (("other.example.com", "10.0.0.1"), 90, True, "is for another address"),
    ],
)
def test_a_certificate_that_is_not_believed_is_said(
    tmp_path: Path, names: tuple[str, ...], days: float, trusted: bool, said: str
) -> None:
    """Why, and that nothing was sent."""
    authority = Authority(tmp_path)
    with serving(authority.server(*names, days=days)) as api:
        cluster = {"certificate-authority": str(authority.ca_file)} if trusted else {}
        client = kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path, cluster=cluster))}, str)
        with pytest.raises(NotSent, match=said) as raised:
            patch(client)
    assert refused(raised.value)
    assert api.requests == []


def test_a_certificate_for_another_name_can_be_named(tmp_path: Path) -> None:
    """`tls-server-name`, as kubectl takes it: a tunnel to a cluster."""
    authority = Authority(tmp_path)
    with serving(authority.server("kubernetes")) as api:
        deploy(api, "api:1")
        cluster = {"certificate-authority": str(authority.ca_file), "tls-server-name": "kubernetes"}
        client = kubernetes.connect({"kubeconfig": str(api.kubeconfig(tmp_path, cluster=cluster))}, str)
        assert client.read(DEPLOYMENT, timeout=2)


def test_a_proxy_that_is_not_there_is_said(api: KubeApi, tmp_path: Path) -> None:
    """`proxy-url` of the kubeconfig; nothing goes around it."""
    config = api.kubeconfig(tmp_path, cluster={"proxy-url": "http://127.0.0.1:1"})
    with pytest.raises(NotSent, match="refused"):
        patch(kubernetes.connect({"kubeconfig": str(config)}, str))
    assert api.requests == []


def status(message: str, *causes: dict[str, str]) -> bytes:
    return json.dumps({"kind": "Status", "message": message, "details": {"causes": causes}}).encode()


def test_an_invalid_patch_is_told_without_the_object_that_it_was_made_to() -> None:
    """The server quotes it whole, and it may be a Secret."""
    quoted = json.dumps(json.dumps({"kind": "Secret", "data": {"password": "aHVudGVyMiE="}}))
    said = f'invalid: patch: Invalid value: {quoted}: strict decoding error: unknown field "spec.foo"'
    error = of_status(422, status(f' "" is {said}', {"field": "patch", "message": said}), {}, "PATCH /x")
    assert (
        str(error)
        == 'PATCH /x: the API server calls the object invalid: strict decoding error: unknown field "spec.foo"'
    )


def test_fields_that_others_manage_are_named_with_their_managers() -> None:
    """A conflict of a server-side apply, as a 1.36 server says it; nothing was done."""
    causes = [
        {"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".data.x"},
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl" using apps/v1',
            "field": ".spec.replicas",
        },
    ]
    error = of_status(409, status("Apply failed with 2 conflicts", *causes), {}, "PATCH /x")
    assert isinstance(error, ManagerConflict)
    assert error.conflicts == (("helm", ".data.x"), ("kubectl", ".spec.replicas"))
    assert str(error) == "PATCH /x: set by others: helm (.data.x), kubectl (.spec.replicas)"
    assert refused(error)


def test_a_manifest_that_does_not_fit_the_schema_was_not_applied() -> None:
    """The server says 500, and has begun nothing."""
    said = "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .foo: field not declared in schema"
    assert isinstance(of_status(500, status(said), {}, "PATCH /x"), Rejected)


DEEP = b"[" * 100_000


def test_an_answer_that_is_nested_without_end_is_an_answer_that_is_none() -> None:
    """What answers so is no API server, and whether it did anything is not known; nothing of ours gives up on it."""
    said = of_status(403, DEEP, {}, "PATCH /x")
    assert isinstance(said, Unreachable)
    assert not refused(said)
    with pytest.raises(Unreachable, match="no API server"):
        answers.parsed(DEEP, {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, "GET /x")
    assert channels._told(DEEP)[0] is None
    with pytest.raises(WorldError, match="printed no credentials"):
        plugins._read(DEEP, "login")
