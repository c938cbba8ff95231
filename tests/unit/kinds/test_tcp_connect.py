"""Whether a port accepts."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from runbook.clients import net
from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.errors import ParameterError, WorldError
from runbook.kinds import tcp_connect
from runbook.testing.world import FakeWorld
from support.peers import closed_port


def observe(tmp_path: Path, host: object, port: object, timeout: float = 5) -> Observation:
    seen = tcp_connect.observe({"host": host, "port": port}, FakeWorld(tmp_path, timeout=timeout))
    assert set(seen.output) == tcp_connect.SPEC.output_names
    return seen


def test_a_port_that_accepts_is_reachable(tmp_path: Path) -> None:
    """The address that accepted is told; `expect` judges."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        seen = observe(tmp_path, "localhost", port)
    assert (seen.output["reachable"], seen.output["address"], seen.verdict) == (True, f"127.0.0.1:{port}", None)


def test_a_port_that_refuses_is_the_answer_fail(tmp_path: Path) -> None:
    """Refused is an answer, not an error."""
    port = closed_port()
    seen = observe(tmp_path, "127.0.0.1", port)
    assert (seen.verdict, seen.output["reachable"]) == (Verdict.FAIL, False)
    assert seen.output["error"] == f"127.0.0.1:{port} refused the connection"


def test_a_name_that_does_not_exist_is_the_answer_fail(tmp_path: Path) -> None:
    """NXDOMAIN is an answer too."""
    seen = observe(tmp_path, "db.invalid", 5432)
    assert (seen.verdict, seen.output["error"]) == (Verdict.FAIL, "no such host: db.invalid")


def test_a_full_backlog_is_late(tmp_path: Path) -> None:
    """A listener that never accepts, behind a full queue, does not answer in time."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        seen = observe(tmp_path, "127.0.0.1", listener.getsockname()[1], timeout=0.3)
    assert seen.verdict is Verdict.FAIL
    assert "did not answer within 0.3s" in seen.output["error"]


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EMFILE])
def test_what_is_wrong_here_is_no_answer(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No route and no descriptors say nothing about the peer."""

    def dial(*_: object) -> socket.socket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(net, "_dial", dial)
    with pytest.raises(net.LocalFault, match="cannot ask 127"):
        observe(tmp_path, "127.0.0.1", 5432)


def test_metadata_addresses_are_refused(tmp_path: Path) -> None:
    """A probe is no way around what steps may reach."""
    with pytest.raises(WorldError, match="link-local"):
        observe(tmp_path, "169.254.169.254", 80)


@pytest.mark.parametrize(
    ("host", "port"), [("db", "5432"), ("db", True), ("db", 0), ("db", 65536), ("", 1), ("a b", 1), (None, 1)]
)
def test_inputs_that_a_template_spoilt_are_refused(host: object, port: object, tmp_path: Path) -> None:
    """What the schema could not see before rendering."""
    with pytest.raises(ParameterError):
        observe(tmp_path, host, port)


def test_an_ipv6_address_may_stand_in_brackets(tmp_path: Path) -> None:
    """As in a URL."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        assert observe(tmp_path, "[::1]", port).output["address"] == f"[::1]:{port}"
