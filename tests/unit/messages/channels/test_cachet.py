from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.messages import channels
from support.channels import cachet, outgoing
from support.services import Cachet


@pytest.fixture
def server() -> Iterator[Cachet]:
    with Cachet().running() as running:
        yield running


def test_the_first_message_makes_a_visible_incident(tmp_path: Path, server: Cachet) -> None:
    """Cachet hides incidents and mails nobody unless it is told to; only the first is wanted."""
    sent = cachet(tmp_path, server).tell("Payments fail", status="identified")
    assert sent.remote == {"id": "1"}
    made = server.incidents["1"]
    assert (made["name"], made["status"], made["visible"], made["notifications"]) == ("Payments fail", 2, True, False)


def test_what_follows_is_an_update_of_the_same_incident(tmp_path: Path, server: Cachet) -> None:
    """An update must say a status; one that changes none says what is there."""
    send = cachet(tmp_path, server)
    first = send.tell("Payments fail", status="identified").remote
    send.tell("Still looking", before=first)
    send.tell("Payments work again", before=first, status="resolved")
    assert [one["status"] for one in server.updates["1"]] == [2, 4]
    assert server.updates["1"][0]["message"].startswith("Still looking\n")


def test_components_are_set_by_number(tmp_path: Path, server: Cachet) -> None:
    """4 is a major outage."""
    cachet(tmp_path, server, components={"checkout": 3}).tell("down", affected=("checkout",), level="major")
    assert server.incidents["1"]["components"] == [{"id": 3, "status": 4}]


def test_a_look_tells_whether_this_message_got_out(tmp_path: Path, server: Cachet) -> None:
    """New incidents by `meta`, updates by a comment in their text; a server without the filter gives them all."""
    send = cachet(tmp_path, server)
    server.faults += [("done, then reset",), (), ("done, then reset",)]
    assert send.tell(key="INC-1:m1").doubt
    first = channels.found(send.channel, outgoing(key="INC-1:m1"), send.means)
    assert first is not None and first.remote == {"id": "1"}
    update = outgoing(key="INC-1:m2", before=first.remote, status="resolved")
    assert channels.attempt(send.channel, update, send.means).doubt
    assert channels.found(send.channel, update, send.means) is not None
    assert channels.found(send.channel, outgoing(key="INC-1:m3", before=first.remote), send.means) is None


def test_a_token_that_is_not_taken_is_said_so(tmp_path: Path, server: Cachet) -> None:
    """With what to look at."""
    server.token = "another"
    send = cachet(tmp_path, server)
    send.secrets["TOKEN"] = "old"
    sent = send.tell()
    assert (sent.status, sent.again) == ("failed", False)
    assert sent.error is not None and "Unauthenticated" in sent.error.message and "token" in sent.error.message


def test_doctor_asks_for_the_version(tmp_path: Path, server: Cachet) -> None:
    """Nothing is made."""
    assert cachet(tmp_path, server).check() == "Cachet 3.0.0 answers; nobody is mailed"
    assert server.paths() == ["GET /api/version"]
