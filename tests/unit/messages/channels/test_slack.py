from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.channels import Sender, slack
from support.services import Slack


@pytest.fixture
def server() -> Iterator[Slack]:
    with Slack().running() as running:
        yield running


def test_a_message_is_posted_with_the_bots_token(tmp_path: Path, server: Slack) -> None:
    """Where it stands comes back: that is what a later message follows it by."""
    sent = slack(tmp_path, server).tell("Checkout is down")
    assert (sent.status, sent.error) == ("sent", None)
    assert sent.remote == {"channel": "C1", "ts": "1700000000.000000", "thread": "1700000000.000000"}
    assert server.got[0].headers["authorization"] == "Bearer xoxb-test"
    assert server.messages["1700000000.000000"]["text"] == "Checkout is down"


def test_what_follows_stands_in_the_thread_of_the_first(tmp_path: Path, server: Slack) -> None:
    """The third message too follows the first, not the second."""
    send = slack(tmp_path, server)
    first = send.tell("down").remote
    second = send.tell("worse", before=first).remote
    third = send.tell("better", before=second).remote
    assert [one["thread"] for one in server.messages.values()] == [None, "1700000000.000000", "1700000000.000000"]
    assert first is not None and third is not None and third["thread"] == first["ts"]
    assert server.got[1].body["reply_broadcast"] is True


def test_updates_may_take_the_place_of_the_first(tmp_path: Path, server: Slack) -> None:
    """`updates: edit`: the channel shows one message, which is the newest."""
    send = slack(tmp_path, server, updates="edit")
    first = send.tell("down").remote
    second = send.tell("resolved", before=first)
    assert second.remote == first
    assert [one["text"] for one in server.messages.values()] == ["resolved"]


@pytest.mark.parametrize("updates", ["thread", "edit"])
def test_a_first_message_that_was_deleted_is_not_followed(tmp_path: Path, server: Slack, updates: str) -> None:
    """People delete messages; what comes next is posted anew."""
    send = slack(tmp_path, server, updates=updates)
    before = {"channel": "C1", "ts": "1600000000.000001", "thread": "1600000000.000001"}
    server.messages["1500000000.000000"] = {"text": "something else"}
    sent = send.tell("resolved", before=before)
    assert sent.status == "sent"
    assert server.messages["1700000000.000001"] == {"text": "resolved", "thread": None}


@pytest.mark.parametrize(
    ("word", "again", "doubt"),
    [
        ("channel_not_found", False, False),
        ("invalid_auth", False, False),
        ("is_archived", False, False),
        ("ratelimited", True, False),
        ("internal_error", True, True),
        ("something_new", False, False),
    ],
)
def test_errors_inside_an_answer_of_200_are_errors(
    tmp_path: Path, server: Slack, word: str, again: bool, doubt: bool
) -> None:
    """Slack answers 200 to everything; its word for the error decides whether to come again."""
    server.says.append(word)
    sent = slack(tmp_path, server).tell()
    assert (sent.status, sent.again, sent.doubt) == ("failed", again, doubt)
    assert sent.error is not None and repr(word) in sent.error.message


def test_a_429_says_when_to_come_again(tmp_path: Path, server: Slack) -> None:
    """`Retry-After` is in seconds."""
    server.faults.append(("status", 429, {"retry-after": "7"}, {"ok": False, "error": "ratelimited"}))
    sent = slack(tmp_path, server).tell()
    assert (sent.again, sent.doubt, sent.after) == (True, False, 7.0)


def test_text_can_name_nobody_and_link_nowhere(tmp_path: Path, server: Slack) -> None:
    """A pod's name must not call the whole channel, nor hide an address behind words."""
    slack(tmp_path, server).tell("pod <!channel> & <https://evil.test|docs>\x1b[2J")
    [message] = server.messages.values()
    assert message["text"] == "pod &lt;!channel&gt; &amp; &lt;https://evil.test|docs&gt;[2J"


def test_a_long_text_is_cut_and_says_where_the_rest_is(tmp_path: Path, server: Slack) -> None:
    """Slack would refuse an edit of it, and cut it without a word."""
    slack(tmp_path, server).tell("x" * 5000)
    [message] = server.messages.values()
    assert len(message["text"]) == 4000
    assert message["text"].endswith("(cut here; the rest: runbook incident timeline INC-1)")


def test_an_incoming_webhook_can_only_post(tmp_path: Path, server: Slack) -> None:
    """Its address is a secret; there is nothing to follow it by."""
    send = Sender(tmp_path, "slack", webhook={"env": "HOOK"}, secrets={"HOOK": f"{server.url}/services/T/B/X"})
    sent = send.tell("down", before={"ts": "1"})
    assert (sent.status, sent.remote) == ("sent", None)
    assert server.got[0].body == {"text": "down"}


def test_a_webhook_that_slack_does_not_know_says_so(tmp_path: Path, server: Slack) -> None:
    """Its errors are statuses with a word of plain text."""
    server.faults.append(("status", 404, {}, b"no_service"))
    send = Sender(tmp_path, "slack", webhook={"env": "HOOK"}, secrets={"HOOK": f"{server.url}/services/T/B/X"})
    sent = send.tell("down")
    assert (sent.status, sent.again) == ("failed", False)
    assert sent.error is not None and "404" in sent.error.message


def test_doctor_asks_who_we_are_and_posts_nothing(tmp_path: Path, server: Slack) -> None:
    """`auth.test` tells a token that is still good from one that is not."""
    assert "Slack knows us as runbook in Shop" in slack(tmp_path, server).check()
    assert server.paths() == ["POST /api/auth.test"]
