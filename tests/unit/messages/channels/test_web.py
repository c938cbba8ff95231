from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.certificates import Authority
from support.channels import Sender, cachet, slack, statuspage, webhook
from support.services import Cachet, Service, Slack, Statuspage

KINDS: dict[str, tuple[type[Service], Callable[..., Sender]]] = {
    "slack": (Slack, slack),
    "statuspage": (Statuspage, statuspage),
    "cachet": (Cachet, cachet),
    "webhook": (Service, webhook),
}


@contextmanager
def served(kind: str, tmp_path: Path, *faults: tuple[Any, ...], **settings: Any) -> Iterator[tuple[Service, Sender]]:
    server, sender = KINDS[kind]
    with server().running() as running:
        running.faults.extend(faults)
        yield running, sender(tmp_path, running, **settings)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "again", "doubt"),
    [
        (("status", 500), True, True),
        (("status", 502), True, True),
        (("status", 429, {"retry-after": "1"}), True, False),
        (("status", 503, {"retry-after": "1"}), True, False),
        (("status", 400), False, False),
        (("status", 401), False, False),
        (("status", 302, {"location": "/elsewhere"}), False, False),
        (("reset",), True, True),
        (("done, then reset",), True, True),
    ],
)
def test_what_a_failure_means_for_its_message(
    tmp_path: Path, kind: str, fault: tuple[Any, ...], again: bool, doubt: bool
) -> None:
    """Whether it may have got out, and whether another attempt may help, on every channel over HTTP alike."""
    with served(kind, tmp_path, fault) as (server, send):
        sent = send.tell()
        assert (sent.status, sent.again, sent.doubt) == ("failed", again, doubt)
        assert len(server.got) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_hang_ends_with_its_time_and_leaves_it_open(tmp_path: Path, kind: str) -> None:
    """The request was read; what became of it nobody knows."""
    with served(kind, tmp_path, ("hang",), timeout="1500ms") as (_, send):
        sent = send.tell()
        assert (sent.status, sent.again, sent.doubt) == ("failed", True, True)
        assert sent.error is not None and "did not answer within" in sent.error.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_down_got_nothing(tmp_path: Path, kind: str) -> None:
    """A refused connection is no doubt."""
    with served(kind, tmp_path) as (_, send):
        pass
    sent = send.tell()
    assert (sent.status, sent.again, sent.doubt) == ("failed", True, False)


@pytest.mark.parametrize("kind", ["slack", "statuspage", "cachet"])
@pytest.mark.parametrize("text", [b"<html>log in</html>", b"[1, 2", b'"ok"', b"", b"[" * 100_000])
def test_an_answer_that_is_not_the_services_leaves_it_open(tmp_path: Path, kind: str, text: bytes) -> None:
    """A proxy's login page says 200 too."""
    with served(kind, tmp_path, ("text", text)) as (_, send):
        sent = send.tell()
        assert (sent.status, sent.doubt) == ("failed", True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_that_is_not_believed_is_not_tried_again(tmp_path: Path, kind: str) -> None:
    """Nothing was sent, and nothing will be until somebody looks; with the right `ca_file` it is believed."""
    authority = Authority(tmp_path)
    server, sender = KINDS[kind]
    with server(authority.server("127.0.0.1")).running() as running:
        sent = sender(tmp_path, running).tell()
        assert (sent.status, sent.again, sent.doubt) == ("failed", False, False)
        assert sent.error is not None and "certificate" in sent.error.message
        assert sender(tmp_path, running, ca_file=str(authority.ca_file)).tell().status == "sent"
