"""RB141: a credential written out in a document."""

from __future__ import annotations

import json

import pytest

from support.contents import parameters, read, step
from support.rulings import said

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("AKIA" + "IOSFODNN7ABCDEFG", "an AWS access key"),
        ("ghp_" + "a1" * 18, "a GitHub token"),
        ("glpat-" + "a1" * 10, "a GitLab token"),
        ("xoxb-" + "1234567890-abc", "a Slack token"),
        ("https://hooks.slack.com/services/T0ABCDEF1/B0ABCDEF1/" + "a1" * 12, "a Slack webhook"),
        ("sk_live_" + "a1" * 12, "a Stripe key"),
        ("-----BEGIN OPENSSH PRIVATE " + "KEY-----", "a private key"),
        ("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJl", "a JSON Web Token"),
    ],
)
def test_a_key_is_known_by_its_shape_wherever_it_stands(text, what):
    """In an argument, and in words for people."""
    assert said("RB141", read("tool", text)) == [f"{what} stands in the document"]
    assert said("RB141", f"about: {json.dumps('Use ' + text)}\n", read("tool")) == [f"{what} stands in the document"]


@pytest.mark.parametrize("text", ["AKIA is how they begin", "ghp_short", "eyJ.is.none", "xoxb-", "sk_live_", "glpat-x"])
def test_a_beginning_alone_is_no_key(text):
    """Nor is a word about keys."""
    assert said("RB141", read("tool", text)) == []


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("http.get", {"url": "https://a.internal", "headers": {"Authorization": "Bearer 8f14e45f"}}),
        ("http.get", {"url": "https://a.internal", "headers": {"X-Api-Key": "8f14e45f"}}),
        ("http.get", {"url": "https://ada:tr0ub4dor@a.internal"}),
        ("http.get", {"url": "https://a.internal/?access_token=8f14e45f"}),
        ("http.get", {"url": "https://a.internal/?q={{ params.key }}"}),
        ("command.run", {"argv": ["tool"], "effect": "read", "env": {"DB_PASSWORD": "tr0ub4dor"}}),
        ("shell.run", {"script": "tool", "effect": "read", "values": {"API_KEY": "8f14e45f"}}),
    ],
)
def test_a_credential_written_into_a_step_is_found(uses, inputs):
    """By the name that it has there."""
    assert len(said("RB141", parameters(key={"type": "string", "secret": True}), step(uses, inputs))) == 1


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("http.get", {"url": "https://a.internal", "headers": {"Authorization": {"env": "AUTHORIZATION"}}}),
        ("http.get", {"url": "https://a.internal", "headers": {"Authorization": "Bearer {{ params.key }}"}}),
        ("http.get", {"url": "https://a.internal", "headers": {"X-Token-Type": "plain", "Accept": "text/plain"}}),
        ("http.get", {"url": "https://ada@a.internal/?page=2&tokens=5"}),
        ("command.run", {"argv": ["tool"], "effect": "read", "env": {"PASSWORD_FILE": "a", "TOKEN": "/run/token"}}),
        ("command.run", {"argv": ["tool"], "effect": "read", "env": {"TOKEN": {"env": "TOKEN"}}}),
        ("shell.run", {"script": "tool", "effect": "read", "values": {"TOKEN": "{{ params.key }}"}}),
    ],
)
def test_references_and_names_are_no_credentials(uses, inputs):
    """Nor is a secret parameter where it is kept to itself."""
    assert said("RB141", parameters(key={"type": "string", "secret": True}), step(uses, inputs)) == []


def test_the_configuration_is_looked_at_too():
    """And so is a scenario."""
    channels = "channels: {chat: {webhook: {url: https://hooks.slack.com/services/T0ABCDEF1/B0ABCDEF1/"
    assert len(said("RB141", files={"runbook.yaml": f"{CONFIG}{channels}{'a1' * 12}}}}}}}\n"})) == 1
