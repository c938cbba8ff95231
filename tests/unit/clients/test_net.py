"""Whose fault it is that something cannot be reached."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time

import pytest

from runbook.clients import net
from runbook.errors import Unreachable, WorldError
from support.peers import closed_port

LOOPBACK = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))


def error_of(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), "refused"),
        (ConnectionResetError(), "reset"),
        (BrokenPipeError(), "reset"),
        (TimeoutError(), "timeout"),
        (error_of(errno.ETIMEDOUT), "timeout"),
        (error_of(errno.EHOSTUNREACH), "unreachable"),
        (socket.gaierror(socket.EAI_NONAME, "no"), "dns"),
        (socket.gaierror(socket.EAI_NODATA, "no"), "dns"),
    ],
)
def test_what_the_peer_does_is_no_answer(error: OSError, reason: str) -> None:
    """Refused, reset, late, away and unknown are things that can be said of the peer."""
    found = net.fault(error, "db:5432", net.Deadline(3))
    assert isinstance(found, net.NoAnswer)
    assert isinstance(found, Unreachable)
    assert found.reason == reason
    assert "db:5432" in found.message


@pytest.mark.parametrize(
    "error",
    [
        error_of(errno.ENETUNREACH),
        error_of(errno.EMFILE),
        error_of(errno.EADDRNOTAVAIL),
        error_of(errno.EPERM),
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution"),
    ],
)
def test_what_is_wrong_here_says_nothing_about_the_peer(error: OSError) -> None:
    """No route, no descriptors, no resolver: the question could not even be asked."""
    found = net.fault(error, "db:5432", net.Deadline(3))
    assert isinstance(found, net.LocalFault)
    assert not isinstance(found, Unreachable)


def test_every_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose first address refuses is reached at its second."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        first, second = ("127.0.0.2", port), ("127.0.0.1", port)
        infos = [(*LOOPBACK[:4], first), (*LOOPBACK[:4], second)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: infos)
        with net.connect("both.example", port, net.Deadline(5)) as sock:
            assert sock.getpeername() == second


def test_an_address_without_a_route_does_not_hide_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv6 that is not set up here says nothing; that IPv4 refused is the answer."""
    port = closed_port()
    infos = [(*LOOPBACK[:4], ("127.0.0.1", port)), (socket.AF_UNIX, 1, 0, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: infos)

    def dial(family: int, address: tuple[str, int], seconds: float) -> socket.socket:
        raise error_of(errno.ENETUNREACH) if family == socket.AF_UNIX else ConnectionRefusedError()

    monkeypatch.setattr(net, "_dial", dial)
    with pytest.raises(net.NoAnswer, match="refused"):
        net.connect("both.example", port, net.Deadline(5))


def test_a_resolver_that_hangs_does_not_hold_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """getaddrinfo has no timeout; the deadline holds all the same, and the fault is ours."""
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: release.wait(10))
    start = time.monotonic()
    with pytest.raises(net.LocalFault, match=r"the resolver did not answer for slow\.example"):
        net.connect("slow.example", 80, net.Deadline(0.2))
    assert time.monotonic() - start < 2
    release.set()


def test_a_deadline_that_has_passed_is_late_at_once() -> None:
    """Nothing is asked, and the resolver is not blamed."""
    with pytest.raises(net.NoAnswer) as late:
        net.connect("127.0.0.1", 80, net.Deadline(0))
    assert (late.value.reason, late.value.sent) == ("timeout", False)


@pytest.mark.parametrize("name", ["a..localhost", "x" * 64 + ".localhost"])
def test_what_cannot_be_a_name_does_not_exist(name: str) -> None:
    """An empty or overlong label is no name, not a crash."""
    with pytest.raises(net.NoAnswer) as unknown:
        net.lookup(name, net.Deadline(5))
    assert unknown.value.reason == "dns"


def test_certificates_that_cannot_be_read_are_our_fault(tmp_path: object) -> None:
    """A wrong `ca_file` says nothing about the server."""
    with pytest.raises(net.LocalFault, match=r"no-such\.pem"):
        net.trust(f"{tmp_path}/no-such.pem")
    assert issubclass(net.LocalFault, WorldError)
