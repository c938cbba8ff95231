"""Who is taken for an Alertmanager."""

from __future__ import annotations

import pytest

from runbook.clients import alertmanager
from runbook.errors import Forbidden, UsageError, WorldError
from support.peers import peer, response


def test_the_check_names_version_and_place() -> None:
    """The line is what `doctor` shows."""
    status = response(200, b'{"versionInfo": {"version": "0.25.0"}}')
    with peer(status) as server:
        client = alertmanager.connect({"url": f"{server.url}/"}, str)
        assert client.check(5) == f"Alertmanager 0.25.0 at {server.url}"
    assert server.requests[0].startswith(b"GET /api/v2/status ")


@pytest.mark.parametrize(
    ("said", "error"),
    [(response(403), Forbidden), (response(200, b"<html>"), WorldError), (response(200, b"[]"), WorldError)],
    ids=["forbidden", "page", "list"],
)
def test_anything_else_is_not_an_alertmanager(said: bytes, error: type[WorldError]) -> None:
    """A login page or another server does not pass."""
    with peer(said) as server, pytest.raises(error):
        alertmanager.connect({"url": server.url}, str).check(5)


def test_a_connection_needs_a_url() -> None:
    """The message says which."""
    with pytest.raises(UsageError, match="an alertmanager connection needs a url"):
        alertmanager.connect({}, str)
