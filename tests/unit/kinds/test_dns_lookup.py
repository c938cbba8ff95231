"""Whether a name has addresses."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import net
from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.errors import ParameterError
from runbook.kinds import dns_lookup
from runbook.testing.world import FakeWorld


def observe(tmp_path: Path, **inputs: Any) -> Observation:
    seen = dns_lookup.observe(inputs, FakeWorld(tmp_path, timeout=5))
    assert set(seen.output) == dns_lookup.SPEC.output_names
    return seen


def test_a_name_is_found_with_its_addresses(tmp_path: Path) -> None:
    """Each address once."""
    seen = observe(tmp_path, name="localhost", type="A")
    assert seen.output == {"found": True, "addresses": ["127.0.0.1"], "error": None}
    assert seen.verdict is None


def test_a_name_that_does_not_exist_is_the_answer_fail(tmp_path: Path) -> None:
    """NXDOMAIN is an answer."""
    seen = observe(tmp_path, name="api.invalid")
    assert (seen.verdict, seen.output["found"], seen.output["addresses"]) == (Verdict.FAIL, False, [])
    assert seen.output["error"] == "no such host: api.invalid"


def test_only_the_family_that_was_asked_for_is_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A and AAAA are different questions."""
    asked = []

    def answer(host: str, port: int, family: int, kind: int) -> list[Any]:
        asked.append(family)
        return [(family, kind, 6, "", ("2001:db8::1", 0, 0, 0))] * 2

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert observe(tmp_path, name="api.example", type="AAAA").output["addresses"] == ["2001:db8::1"]
    assert asked == [socket.AF_INET6]


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_FAIL])
def test_a_resolver_that_is_away_is_no_answer(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known about the name then."""

    def away(*_: object) -> None:
        raise socket.gaierror(code, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    with pytest.raises(net.LocalFault, match="the resolver could not say"):
        observe(tmp_path, name="api.example")


@pytest.mark.parametrize("inputs", [{"name": ""}, {"name": 7}, {"name": "a", "type": "MX"}])
def test_inputs_that_a_template_spoilt_are_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    """What the schema could not see before rendering."""
    with pytest.raises(ParameterError):
        observe(tmp_path, **inputs)
