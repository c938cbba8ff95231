from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.channels import Sender


class Receiver(ThreadingHTTPServer):
    """Keeps every request, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_message_is_posted_as_json(tmp_path: Path, receiver: Receiver) -> None:
    """Text for people, and what a receiver needs to file it and to drop a second copy."""
    assert Sender(tmp_path, "webhook", url=receiver.url)("Checkout \x1bis down", "01k9:k").status == "sent"
    [(path, headers, body)] = receiver.got
    assert path == "/hook"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "text": "Checkout is down",
        "run": "01k9",
        "runbook": "high-api-error-rate",
        "key": "01k9:k",
        "repeated": False,
    }


def test_a_repeated_message_keeps_its_key_and_says_so(tmp_path: Path, receiver: Receiver) -> None:
    """Machines see the flag and the same key, people the first line."""
    send = Sender(tmp_path, "webhook", url=receiver.url)
    send("Checkout is down")
    send("Checkout is down", repeated=True)
    first, second = (json.loads(body) for _, _, body in receiver.got)
    assert first["key"] == second["key"]
    assert second["repeated"] is True
    assert second["text"].startswith("(repeated")


def test_address_and_headers_may_be_references_to_secrets(tmp_path: Path, receiver: Receiver) -> None:
    """The configuration names them, the value is resolved when the message is sent."""
    send = Sender(tmp_path, "webhook", url={"env": "HOOK"}, headers={"Authorization": {"env": "TOKEN"}, "X-A": "b"})
    send.secrets = {"HOOK": receiver.url, "TOKEN": "Bearer abcdef"}
    assert send("hello").status == "sent"
    [(_, headers, _)] = receiver.got
    assert (headers["authorization"], headers["x-a"]) == ("Bearer abcdef", "b")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_answer_but_success_is_a_failure_and_is_asked_once(tmp_path: Path, receiver: Receiver, status: int) -> None:
    """No retry, and no redirect that would carry the headers to somebody else."""
    receiver.status = status
    sent = Sender(tmp_path, "webhook", url=receiver.url)("hello")
    assert sent.status == "failed"
    assert sent.error is not None
    assert f"status {status}" in sent.error.message
    assert len(receiver.got) == 1


@pytest.mark.fault(50)
def test_a_receiver_that_is_away_is_a_failure(tmp_path: Path, receiver: Receiver) -> None:
    """A refused connection comes back as a result."""
    receiver.shutdown()
    receiver.server_close()
    sent = Sender(tmp_path, "webhook", url=receiver.url, timeout="2s")("hello")
    assert (sent.status, sent.error and sent.error.code) == ("failed", "unreachable")


def test_an_address_that_is_none_is_a_failure(tmp_path: Path) -> None:
    """A typo in the configuration costs the message, not the run."""
    sent = Sender(tmp_path, "webhook", url="hooks.example.com")("hello")
    assert sent.status == "failed"
    assert sent.error is not None
    assert "not an http or https URL" in sent.error.message
