"""What a URL answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import http
from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.errors import ParameterError, WorldError
from runbook.kinds import http_get
from runbook.testing.world import FakeWorld
from support.certificates import Authority, tls_server
from support.peers import closed_port, peer, response


def observe(tmp_path: Path, url: object, connection: Any = None, **inputs: Any) -> Observation:
    clients = {"http": connection} if connection else {}
    world = FakeWorld(tmp_path, clients=clients, environ={"TOKEN": "Bearer k"}, timeout=5)
    seen = http_get.observe({"url": url} | inputs, world)
    assert set(seen.output) == http_get.SPEC.output_names
    return seen


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_any_status_is_an_answer(status: int, tmp_path: Path) -> None:
    """`expect` judges it; a 200 with an error in its body can be told by its body."""
    with peer(response(status, b"well", content_type="text/plain")) as server:
        seen = observe(tmp_path, server.url)
    assert (seen.output["status"], seen.output["body"], seen.output["json"]) == (status, "well", None)
    assert (seen.verdict, seen.output["error"]) == (None, None)


def test_silence_is_the_answer_fail(tmp_path: Path) -> None:
    """A server that refuses is not reached, which is what was asked."""
    url = f"http://127.0.0.1:{closed_port()}/"
    seen = observe(tmp_path, url)
    assert (seen.verdict, seen.output["status"], seen.output["url"]) == (Verdict.FAIL, None, url)
    assert "refused the connection" in seen.output["error"]


@pytest.mark.fault(81)
def test_a_certificate_that_is_not_believed_is_the_answer_fail(tmp_path: Path) -> None:
    """Self-signed is not healthy; a connection with a `ca_file` believes its own."""
    with tls_server(Authority(tmp_path).server("127.0.0.1"), response(200, b"ok")) as port:
        url = f"https://127.0.0.1:{port}/"
        stranger = observe(tmp_path, url)
        ours = http.connect({"url": url, "ca_file": str(tmp_path / "ca.pem")}, str)
        friend = observe(tmp_path, "/", ours)
    assert stranger.verdict is Verdict.FAIL
    assert "certificate is not valid" in stranger.output["error"]
    assert (friend.output["status"], friend.output["url"]) == (200, url)


def test_json_is_parsed(tmp_path: Path) -> None:
    """By its media type, with a suffix too."""
    with peer(response(200, b'{"ready": true}', content_type="application/health+json")) as server:
        assert observe(tmp_path, server.url).output["json"] == {"ready": True}


@pytest.mark.parametrize(
    "body",
    [b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": ', b"\xff", b"[" * 100_000],
    ids=["NaN", "double", "half", "bytes", "deep"],
)
def test_what_is_no_json_is_null_and_said(body: bytes, tmp_path: Path) -> None:
    """A parser that is kinder than the RFC reads what the server did not write."""
    with peer(response(200, body, content_type="application/json")) as server:
        seen = observe(tmp_path, server.url)
    assert (seen.output["status"], seen.output["json"]) == (200, None)
    assert seen.warnings[-1].startswith("the body says that it is JSON and is not")


def test_a_long_body_is_cut_and_said(tmp_path: Path) -> None:
    """Only 64 Ki characters are kept; JSON is parsed from the whole."""
    body = json.dumps(["x" * 70_000]).encode()
    with peer(response(200, body, content_type="application/json")) as server:
        seen = observe(tmp_path, server.url)
    assert (len(seen.output["body"]), len(seen.output["json"][0])) == (65536, 70_000)
    assert seen.warnings == ("the body is longer than 64 Ki characters; the rest is not kept",)


def test_cookies_are_not_recorded(tmp_path: Path) -> None:
    """They are credentials of whoever was answered."""
    with peer(response(200, b"", Set_Cookie="session=k", X_Version="7")) as server:
        headers = observe(tmp_path, server.url).output["headers"]
    assert headers["x-version"] == "7"
    assert "set-cookie" not in headers


def test_secrets_in_headers_are_resolved_and_told_to_the_masker(tmp_path: Path) -> None:
    """A reference goes out as its value; a number that a template made goes out as text."""
    world = FakeWorld(tmp_path, environ={"TOKEN": "Bearer k"}, timeout=5)
    with peer(response()) as server:
        http_get.observe({"url": server.url, "headers": {"Authorization": {"env": "TOKEN"}, "X-N": 10}}, world)
    assert b"authorization: bearer k\r\n" in server.requests[0].lower()
    assert b"x-n: 10\r\n" in server.requests[0].lower()
    assert world.told == ["Bearer k"]


def test_a_redirect_is_followed_on_request_only(tmp_path: Path) -> None:
    """The URL that answered is told."""
    with peer(response(302, location="/login")) as server:
        assert observe(tmp_path, server.url).output["headers"]["location"] == "/login"
        seen = observe(tmp_path, server.url, follow_redirects=True)
    assert (seen.verdict, "redirects more than 5 times" in seen.output["error"]) == (Verdict.FAIL, True)


def test_metadata_is_refused_and_not_judged(tmp_path: Path) -> None:
    """That we may not ask says nothing about who would have answered."""
    with pytest.raises(WorldError, match="link-local"):
        observe(tmp_path, "http://169.254.169.254/latest/")


@pytest.mark.parametrize("inputs", [{"url": 5}, {"url": "/health"}, {"url": "http://a/", "headers": "X: y"}])
def test_inputs_that_a_template_spoilt_are_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    """What the schema could not see before rendering."""
    with pytest.raises(ParameterError):
        observe(tmp_path, **inputs)


def test_by_hand_shows_where_a_secret_comes_from() -> None:
    """The line works in the shell that has the secret, and does not contain it."""
    headers = {"Authorization": {"env": "TOKEN"}, "X-Key": {"file": "my key"}, "X-A": "it's"}
    line = http_get.by_hand({"url": "https://api.example/health?a=1&b=2", "headers": headers})
    assert '"Authorization: $TOKEN"' in line
    assert "\"X-Key: $(cat 'my key')\"" in line
    assert line.endswith("'https://api.example/health?a=1&b=2'")
