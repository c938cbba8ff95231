"""Which types of connection there are."""

from __future__ import annotations

import importlib.util

import pytest

from runbook import clients
from runbook.errors import UsageError


def test_a_misspelled_type_is_answered_with_the_nearest() -> None:
    """A type that does not exist names the one that was meant."""
    with pytest.raises(UsageError, match="unknown connection type 'promtheus'; did you mean 'prometheus'"):
        clients.connect("promtheus", {}, str)


def test_an_unknown_type_is_answered_with_all() -> None:
    """Where nothing is near, the message lists what there is."""
    with pytest.raises(UsageError, match="there are alertmanager, http, kubernetes, prometheus"):
        clients.connect("oracle", {}, str)


def test_settings_reach_the_client_with_secrets_resolved() -> None:
    """`connect` opens nothing; the identity is the URL without a trailing slash."""
    asked: list[object] = []

    def secret(reference: object) -> str:
        asked.append(reference)
        return "Bearer k"

    settings = {"url": "http://prometheus.invalid:9090/", "headers": {"Authorization": {"env": "TOKEN"}}}
    client = clients.connect("prometheus", settings, secret)
    assert (client.identity, asked) == ("http://prometheus.invalid:9090", [{"env": "TOKEN"}])


@pytest.mark.parametrize("type_", clients.TYPES)
def test_every_type_has_its_module(type_: str) -> None:
    """What is listed can be imported."""
    assert importlib.util.find_spec(clients.TYPES[type_])
