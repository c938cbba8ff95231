"""RB172: a connection to whoever answers."""

from __future__ import annotations

import pytest

from support.contents import read, script
from support.rulings import findings, said

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["curl", "-k", "https://a.internal"],
        ["curl", "-sk", "https://a.internal"],
        ["sudo", "curl", "--insecure", "https://a.internal"],
        ["wget", "--no-check-certificate", "https://a.internal"],
        ["ssh", "-o", "StrictHostKeyChecking=no", "a.internal", "uptime"],
        ["scp", "-oUserKnownHostsFile=/dev/null", "a", "b:"],
        ["kubectl", "--insecure-skip-tls-verify", "get", "pods"],
        ["kubectl", "--insecure-skip-tls-verify=true", "get", "pods"],
    ],
)
def test_what_looks_away_is_found(argv):
    """By the option that says so."""
    assert len(said("RB172", read(*argv))) == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["curl", "-s", "--cacert", "ca.pem", "https://a.internal/-k"],
        ["curl", "--keepalive-time", "5", "https://a.internal"],
        ["ssh", "-o", "StrictHostKeyChecking=accept-new", "a.internal", "uptime"],
        ["kubectl", "--insecure-skip-tls-verify=false", "get", "pods"],
        ["df", "-k"],
        ["sort", "-k", "2"],
    ],
)
def test_others_are_left_alone(argv):
    """`-k` means something else elsewhere."""
    assert said("RB172", read(*argv)) == []


def test_scripts_and_connections_are_looked_at():
    """Those of an environment too."""
    assert len(said("RB172", script("curl -ks https://a.internal | jq .\n"))) == 1
    connections = "connections: {prometheus: {url: https://a.internal, verify: false}}"
    environments = "environments: {prod: {connections: {shop: {http: {url: https://a.internal, verify: false}}}}}"
    found = findings("RB172", files={"runbook.yaml": f"{CONFIG}{connections}\n{environments}\n"})
    assert [one.message.split("'")[1] for one in found] == ["prometheus", "shop"]
    assert said("RB172", files={"runbook.yaml": f"{CONFIG}{connections.replace('false', 'true')}\n"}) == []
