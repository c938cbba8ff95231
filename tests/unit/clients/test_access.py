"""How settings become headers and trust."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.clients import http, net
from runbook.clients.http import access
from runbook.errors import ParameterError, UsageError
from support.certificates import Authority, tls_server
from support.peers import response

SECRETS = {"TOKEN": "t-1", "READER": "t-2", "PASSWORD": "pa:ss", "BROKEN": "a\nb"}


def secret(reference: Any) -> str:
    return reference if isinstance(reference, str) else SECRETS[reference["env"]]


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, None),
        ({"token": {"env": "TOKEN"}}, "Bearer t-1"),
        ({"username": "ada", "password": {"env": "PASSWORD"}}, "Basic YWRhOnBhOnNz"),
        ({"headers": {"Authorization": {"env": "TOKEN"}}}, "t-1"),
        ({"token": {"env": "TOKEN"}, "read": {"token": {"env": "READER"}}}, "Bearer t-2"),
    ],
    ids=["none", "token", "basic", "header", "read"],
)
def test_each_way_to_authenticate_is_one_header(settings: dict[str, Any], sent: str | None) -> None:
    """Those for reading are taken where there are any."""
    assert access.headers(settings, secret).get("authorization") == sent


def test_a_change_takes_the_credentials_that_change() -> None:
    """Only then are they resolved."""
    settings = {"token": {"env": "TOKEN"}, "read": {"token": {"env": "READER"}}}
    assert access.headers(settings, secret, changing=True) == {"authorization": "Bearer t-1"}


def test_two_ways_at_once_are_refused() -> None:
    """Which one would be meant?"""
    with pytest.raises(UsageError, match="more than one way"):
        access.headers({"token": "t", "headers": {"authorization": "u"}}, secret)


def test_a_token_with_a_line_break_is_refused_unseen() -> None:
    """It would end the header, and it is not shown."""
    with pytest.raises(ParameterError) as refused:
        access.headers({"token": {"env": "BROKEN"}}, secret)
    assert "a\nb" not in str(refused.value)


def test_certificates_are_checked_unless_the_connection_says_otherwise(tmp_path: Any) -> None:
    """`ca_file` is the better answer; `verify: false` is one."""
    with tls_server(Authority(tmp_path).server("127.0.0.1"), response(200)) as port:
        url = f"https://127.0.0.1:{port}"
        with pytest.raises(net.NoAnswer, match="not valid"):
            http.connect({"url": url}, secret).check(5)
        for settings in ({"ca_file": str(tmp_path / "ca.pem")}, {"verify": False}):
            assert http.connect({"url": url} | settings, secret).check(5).endswith("status 200")


@pytest.mark.parametrize("timeout", ["soon", 5, ""])
def test_a_timeout_is_a_duration(timeout: object) -> None:
    """With a unit."""
    with pytest.raises(UsageError, match="timeout of the connection"):
        access.seconds({"timeout": timeout})
