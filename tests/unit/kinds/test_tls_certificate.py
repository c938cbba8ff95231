"""Whether a certificate is believed, and for how long."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.errors import ParameterError, WorldError
from runbook.kinds import tls_certificate
from runbook.testing.world import FakeWorld
from support.certificates import Authority, tls_server
from support.peers import closed_port, peer


def observe(tmp_path: Path, port: object, **inputs: Any) -> Observation:
    seen = tls_certificate.observe({"host": "127.0.0.1", "port": port} | inputs, FakeWorld(tmp_path, timeout=5))
    assert set(seen.output) == tls_certificate.SPEC.output_names
    return seen


def test_a_certificate_that_is_believed_is_valid(tmp_path: Path) -> None:
    """With who signed it, for whom, and how long it lasts."""
    with tls_server(Authority(tmp_path).server("127.0.0.1", "api.example", days=30)) as port:
        seen = observe(tmp_path, port, ca_file="ca.pem")
    assert (seen.output["valid"], seen.output["error"], seen.verdict) == (True, None, None)
    assert 29.9 < seen.output["days_left"] <= 30
    assert (seen.output["issuer"], seen.output["subject"]) == ("CN=Test CA", "CN=127.0.0.1")
    assert seen.output["names"] == ["api.example", "127.0.0.1"]


@pytest.mark.parametrize(
    ("names", "days", "inputs", "why"),
    [
        (("127.0.0.1",), -3, {"ca_file": "ca.pem"}, "certificate has expired"),
        (("127.0.0.1",), 30, {}, "unable to get local issuer certificate"),
        (("api.example",), 30, {"ca_file": "ca.pem"}, "IP address mismatch"),
        (("127.0.0.1",), 30, {"ca_file": "ca.pem", "server_name": "www.example"}, "Hostname mismatch"),
    ],
    ids=["expired", "unknown issuer", "other address", "other name"],
)
def test_a_certificate_that_is_not_believed_is_shown_with_why(
    names: tuple[str, ...], days: float, inputs: dict[str, str], why: str, tmp_path: Path
) -> None:
    """The answer is `fail`, and its fields are there all the same."""
    with tls_server(Authority(tmp_path).server(*names, days=days)) as port:
        seen = observe(tmp_path, port, **inputs)
    assert (seen.verdict, seen.output["valid"]) == (Verdict.FAIL, False)
    assert why in seen.output["error"]
    assert days - 0.1 < seen.output["days_left"] <= days
    assert seen.output["subject"] == f"CN={names[0]}"


def test_what_does_not_speak_tls_is_the_answer_fail(tmp_path: Path) -> None:
    """A plain server on the port."""
    with peer(b"HTTP/1.1 400 Bad Request\r\n\r\n", reading=False) as server:
        seen = observe(tmp_path, server.port)
    assert (seen.verdict, seen.output["valid"], seen.output["not_after"]) == (Verdict.FAIL, False, None)


def test_a_port_that_refuses_is_the_answer_fail(tmp_path: Path) -> None:
    """No certificate, and why."""
    seen = observe(tmp_path, closed_port())
    assert seen.verdict is Verdict.FAIL
    assert "refused the connection" in seen.output["error"]


def test_a_server_that_never_shakes_hands_is_late(tmp_path: Path) -> None:
    """The deadline holds for the handshake."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        inputs = {"host": "127.0.0.1", "port": silent.getsockname()[1]}
        seen = tls_certificate.observe(inputs, FakeWorld(tmp_path, timeout=0.3))
    assert "did not answer within 0.3s" in seen.output["error"]


def test_a_missing_ca_file_is_our_fault(tmp_path: Path) -> None:
    """Nothing was found out about the server."""
    with pytest.raises(WorldError, match="cannot read the certificates"):
        observe(tmp_path, closed_port(), ca_file="none.pem")


@pytest.mark.parametrize("inputs", [{"port": "443"}, {"server_name": 5}, {"ca_file": 5}])
def test_inputs_that_a_template_spoilt_are_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    """What the schema could not see before rendering."""
    with pytest.raises(ParameterError):
        observe(tmp_path, **({"port": 443} | inputs))
