"""The guards of the test run themselves."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

import pytest

from support import kube_summary


def test_a_test_that_reaches_beyond_loopback_fails_with_the_address():
    """The message names what was tried, and code that catches `Exception` does not swallow it."""
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1:443"):
        client.connect(("192.0.2.1", 443))
    assert not issubclass(pytest.fail.Exception, Exception)


def test_datagrams_beyond_loopback_are_refused_too():
    """UDP needs no connect, so `sendto` is guarded as well."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
        pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1:53"),
    ):
        client.sendto(b"x", ("192.0.2.1", 53))


def test_loopback_is_reached():
    """A real server on loopback is what integration tests are made of."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_unix_sockets_are_reached(tmp_path):
    """Only the network is refused."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        client.connect(path)
        assert client.getpeername() == path


def test_names_of_the_world_are_not_looked_up():
    """A look-up leaves the machine before any socket of ours does."""
    with pytest.raises(pytest.fail.Exception, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


def test_a_name_under_invalid_does_not_exist():
    """RFC 6761 reserves it, so that the answer is the same on every machine."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("db.invalid", 5432)


def test_home_is_not_the_persons_own():
    """What a person configured on their machine changes no test, and no test leaves anything there."""
    assert Path.home() != Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert os.environ["XDG_STATE_HOME"].startswith(str(Path.home()))


def test_the_environment_names_no_cluster_and_no_proxy():
    """Only `RUNBOOK_TEST_KUBECONFIG` says which cluster tests may use."""
    left = {name for name in os.environ if name.startswith("RUNBOOK_") or name.upper().endswith("_PROXY")}
    assert left <= {"RUNBOOK_TEST_KUBECONFIG"}
    assert "KUBECONFIG" not in os.environ


ENDED = {
    "passed": ["tests/kubernetes/test_x.py::test_a[scripted]", "tests/unit/kinds/test_kubernetes_scale.py::test_b"],
    "skipped": ["tests/kubernetes/test_x.py::test_a[real]", "tests/unit/cli/test_plan.py::test_c"],
}


def test_the_summary_says_what_ran_on_which_cluster():
    """A skipped half of a suite shows."""
    none = "a real cluster (RUNBOOK_TEST_KUBECONFIG names none)"
    expected = [f"Kubernetes: 2 passed on the scripted API server; 1 skipped on {none}"]
    assert kube_summary.lines(ENDED, "") == expected
    passed = {"passed": ["tests/kubernetes/test_x.py::test_a[real]"]}
    assert kube_summary.lines(passed, "/a") == [
        "Kubernetes: none ran on the scripted API server; 1 passed on the cluster of /a"
    ]
    assert kube_summary.lines({"passed": ["tests/unit/cli/test_plan.py::test_c"]}, "") == []
