"""The connection that a command is run over: made as any other, watched, and closed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from runbook.clients import kubernetes
from runbook.clients.kubernetes import KubernetesClient, channels
from runbook.clients.kubernetes.channels import Ended
from runbook.clients.kubernetes.errors import LostAnswer, NotSent, refused
from support.certificates import Authority
from support.kube_api import KubeApi, serving
from support.kube_exec import Running

POD = "/api/v1/namespaces/shop/pods/api-1"


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as made:
        made.put(POD, {})
        yield made


def client(api: KubeApi, folder: Path, **cluster: Any) -> KubernetesClient:
    return kubernetes.connect({"kubeconfig": str(api.kubeconfig(folder, cluster=cluster)), "timeout": "1s"}, str)


def run(client: KubernetesClient, timeout: float = 5, cancelled: Callable[[], bool] = lambda: False) -> Ended:
    return client.execute(POD, ["date"], "api", timeout=timeout, cancelled=cancelled)


def test_tls_is_that_of_every_other_request(tmp_path: Path) -> None:
    """The cluster's own authority, and the name that the kubeconfig gives it."""
    authority = Authority(tmp_path)
    with serving(authority.server("kubernetes")) as api:
        api.put(POD, {})
        known = {"certificate-authority": str(authority.ca_file), "tls-server-name": "kubernetes"}
        assert run(client(api, tmp_path, **known)).exit_code == 0


@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_that_is_not_believed_is_told_nothing(tmp_path: Path, trusted: bool) -> None:
    """Neither credentials nor the command."""
    authority = Authority(tmp_path)
    with serving(authority.server("other.example.com" if trusted else "127.0.0.1")) as api:
        known = {"certificate-authority": str(authority.ca_file)} if trusted else {}
        with pytest.raises(NotSent) as raised:
            run(client(api, tmp_path, **known))
        assert refused(raised.value)
        assert (api.requests, api.started) == ([], [])


def test_nobody_at_the_address_was_sent_nothing(tmp_path: Path, api: KubeApi) -> None:
    """Refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent):
        run(client(api, tmp_path, server=f"http://127.0.0.1:{port}"))


def test_a_server_that_does_not_answer_the_upgrade_is_a_doubt(tmp_path: Path, api: KubeApi) -> None:
    """Within the connection's time; it may have started it."""
    api.fail("EXEC", delay=1.5)
    with pytest.raises(LostAnswer) as raised:
        run(client(api, tmp_path))
    assert not refused(raised.value)


def test_an_answer_that_drips_does_not_hold_us(tmp_path: Path, api: KubeApi) -> None:
    """Byte by byte, each within the time of one read."""
    api.fail("EXEC", raw=b"HTTP/1.1 101 ", drip=0.05)
    begun = monotonic()
    with pytest.raises(LostAnswer):
        run(client(api, tmp_path))
    assert monotonic() - begun < 3


@pytest.mark.parametrize("calls_off", [True, False])
def test_a_message_that_drips_does_not_hold_us(tmp_path: Path, api: KubeApi, calls_off: bool) -> None:
    """It promises a gigabyte; the step's time, and the end of its run, count all the same."""
    begun = threading.Event()

    def container(run: Running) -> None:
        run._socket.sendall(b"\x82\x7f" + (2**30).to_bytes(8, "big"))
        begun.set()
        while True:
            run._socket.sendall(b"\x01")
            sleep(0.02)

    api.container = container
    ended = run(client(api, tmp_path), timeout=20 if calls_off else 0.6, cancelled=lambda: calls_off and begun.is_set())
    assert ended.why == ("cancelled" if calls_off else "timed_out")
    assert ended.duration < 5


def test_a_proxy_of_the_environment_is_asked_as_for_every_other_request(
    tmp_path: Path, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None that the kubeconfig does not name: `websocket` alone would look for one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert run(client(api, tmp_path)).exit_code == 0


def test_a_silent_command_keeps_its_connection_alive(
    tmp_path: Path, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Balancers forget connections on which nothing is said."""
    monkeypatch.setattr(channels, "_PING", 0.1)

    def container(run: Running) -> None:
        while not run.pings:
            assert run._in.read(1)[0] & 15 == 9
            run.pings += 1
        run.exits(0)

    api.container = container
    assert run(client(api, tmp_path)).exit_code == 0


def test_after_its_status_a_connection_need_not_be_closed_by_the_server(
    tmp_path: Path, api: KubeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exit code is known; nobody waits for more."""
    monkeypatch.setattr(channels, "_AFTER", 0.1)

    def container(run: Running) -> None:
        run._send(2, b'\x03{"metadata":{},"status":"Success"}')
        run.message()

    api.container = container
    ended = run(client(api, tmp_path))
    assert (ended.exit_code, ended.why) == (0, None)
    assert ended.duration < 3


def test_what_is_no_message_of_a_channel_is_passed_over(tmp_path: Path, api: KubeApi) -> None:
    """Channels of their own of newer servers, closes of channels, empty messages."""

    def container(run: Running) -> None:
        for message in (b"", b"\xff\x01", b"\x07new", b"\x01out"):
            run._send(2, message)
        run.exits(0)

    api.container = container
    ended = run(client(api, tmp_path))
    assert (ended.exit_code, ended.stdout) == (0, b"out")


def test_a_connection_is_closed_whatever_came_of_it(tmp_path: Path, api: KubeApi) -> None:
    """A socket that is left open is a warning, and warnings are errors here."""
    for container in (lambda run: run.cut(), lambda run: run.closes(), lambda run: run.exits(1)):
        api.container = container
        run(client(api, tmp_path))
    assert run(client(api, tmp_path), cancelled=lambda: True).why == "cancelled"
