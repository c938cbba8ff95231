from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.messages import channels
from support.channels import outgoing, statuspage
from support.services import Statuspage


@pytest.fixture
def server() -> Iterator[Statuspage]:
    with Statuspage().running() as running:
        yield running


def test_the_first_message_makes_an_incident(tmp_path: Path, server: Statuspage) -> None:
    """Its name is the message's first line, its body the text."""
    sent = statuspage(tmp_path, server).tell("# Payments fail\n\nWe are looking into it.")
    assert sent.remote == {"id": "i1", "url": "https://stspg.io/i1"}
    assert server.incidents["i1"]["name"] == "Payments fail"
    assert server.incidents["i1"]["status"] == "investigating"
    assert server.got[0].headers["authorization"] == "OAuth sp-token"


def test_what_follows_updates_the_same_incident(tmp_path: Path, server: Statuspage) -> None:
    """One incident there for one here; a message that says no status leaves it."""
    send = statuspage(tmp_path, server)
    first = send.tell("Payments fail").remote
    send.tell("Still looking", before=first)
    send.tell("Payments work again", before=first, status="resolved")
    assert list(server.incidents) == ["i1"]
    assert server.incidents["i1"]["incident_updates"] == ["Payments fail", "Still looking", "Payments work again"]
    assert server.incidents["i1"]["status"] == "resolved"
    assert "status" not in server.got[1].body["incident"]


def test_nobody_is_mailed_unless_the_channel_says_so(tmp_path: Path, server: Statuspage) -> None:
    """The service would mail all subscribers by itself; so it is always told."""
    statuspage(tmp_path, server).tell()
    assert server.mailed == 0
    statuspage(tmp_path, server, notify_subscribers=True).tell()
    assert server.mailed == 1


def test_components_are_set_by_what_is_affected(tmp_path: Path, server: Statuspage) -> None:
    """Names that the channel does not map are left alone."""
    send = statuspage(tmp_path, server, components={"checkout": "c1", "search": "c2"})
    send.tell("down", affected=("checkout", "cellar"), level="major")
    assert server.incidents["i1"]["components"] == {"c1": "major_outage"}
    assert server.incidents["i1"]["component_ids"] == ["c1"]


def test_a_look_tells_whether_this_message_got_out(tmp_path: Path, server: Statuspage) -> None:
    """The incident carries the key of the message that touched it last."""
    send = statuspage(tmp_path, server)
    server.faults.append(("done, then reset",))
    assert send.tell(key="INC-1:m1").doubt
    there = channels.found(send.channel, outgoing(key="INC-1:m1"), send.means)
    assert there is not None and there.remote == {"id": "i1", "url": "https://stspg.io/i1"}
    assert channels.found(send.channel, outgoing(key="INC-1:m2"), send.means) is None


@pytest.mark.parametrize("status", [420, 429])
def test_too_many_requests_are_made_later(tmp_path: Path, server: Statuspage, status: int) -> None:
    """420 is what it answered before it answered 429."""
    server.faults.append(("status", status, {"retry-after": "60"}))
    sent = statuspage(tmp_path, server).tell()
    assert (sent.again, sent.doubt, sent.after) == (True, False, 60.0)


def test_what_it_refuses_is_said_in_its_words(tmp_path: Path, server: Statuspage) -> None:
    """422 with a list of what is wrong."""
    server.faults.append(("status", 422, {}, {"error": ["components are unknown"]}))
    sent = statuspage(tmp_path, server).tell()
    assert (sent.status, sent.again) == ("failed", False)
    assert sent.error is not None and "components are unknown" in sent.error.message


def test_doctor_reads_the_page_and_makes_nothing(tmp_path: Path, server: Statuspage) -> None:
    """GET of the page, with the token."""
    assert statuspage(tmp_path, server).check() == "the page 'Shop' lets us in; nobody is mailed"
    assert server.paths() == ["GET /v1/pages/p1"]
