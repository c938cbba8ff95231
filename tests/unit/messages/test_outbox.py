from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.messages import outbox as out
from runbook.messages.channels import Sent
from runbook.messages.outbox import Outbox
from support.channels import Sender, outgoing, slack, statuspage, webhook
from support.services import Service, Slack, Statuspage


@pytest.fixture
def server() -> Iterator[Service]:
    with Service().running() as running:
        yield running


def sent_by(send: Sender, limit: float = 5.0, **more: Any) -> Sent:
    """What comes of one message, with pauses of no length."""
    posted = Outbox(send.means, limit=limit, roll=lambda: 0.0).post(send.channel, outgoing(**more))
    found = posted.result(20.0)
    assert found is not None
    return found


def test_what_surely_did_not_get_out_is_tried_again(tmp_path: Path, server: Service) -> None:
    """Twice too busy, then taken: one message there."""
    server.faults += [("status", 429, {"retry-after": "0"}), ("status", 503, {"retry-after": "0"})]
    sent = sent_by(webhook(tmp_path, server))
    assert (sent.status, sent.attempts, len(server.got)) == ("sent", 3, 3)
    assert [one.body["repeated"] for one in server.got] == [False, False, False]


def test_the_team_is_told_again_where_it_may_have_been_told(tmp_path: Path, server: Service) -> None:
    """At least once, with the same key, and marked: they would rather read it twice than not at all."""
    server.faults += [("done, then reset",)]
    sent = sent_by(webhook(tmp_path, server))
    assert (sent.status, sent.attempts) == ("sent", 2)
    assert [one.body["repeated"] for one in server.got] == [False, True]
    assert len({one.body["key"] for one in server.got}) == 1


@pytest.mark.parametrize("fault", [("done, then reset",), ("reset",), ("status", 500), ("hang",)])
def test_customers_are_never_told_twice(tmp_path: Path, server: Service, fault: tuple[Any, ...]) -> None:
    """Where nobody can look, it stays unknown."""
    server.faults.append(fault)
    sent = sent_by(webhook(tmp_path, server, audience=Audience.CUSTOMERS, timeout="1500ms"))
    assert (sent.status, sent.attempts, len(server.got)) == ("unknown", 1, 1)
    assert sent.error is not None


def test_customers_are_told_again_after_a_clear_no(tmp_path: Path, server: Service) -> None:
    """Too many requests: nothing got out."""
    server.faults.append(("status", 429, {"retry-after": "0"}))
    assert sent_by(webhook(tmp_path, server, audience=Audience.CUSTOMERS)).status == "sent"


def test_a_look_at_the_page_settles_a_lost_answer(tmp_path: Path) -> None:
    """The incident is there: it got out, once."""
    with Statuspage().running() as server:
        server.faults.append(("done, then reset",))
        sent = sent_by(statuspage(tmp_path, server))
        assert (sent.status, sent.remote) == ("sent", {"id": "i1", "url": "https://stspg.io/i1"})
        assert len(server.incidents) == 1


def test_what_is_posted_at_once_follows_the_first(tmp_path: Path) -> None:
    """The second is posted before the first has its answer, even where that answer was lost."""
    with Statuspage().running() as server:
        server.faults += [("done, then reset",), ("status", 500)]
        send = statuspage(tmp_path, server)
        outbox = Outbox(send.means)
        posted = [outbox.post(send.channel, outgoing(f"m{n}", f"k{n}")) for n in range(3)]
        statuses = [one.result(20.0) and one.result(20.0).status for one in posted]  # type: ignore[union-attr]
        assert statuses == ["unknown", "sent", "sent"]
        assert server.incidents["i1"]["incident_updates"] == ["m0", "m1", "m2"]


def test_an_answer_that_comes_too_late_is_a_lost_one(tmp_path: Path) -> None:
    """The page did what was asked, and said so when nobody listened any more: a look finds it, and it stays one."""
    with Statuspage().running() as server:
        server.faults.append(("late", 3.0))
        sent = sent_by(statuspage(tmp_path, server, timeout="1500ms"))
        assert (sent.status, sent.attempts, list(server.incidents)) == ("sent", 1, ["i1"])


def test_after_a_crash_customers_are_looked_for_and_not_told(tmp_path: Path) -> None:
    """A message that may be out is only looked for; where it is not there, it stays unknown."""
    with Statuspage().running() as server:
        send = statuspage(tmp_path, server)
        send.tell(key="m1")
        assert sent_by(send, key="m1", repeated=True).status == "sent"
        assert sent_by(send, key="m2", repeated=True) == Sent("unknown", attempts=0)
        assert len(server.incidents) == 1


def test_what_can_never_succeed_is_tried_once(tmp_path: Path, server: Service) -> None:
    """A wrong token stays wrong."""
    server.faults.append(("status", 401))
    sent = sent_by(webhook(tmp_path, server))
    assert (sent.status, sent.attempts, len(server.got)) == ("failed", 1, 1)


def test_trying_again_ends_with_its_time(tmp_path: Path, server: Service) -> None:
    """Nobody waits for a service that asks for an hour."""
    server.faults.append(("status", 429, {"retry-after": "3600"}))
    sent = sent_by(webhook(tmp_path, server))
    assert (sent.status, sent.attempts) == ("failed", 1)
    assert sent.error is not None and "given up after one attempt" in sent.error.message


def test_who_hurries_gets_what_there_is(tmp_path: Path, server: Service) -> None:
    """No further attempt; the last one's error is the answer."""
    server.faults.append(("status", 429, {"retry-after": "4"}))
    send = webhook(tmp_path, server)
    posted = Outbox(send.means, roll=lambda: 0.0).post(send.channel, outgoing())
    posted.given_up.set()
    sent = posted.result(20.0)
    assert sent is not None and sent.status == "failed"
    assert sent.error is not None and "interrupted after one attempt" in sent.error.message


def test_a_channel_keeps_its_order_while_others_go_on(tmp_path: Path, server: Service) -> None:
    """One that hangs holds up what is behind it, and nothing else."""
    server.faults.append(("late", 3.0))
    slow = webhook(tmp_path, server)
    quick = Sender(tmp_path, "console")
    quick.channel = Channel(name="here", type="console")
    outbox = Outbox(slow.means)
    posted = [outbox.post(slow.channel, outgoing(f"m{n}", f"k{n}")) for n in range(3)]
    beside = outbox.post(quick.channel, outgoing("now"))
    assert beside.result(2.5) == Sent("sent")
    assert posted[2].result(0) is None
    assert [one.result(20.0) and one.message.text for one in posted] == ["m0", "m1", "m2"]
    assert [one.body["text"] for one in server.got] == ["m0", "m1", "m2"]


def test_a_channel_is_not_sent_more_than_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack takes about one message a second and channel."""
    monkeypatch.setattr("runbook.messages.channels.slack.PACE", 0.2)
    with Slack().running() as server:
        send = slack(tmp_path, server)
        outbox = Outbox(send.means)
        begun = time.monotonic()
        posted = [outbox.post(send.channel, outgoing(key=f"k{n}")) for n in range(3)]
        assert all(one.result(20.0) is not None for one in posted)
        assert [one.at - begun >= 0.2 * n for n, one in enumerate(server.got)] == [True] * 3


def test_whatever_goes_wrong_somebody_is_told(tmp_path: Path) -> None:
    """A bug of a channel is a result too: a run waits for it."""
    send = Sender(tmp_path, "console")

    def show(_: str) -> None:
        raise ZeroDivisionError

    posted = Outbox(send.means.__class__(project=tmp_path, secret=str, console=show)).post(send.channel, outgoing())
    sent = posted.result(20.0)
    assert sent is not None and sent.error is not None and sent.error.code == "bug"


def test_no_thread_is_left_when_all_is_sent(tmp_path: Path) -> None:
    """A server makes an outbox for each run."""
    send = Sender(tmp_path, "console")
    outbox = Outbox(send.means)
    for number in range(5):
        assert outbox.post(send.channel, outgoing(key=str(number))).result(20.0) is not None
    until = time.monotonic() + 5
    while any(thread.name == "messages to incidents" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_pauses_grow_and_a_random_share_of_them_is_waited(tmp_path: Path) -> None:
    """Full jitter: between nothing and the whole pause, which doubles up to its limit."""
    shares = iter([1.0] * 6 + [0.0, 0.5])
    outbox = Outbox(Sender(tmp_path, "console").means, roll=lambda: next(shares))
    assert [outbox._pause(n, None) for n in range(1, 7)] == [1, 2, 4, 8, out.MOST, out.MOST]
    assert outbox._pause(5, None) == 0
    assert outbox._pause(1, 30.0) == 30.5
