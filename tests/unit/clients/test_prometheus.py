"""What is asked of Prometheus, and what is not taken for an answer. Real servers: tests/integration."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from runbook.clients import net, prometheus
from runbook.clients.prometheus import api as promapi
from runbook.errors import Forbidden, ParameterError, Unreachable, UsageError, WorldError
from support.peers import Peer, closed_port, peer, response, says

EMPTY = {"resultType": "vector", "result": []}


def answer(data: Any = EMPTY, code: int = 200, **envelope: Any) -> bytes:
    body = {"status": "success", "data": data} | envelope
    return response(code, json.dumps(body).encode(), content_type="application/json")


def refusal(status: int, kind: str, error: str) -> bytes:
    return answer(None, status, status="error", errorType=kind, error=error)


def client(server: Peer, **settings: Any) -> prometheus.PrometheusClient:
    return prometheus.connect({"url": server.url, "timeout": "5s"} | settings, lambda _: "Bearer k")


def form(request: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.split(b"\r\n\r\n")[1].decode()).items()}


def test_a_query_is_posted_with_its_moment_and_the_server_s_limit() -> None:
    """A long query fits into a body, and the server gives up a little before we do."""
    with peer(answer()) as server:
        client(server).query("up" * 20_000, at=1767225600, timeout=2)
    assert server.requests[0].startswith(b"POST /api/v1/query HTTP/1.1\r\n")
    assert form(server.requests[0]) == {"query": "up" * 20_000, "time": "1767225600.000", "timeout": "1.800"}


def test_the_headers_of_the_connection_go_along() -> None:
    """Secret references are resolved once, when the connection is made."""
    with peer(answer()) as server:
        client(server, headers={"Authorization": {"env": "TOKEN"}, "X-Scope-OrgID": "team"}).query("up")
    assert b"authorization: Bearer k" in server.requests[0]
    assert b"x-scope-orgid: team" in server.requests[0]


def test_a_vector_is_told_with_labels_and_moment() -> None:
    """Numbers come as text; the order is the server's."""
    data = {
        "resultType": "vector",
        "result": [
            {"metric": {"path": "/b"}, "value": [10.5, "3"]},
            {"metric": {"path": "/a"}, "value": [10.5, "NaN"]},
        ],
    }
    with peer(answer(data, infos=["metric might not be a counter"])) as server:
        found = client(server).query("topk(2, x)")
    assert [(one.labels["path"], one.value, one.text, one.at) for one in found.series] == [
        ("/b", 3.0, "3", 10.5),
        ("/a", None, "NaN", 10.5),
    ]
    assert (found.infos, found.warnings) == (("metric might not be a counter",), ())


@pytest.mark.fault(78)
def test_warnings_are_seen() -> None:
    """The envelope around a result is kept, and infos that older servers put among the warnings are told apart."""
    said = ["store 10.0.0.7 is away", "PromQL info: metric might not be a counter"]
    with peer(answer(warnings=said)) as server:
        found = client(server).query("up")
    assert (found.warnings, found.infos) == (("store 10.0.0.7 is away",), (said[1],))


@pytest.mark.fault(77)
def test_a_native_histogram_has_no_value() -> None:
    """A sample without a number is told as what it is."""
    data = {"resultType": "vector", "result": [{"metric": {}, "histogram": [10, {"count": "3", "sum": "4"}]}]}
    with peer(answer(data)) as server:
        found = client(server).query("h")
    assert (found.series[0].value, found.series[0].text) == (None, "a native histogram")


@pytest.mark.fault(80)
@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        (refusal(400, "bad_data", '1:7: parse error: unclosed "("'), WorldError, "1:7: parse error"),
        (refusal(422, "execution", "many-to-many matching"), WorldError, "cannot answer this query: many-to-many"),
        (refusal(503, "timeout", "query timed out"), Unreachable, "503: query timed out"),
        (refusal(422, "canceled", "context canceled"), Unreachable, "context canceled"),
        (response(429, b"slow down"), Unreachable, "answered 429"),
        (response(502, b"<h1>Bad</h1>", content_type="text/html"), Unreachable, "502: a proxy in between"),
        (response(401, b"who?"), Forbidden, "answered 401; check the headers"),
        (response(403), Forbidden, "answered 403"),
        (response(200, b"<html>", content_type="text/html"), WorldError, "not a Prometheus answer .* text/html"),
        (response(200, answer()[:-9].split(b"\r\n\r\n")[1]), WorldError, "no JSON or half of it"),
        (response(200, '{"status":"success"}'.encode("utf-16")), WorldError, "no JSON or half of it"),
        (response(200, b"[1]"), WorldError, "not a Prometheus answer"),
        (response(200, b"[" * 100_000), WorldError, "not a Prometheus answer"),
        (response(302, location="https://sso.invalid/login"), WorldError, "a redirect to https://sso.invalid"),
        (response(404, b"404 page not found"), WorldError, "status 404"),
        (answer({"resultType": "vector"}), WorldError, "another shape"),
        (answer({"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}), WorldError, "another shape"),
        (answer(None), WorldError, "another shape"),
        (b"", Unreachable, "did not answer in proper HTTP"),
    ],
)
def test_what_is_no_answer_is_never_an_empty_result(said: bytes, error: type[WorldError], message: str) -> None:
    """Each way of not answering is an error that says which it was, and is asked once."""
    with peer(said) as server:
        with pytest.raises(error, match=message) as raised:
            client(server).query("up")
        assert len(server.requests) == 1
    assert type(raised.value) is error or isinstance(raised.value, net.NoAnswer)


@pytest.mark.fault(78)
def test_an_error_with_data_is_an_error() -> None:
    """Data beside `status: error` is not looked at."""
    data = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}]}
    said = answer(data, 200, status="error", errorType="internal", error="half of it failed")
    with peer(said) as server, pytest.raises(WorldError, match="half of it failed"):
        client(server).query("up")


def test_a_prometheus_that_is_down_says_so_at_once() -> None:
    """No retries hide behind the client."""
    down = prometheus.connect({"url": f"http://127.0.0.1:{closed_port()}"}, str)
    for ask in (lambda: down.query("up"), down.alerts, lambda: down.range("up", 60), lambda: down.check(5)):
        with pytest.raises(Unreachable, match="refused the connection"):
            ask()


def test_an_answer_that_is_too_large_asks_for_aggregation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated answer is not read as far as it goes."""
    monkeypatch.setattr(promapi, "CAP", 100)
    with peer(answer(warnings=["x" * 200])) as server, pytest.raises(WorldError, match="aggregate in PromQL"):
        client(server).query("up")


def test_a_range_ends_at_the_server_s_own_now() -> None:
    """Our clock plays no part, and the step is chosen."""
    now = answer({"resultType": "scalar", "result": [1767225600.7, "1767225600.7"]})
    line = {"metric": {"a": "b"}, "values": [[1767225540, "1"], [1767225555, "+Inf"]]}
    with peer(says(now, answer({"resultType": "matrix", "result": [line]}))) as server:
        found = client(server).range("up", 60)
    sent = form(server.requests[1])
    assert (sent["start"], sent["end"], sent["step"]) == ("1767225540", "1767225600", "15")
    assert found.series[0].points == ((1767225540.0, 1.0), (1767225555.0, None))


@pytest.mark.parametrize(("seconds", "step"), [(60, "15"), (86_400, "87"), (30 * 86_400, "2592")])
def test_the_chosen_step_gives_at_most_a_thousand_points(seconds: float, step: str) -> None:
    """Never finer than a scrape, never more than a page can show."""
    with peer(answer({"resultType": "matrix", "result": []})) as server:
        client(server).range("up", seconds, end=1767225600)
    assert form(server.requests[0])["step"] == step


def test_more_points_than_prometheus_gives_are_not_asked_for() -> None:
    """The message says which step would do."""
    nowhere = prometheus.connect({"url": "http://prometheus.invalid"}, str)
    with pytest.raises(ParameterError, match="a step of 8s or more"):
        nowhere.range("up", 86_400, step=1)


@pytest.mark.parametrize("settings", [{}, {"url": "prometheus:9090"}, {"url": "http://u:p@prometheus:9090"}])
def test_a_connection_that_cannot_be_meant_is_refused(settings: dict[str, Any]) -> None:
    """No URL, a URL without a scheme, and a URL with a password in it."""
    with pytest.raises(UsageError):
        prometheus.connect(settings, str)


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    "ask",
    [lambda c: c.query("up"), lambda c: c.alerts(), lambda c: c.check(5)],
    ids=["query", "alerts", "check"],
)
def test_credentials_do_not_follow_a_redirect(ask: Callable[[Any], Any]) -> None:
    """A login page elsewhere never sees the token."""
    with peer(answer()) as elsewhere, peer(response(307, location=elsewhere.url)) as server:
        with pytest.raises(WorldError, match="redirect"):
            ask(client(server, headers={"Authorization": "Bearer k"}))
        assert elsewhere.requests == []
