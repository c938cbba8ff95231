"""What an HTTP exchange may do, and what it says when there is no answer."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from runbook.clients import http, net
from runbook.clients.http import urls
from runbook.errors import ParameterError, UsageError, WorldError
from support.peers import closed_port, peer, response, says

REDIRECTS = [301, 302, 303, 307, 308]


def get(url: str, **options: Any) -> http.Response:
    return http.request("GET", url, **{"timeout": 5.0} | options)


def test_an_answer_is_returned_whatever_its_status() -> None:
    """A 500 is an answer, with its headers in lower case and its body."""
    with peer(response(500, b"broken", X_Reason="disk")) as server:
        answer = get(f"{server.url}/health?deep=1")
    assert (answer.status, answer.text, answer.headers["x-reason"]) == (500, "broken", "disk")
    assert server.requests[0].startswith(b"GET /health?deep=1 HTTP/1.1\r\n")
    assert answer.elapsed < 5


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "undefined", "unicode_escape", "Raw-Unicode-Escape", "hex", "x"]
)
def test_a_charset_that_is_none_is_read_as_utf_8(charset: str) -> None:
    """A hostile server names one that raises, or that takes minutes for a MiB."""
    headers = {"content-type": f"text/plain; charset={charset}"}
    answer = http.Response(
        status=200, headers=headers, body=b"x-" + b"a" * http.MIB, truncated=False, url="", elapsed=0
    )
    assert answer.text == "x-" + "a" * http.MIB


def test_a_charset_of_texts_is_used() -> None:
    """As the server names it."""
    with peer(response(200, "grün".encode("latin-1"), Content_Type="text/plain; charset=ISO-8859-1")) as server:
        assert get(server.url).text == "grün"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://\u0430pi.example.com/x", "https://xn--pi-6kc.example.com"),  # a Cyrillic a
        ("https://API.example.com:443/x", "https://api.example.com"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://10.0.0.1/", "http://10.0.0.1"),
    ],
)
def test_a_server_is_named_as_it_is_asked_for(url: str, named: str) -> None:
    """A host of another alphabet does not pass for one that people know."""
    assert urls.origin(url) == named


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_is_an_answer(status: int) -> None:
    """Nothing is followed unless asked."""
    with peer(response(status, location="/login")) as server:
        assert get(server.url).status == status
        assert len(server.requests) == 1


def test_a_redirect_within_the_origin_is_followed_on_request() -> None:
    """The headers go along, for it is the same server."""

    def script(conn: socket.socket, request: bytes) -> None:
        conn.sendall(response(200, b"here") if b"GET /new" in request else response(302, location="/new"))

    with peer(script) as server:
        assert get(f"{server.url}/old", follow=True, headers={"X-Key": "k"}).text == "here"
    assert b"x-key: k" in server.requests[1].lower()


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    "location", ["http://localhost:{other}/", "http://169.254.169.254/latest", "file:///etc/passwd", "//[", "gopher:x"]
)
def test_no_header_follows_a_redirect_to_a_stranger(location: str) -> None:
    """A redirect that leaves the origin is returned as it is, even when redirects are followed."""
    with peer(response(200, b"stranger")) as other:
        there = location.format(other=other.port)
        with peer(response(302, location=there)) as server:
            answer = get(server.url, follow=True, headers={"Authorization": "Bearer k"})
    assert (answer.status, answer.headers["location"], other.requests) == (302, there, [])


def test_redirects_in_a_circle_end() -> None:
    """A server that redirects to itself is no answer."""
    with peer(response(302, location="/again")) as server, pytest.raises(net.NoAnswer, match="more than 5 times"):
        get(server.url, follow=True)


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]"]
)
def test_link_local_and_metadata_addresses_are_refused(host: str) -> None:
    """However the address is spelled, nothing is connected to."""
    with pytest.raises(WorldError, match="link-local or cloud metadata") as refused:
        get(f"http://{host}/latest/meta-data")
    assert not isinstance(refused.value, net.NoAnswer)


@pytest.mark.fault(81)
def test_a_name_that_resolves_to_metadata_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is judged by what it resolves to, and the connection goes to what was judged."""
    answers = iter([[(socket.AF_INET, 1, 6, "", ("169.254.169.254", 80))], []])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: next(answers))
    with pytest.raises(WorldError, match=r"rebound.example \(169.254.169.254\)"):
        get("http://rebound.example/")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "http://", "host:80", "", "http://a b/"])
def test_only_http_urls_are_asked(url: str) -> None:
    """A URL of another scheme or none is the author's mistake."""
    with pytest.raises(ParameterError):
        get(url)


def test_credentials_in_a_url_are_refused_without_showing_them() -> None:
    """A URL is shown and recorded; a password has no place in it."""
    with pytest.raises(ParameterError) as refused:
        get("http://admin:hunter2@127.0.0.1/")
    assert "hunter2" not in str(refused.value)


@pytest.mark.fault(81)
@pytest.mark.parametrize("value", ["a\r\nX-Admin: yes", "a\nb", "a\0b", "naïve"])
def test_a_header_value_cannot_begin_another_header(value: str) -> None:
    """Line breaks in a value are refused, and the value, which may be secret, is not shown."""
    with pytest.raises(ParameterError) as refused:
        get(f"http://127.0.0.1:{closed_port()}", headers={"X-Key": value})
    assert value not in str(refused.value)


@pytest.mark.parametrize("name", ["X-Key: a", "X Key", "", "Transfer-Encoding", "content-length"])
def test_a_header_name_cannot_change_the_message(name: str) -> None:
    """Names are tokens, and those that frame the message are not to be set."""
    with pytest.raises(ParameterError):
        get(f"http://127.0.0.1:{closed_port()}", headers={name: "1"})


@pytest.mark.fault(81)
def test_a_large_body_is_cut_at_the_cap() -> None:
    """What is beyond the cap is not kept, and the answer says so."""
    with peer(response(200, b"x" * 300_000)) as server:
        answer = get(server.url, cap=1000)
    assert (len(answer.body), answer.truncated) == (1000, True)


@pytest.mark.fault(81)
def test_a_small_gzip_cannot_become_a_large_memory() -> None:
    """The cap counts decoded bytes, while they are decoded."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    with peer(response(200, bomb, content_encoding="gzip")) as server:
        answer = get(server.url, cap=10_000)
    assert (len(answer.body), answer.truncated, len(bomb) < 100_000) == (10_000, True, True)


def test_a_server_that_insists_on_gzip_is_read() -> None:
    """An encoding that was not asked for is decoded where it can be."""
    with peer(response(200, gzip.compress(b"hello"), content_encoding="gzip")) as server:
        assert get(server.url).text == "hello"
    assert b"accept-encoding: identity" in server.requests[0].lower()


def drips_headers(conn: socket.socket, request: bytes) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        conn.sendall(b"X-A: b\r\n")
        time.sleep(0.05)


def drips_body(conn: socket.socket, request: bytes) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(100):
        conn.sendall(b"x")
        time.sleep(0.05)


def hangs_after_headers(conn: socket.socket, request: bytes) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")
    conn.recv(1)


@pytest.mark.fault(81)
@pytest.mark.parametrize("script", [drips_headers, drips_body, hangs_after_headers])
def test_one_deadline_holds_for_the_whole_exchange(script: Callable[..., None]) -> None:
    """A server that sends a byte now and then is late like one that sends nothing."""
    with peer(script) as server:
        start = time.monotonic()
        with pytest.raises(net.NoAnswer, match=r"did not answer within 0.3s") as late:
            get(server.url, timeout=0.3)
        assert time.monotonic() - start < 2
    assert (late.value.reason, late.value.sent) == ("timeout", True)


def test_a_refused_connection_was_not_sent_anything() -> None:
    """Refused means that no byte left."""
    with pytest.raises(net.NoAnswer, match="refused the connection") as refused:
        get(f"http://127.0.0.1:{closed_port()}")
    assert (refused.value.reason, refused.value.sent) == ("refused", False)


@pytest.mark.fault(80)
@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", b"SSH-2.0-OpenSSH_9.2\r\n"],
    ids=["nothing", "half a body", "not HTTP"],
)
def test_what_is_not_proper_http_is_no_answer(answer: bytes) -> None:
    """Half an answer is none, and something was sent."""
    with peer(answer) as server, pytest.raises(net.NoAnswer) as broken:
        get(server.url)
    assert broken.value.sent
    assert broken.value.reason in ("protocol", "reset")


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_body_that_cannot_be_decoded_is_no_answer(encoding: str) -> None:
    """Bytes that are not what the header says are not passed on as text."""
    garbage = response(200, b"garbage", content_encoding=encoding)
    with peer(garbage) as server, pytest.raises(net.NoAnswer, match="proper HTTP"):
        get(server.url)


def test_the_answer_of_a_server_that_stops_reading_is_read() -> None:
    """A 413 that comes before the whole body was sent is an answer, not a broken connection."""
    with peer(says(response(413, b"too large")), reading=False) as server:
        answer = http.request("POST", server.url, timeout=5, body=b"x" * 3_000_000)
    assert answer.status == 413


def test_text_survives_a_wrong_charset() -> None:
    """A charset that does not exist, or does not fit, costs characters and not the answer."""
    with peer(response(200, b"caf\xc3\xa9", content_type="text/plain; charset=klingon")) as server:
        assert get(server.url).text == "café"
    with peer(response(200, b"caf\xe9", content_type="text/plain")) as server:
        assert get(server.url).text == "caf\ufffd"


def test_the_connection_s_headers_go_to_its_origin_only() -> None:
    """Credentials of a connection are not sent to whoever a step names."""
    with peer(response()) as ours, peer(response()) as other:
        client = http.connect(
            {"url": f"{ours.url}/api", "headers": {"Authorization": {"env": "KEY"}}}, lambda _: "Bearer k"
        )
        client.request("GET", "v1/health", timeout=5)
        client.request("GET", other.url, timeout=5)
    assert ours.requests[0].startswith(b"GET /api/v1/health ")
    assert b"bearer k" in ours.requests[0].lower()
    assert b"bearer k" not in other.requests[0].lower()


@pytest.mark.parametrize("settings", [{"headers": {"A": "b"}}, {"timeout": "soon"}, {"timeout": 5}])
def test_a_connection_that_cannot_be_meant_is_refused(settings: dict[str, Any]) -> None:
    """Headers without an origin, and timeouts that are none."""
    with pytest.raises(UsageError):
        http.connect(settings, str)


def test_a_relative_url_needs_a_base() -> None:
    """Without a connection, a URL is whole."""
    with pytest.raises(ParameterError, match="not a whole URL"):
        http.connect({}, str).request("GET", "/health", timeout=1)


def test_the_check_says_who_answers() -> None:
    """Any status will do: it is the server that answers."""
    with peer(response(404)) as server:
        assert http.connect({"url": server.url}, str).check(5) == f"{server.url} answers with status 404"
