"""One request: planned in full, sent once, and what its answer says."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from runbook.clients import http
from runbook.core.canonical import canonical
from runbook.core.changes import CannotTell, Change, DidApply
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import ParameterError
from runbook.kinds import http_change, http_request
from runbook.testing.world import FakeWorld
from support.peers import Script, closed_port, peer, response, says

URL = "https://lb.invalid/api/drains/web-1"


def world(tmp_path: Path, connection: Any = None, **more: Any) -> FakeWorld:
    clients = {"http": connection} if connection else {}
    return FakeWorld(tmp_path, clients=clients, environ={"TOKEN": "Bearer k"}, **{"timeout": 5.0} | more)


def planned(tmp_path: Path, connection: Any = None, **inputs: Any) -> Change:
    change = http_request.plan({"method": "PUT", "url": URL} | inputs, world(tmp_path, connection))
    assert isinstance(change, Change)
    return change


def test_a_body_that_cannot_be_sent_is_no_plan(tmp_path: Path) -> None:
    """After somebody's yes it would be a doubt, although nothing was sent; in JSON it is sent as it was received."""
    with pytest.raises(ParameterError, match=r"'body' has U\+D800"):
        planned(tmp_path, body="x\ud800")
    outcome, bodies = sent(tmp_path, response(200), json={"x": "\ud800"})
    assert (outcome.applied, bodies[0].rpartition(b"\r\n\r\n")[2]) == (Applied.YES, b'{"x": "\\ud800"}')


def sent(tmp_path: Path, script: Script | bytes, **inputs: Any) -> tuple[Any, list[bytes]]:
    with peer(script) as server:
        change = planned(tmp_path, **{"url": f"{server.url}/x"} | inputs)
        outcome = http_request.apply(change, world(tmp_path, intent="01j-intent", timeout=0.5))
    return outcome, server.requests


def test_the_plan_says_exactly_what_will_be_sent(tmp_path: Path) -> None:
    """Target, request, effect and undo; nothing was sent."""
    change = planned(tmp_path, json={"reason": "x"}, undo={"method": "DELETE", "url": URL}, effect="destructive")
    assert (change.target.connection, change.target.name) == ("https://lb.invalid", "/api/drains/web-1")
    assert change.request == {"method": "PUT", "url": URL, "headers": {}, "json": {"reason": "x"}}
    assert (change.effect, change.undo and change.undo.summary) == (Effect.DESTRUCTIVE, f"DELETE {URL}")
    assert change.irreversible is None


def test_without_undo_a_request_is_irreversible(tmp_path: Path) -> None:
    """And says so."""
    change = planned(tmp_path)
    assert (change.undo, change.effect) == (None, Effect.CHANGE)
    assert change.irreversible


def test_a_plan_shows_no_secret_and_notices_when_it_changes(tmp_path: Path) -> None:
    """A secret stands as what `conceal` gives; another value is another digest."""
    inputs = {"method": "PUT", "url": URL, "headers": {"Authorization": {"env": "TOKEN"}}}
    changes = [
        http_request.plan(inputs, FakeWorld(tmp_path, environ={"TOKEN": token})) for token in ("k-1", "k-1", "k-2")
    ]
    assert "k-1" not in repr(changes[0])
    first, again, other = (change.digest for change in changes if isinstance(change, Change))
    assert first == again != other


def test_a_relative_url_is_whole_in_the_plan(tmp_path: Path) -> None:
    """What is approved names the server; the connection's own credentials are the configuration's."""
    connection = http.connect({"url": "https://lb.invalid/v1", "token": {"env": "TOKEN"}}, world(tmp_path).secret)
    change = planned(tmp_path, connection, url="drains")
    assert (change.request["url"], change.request["headers"]) == ("https://lb.invalid/v1/drains", {})


def test_a_plan_reads_with_the_credentials_for_reading(tmp_path: Path) -> None:
    """Those that change are taken for the request itself, after the gate."""
    with peer(says(response(404), response(201))) as server:
        settings = {"url": server.url, "token": {"env": "TOKEN"}, "read": {"token": "reader"}}
        connection = http.connect(settings, world(tmp_path).secret)
        change = planned(tmp_path, connection, url="x", confirm={"url": "x", "status": 200})
        assert http_request.apply(change, world(tmp_path, connection)).applied is Applied.YES
    assert b"authorization: bearer reader\r\n" in server.requests[0].lower()
    assert b"authorization: bearer bearer k\r\n" in server.requests[1].lower()


def test_the_undo_has_the_step_s_headers_at_the_same_host_only(tmp_path: Path) -> None:
    """A token does not go to another host because the undo does."""
    headers = {"Authorization": {"env": "TOKEN"}}
    near = planned(tmp_path, headers=headers, undo={"method": "DELETE", "url": URL})
    far = planned(tmp_path, headers=headers, undo={"method": "DELETE", "url": "https://other.invalid/"})
    assert near.undo and list(near.undo.request["headers"]) == ["authorization"]
    assert far.undo and far.undo.request["headers"] == {}


def test_a_key_of_the_steps_own_is_not_that_of_its_undo(tmp_path: Path) -> None:
    """A server that has seen the key answers as it did then: what was to be taken back would seem to be, and stand."""
    headers = {"Idempotency-Key": "ticket-7", "X-Team": "a"}
    change = planned(tmp_path, headers=headers, undo={"method": "DELETE", "url": URL})
    assert change.request["headers"] == {"idempotency-key": "ticket-7", "x-team": "a"}
    assert change.undo and change.undo.request["headers"] == {"x-team": "a"}


def test_a_request_is_sent_once_with_its_key(tmp_path: Path) -> None:
    """The intent is the idempotency key, and the body is what was planned."""
    outcome, requests = sent(tmp_path, response(201, b"made"), json={"a": "ü"}, headers={"X-A": {"env": "TOKEN"}})
    assert (outcome.applied, outcome.error, outcome.output["status"]) == (Applied.YES, None, 201)
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /x HTTP/1.1\r\n")
    for line in (b"idempotency-key: 01j-intent", b"content-type: application/json", b"x-a: bearer k"):
        assert line in head.lower()
    assert (json.loads(body), len(requests)) == ({"a": "ü"}, 1)


def test_numbers_are_shown_as_they_are_sent(tmp_path: Path) -> None:
    """The journal gives a whole float back as an integer, and the request is made of what it gives back."""
    change = planned(tmp_path, headers={"X-Rate": 1.0}, json={"rate": 1.0, "f": 0.5})
    stored = msgspec.structs.replace(change, inputs=json.loads(canonical(change.inputs)))
    assert "X-Rate: 1.0" in change.diff
    assert '"rate": 1\n' in change.diff
    assert http_change.body(stored.inputs) == http_change.body(change.inputs)
    assert stored.inputs["headers"] == {"X-Rate": "1.0"}


def test_a_key_of_the_steps_own_is_sent_as_it_was_shown(tmp_path: Path) -> None:
    """What stood at the gate is what goes out, also where we would have said something else."""
    _, requests = sent(tmp_path, response(200), headers={"Idempotency-Key": "ticket-7", "Content-Type": "a/b"}, json=1)
    head = requests[0].partition(b"\r\n\r\n")[0].lower()
    assert b"idempotency-key: ticket-7" in head
    assert b"content-type: a/b" in head
    assert b"01j-intent" not in head


def closes(conn: socket.socket, request: bytes) -> None:
    """Read the request, then hang up."""


def hangs(conn: socket.socket, request: bytes) -> None:
    conn.recv(1)


@pytest.mark.parametrize(
    ("script", "applied"),
    [
        *[(response(status), Applied.YES) for status in (200, 202, 204)],
        *[(response(status), Applied.NO) for status in (307, 308, 400, 403, 404, 408, 409, 425, 429)],
        *[(response(status, location="/login"), Applied.UNKNOWN) for status in (301, 302, 303)],
        *[(response(status), Applied.UNKNOWN) for status in (500, 501, 502, 503, 504)],
        (closes, Applied.UNKNOWN),
        (hangs, Applied.UNKNOWN),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", Applied.UNKNOWN),
    ],
    ids=lambda value: value[9:12].decode() if isinstance(value, bytes) else getattr(value, "__name__", str(value)),
)
def test_what_an_answer_says_about_the_change(script: Script | bytes, applied: Applied, tmp_path: Path) -> None:
    """Only a refusal is a no, only what was expected is a yes, and nothing is sent twice."""
    outcome, requests = sent(tmp_path, script)
    assert outcome.applied is applied
    assert (outcome.error is None) == (applied is Applied.YES)
    assert len(requests) == 1


def test_the_author_may_say_what_success_is(tmp_path: Path) -> None:
    """409 can mean that it was there already; a 200 that was not expected is a doubt."""
    assert sent(tmp_path, response(409), expect_status=[201, 409])[0].applied is Applied.YES
    assert sent(tmp_path, response(200), expect_status=[202])[0].applied is Applied.UNKNOWN


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1:{closed}/", {}),
        ("http://lb.invalid/", {}),
        ("http://169.254.169.254/", {}),
        ("http://127.0.0.1:{closed}/", {"Authorization": {"env": "GONE"}}),
    ],
    ids=["refused", "no such host", "metadata", "secret gone since the plan"],
)
def test_what_was_never_sent_was_not_applied(url: str, headers: dict[str, Any], tmp_path: Path) -> None:
    """No byte left, so there is nothing to doubt."""
    inputs = {"method": "POST", "url": url.format(closed=closed_port()), "headers": headers}
    change = http_request.rehearse(inputs, {})
    outcome = http_request.apply(change, world(tmp_path, intent="i"))
    assert outcome.applied is Applied.NO
    assert outcome.error is not None


def doubt(tmp_path: Path, before: int, after: int) -> Any:
    with peer(says(response(before), response(after))) as server:
        confirm = {"url": f"{server.url}/x", "status": 200}
        change = planned(tmp_path, url=f"{server.url}/x", confirm=confirm)
        return http_request.confirm(change, world(tmp_path)), change


@pytest.mark.fault(81)
def test_a_doubt_is_settled_by_what_was_not_there_before(tmp_path: Path) -> None:
    """404 before and 200 after: the change is there."""
    found, _ = doubt(tmp_path, 404, 200)
    assert isinstance(found, DidApply)
    assert found.outcome.applied is Applied.YES


def test_what_was_there_before_proves_nothing(tmp_path: Path) -> None:
    """A URL that always answers 200 is a bad witness, and the plan warns of it."""
    found, change = doubt(tmp_path, 200, 200)
    assert isinstance(found, CannotTell)
    assert "answers 200 already" in change.warnings[0]


def test_absence_proves_nothing(tmp_path: Path) -> None:
    """A request that is still on its way may be carried out later."""
    found, _ = doubt(tmp_path, 404, 404)
    assert isinstance(found, CannotTell)
    assert "may still be carried out" in found.reason


def test_without_confirm_a_person_must_look(tmp_path: Path) -> None:
    """Nothing is guessed."""
    assert isinstance(http_request.confirm(planned(tmp_path), world(tmp_path)), CannotTell)


def test_the_digest_is_of_the_request_and_not_of_what_confirm_said(tmp_path: Path) -> None:
    """The world behind `confirm` may move between plan and apply without voiding an approval."""
    with peer(says(response(404), response(500))) as server:
        inputs = {"url": f"{server.url}/x", "confirm": {"url": f"{server.url}/x", "status": 200}}
        assert planned(tmp_path, **inputs).digest == planned(tmp_path, **inputs).digest


def test_a_read_is_a_probe(tmp_path: Path) -> None:
    """GET with `effect: read` asks like http.get, and `expect_status` says what is well."""
    with peer(response(404)) as server:
        inputs = {"effect": "read", "method": "GET", "url": server.url, "expect_status": [404]}
        seen = http_request.observe(inputs, world(tmp_path))
    assert set(seen.output) == http_request.SPEC.output_names
    assert (seen.output["expected"], seen.verdict) == (True, None)
    silent = http_request.observe(inputs | {"url": f"http://127.0.0.1:{closed_port()}"}, world(tmp_path))
    assert silent.verdict is Verdict.FAIL


def test_a_post_is_no_read(tmp_path: Path) -> None:
    """Whatever it claims."""
    with pytest.raises(ParameterError, match="a POST request is no read"):
        http_request.observe({"effect": "read", "method": "POST", "url": URL}, world(tmp_path))


def test_a_rehearsal_opens_nothing_and_resolves_no_secret() -> None:
    """The change is drawn from the inputs alone, a relative URL too."""
    change = http_request.rehearse({"method": "POST", "url": "/drain", "headers": {"A": {"env": "GONE"}}}, {})
    assert change.request["url"] == "https://connection.invalid/drain"
    assert change.request["headers"] == {"a": {"env": "GONE"}}


def test_a_header_that_cannot_be_sent_is_found_when_planning(tmp_path: Path) -> None:
    """Not at the gate, and not after it."""
    with pytest.raises(ParameterError, match="line breaks"):
        planned(tmp_path, headers={"X-A": "a\r\nX-Admin: yes"})


def test_by_hand_is_the_curl_line() -> None:
    """Method, body and URL, quoted for the shell."""
    line = http_request.by_hand({"method": "POST", "url": URL, "json": {"reason": "it's"}})
    assert line.startswith("curl --silent --show-error --include --request POST --json ")
    assert line.endswith(URL)


@pytest.mark.parametrize(
    ("inputs", "fits"),
    [
        ({"method": "POST", "json": {}}, True),
        ({"method": "GET", "effect": "read"}, True),
        ({"method": "POST", "effect": "read"}, False),
        ({"method": "POST", "json": {}, "body": "x"}, False),
        ({"method": "POST", "headers": {"A": {"evn": "B"}}}, False),
        ({"method": "POST", "undo": {"method": "DELETE"}}, False),
        ({"method": "POST", "confirm": {"url": "/x"}}, False),
    ],
    ids=["change", "read", "read by POST", "two bodies", "misspelled secret", "undo nowhere", "confirm by nothing"],
)
def test_what_cannot_be_meant_does_not_fit_the_schema(inputs: dict[str, Any], fits: bool) -> None:
    """Found in the pull request, not at night."""
    assert jsonschema.Draft202012Validator(http_request.SPEC.inputs).is_valid({"url": URL} | inputs) is fits
