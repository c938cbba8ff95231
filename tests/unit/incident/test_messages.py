from __future__ import annotations

from typing import Any

import pytest

from runbook.incident.messages import OVER, messages
from runbook.journal import Actor, Draft, Journal, Record
from runbook.journal.memory import MemoryStore
from support.letters import T0, Clock

ENGINE = Actor(kind="engine", id="runbook-engine")


def stream(name: str, *said: tuple[str, dict[str, Any]]) -> list[Record]:
    journal = Journal(MemoryStore(), clock=Clock())
    drafts = [Draft(type_, data.get("message"), data, ENGINE) for type_, data in said]
    journal.open_stream(name, *drafts, epoch=1)
    return list(journal.read(name))


def intended(key: str = "c:announce#1", **more: Any) -> tuple[str, dict[str, Any]]:
    return "message.intended", {"message": key, "channel": "team", "audience": "team", "text": "x", **more}


def sent(key: str = "c:announce#1", status: str = "sent", **more: Any) -> tuple[str, dict[str, Any]]:
    return "message.sent", {"message": key, "channel": "team", "status": status, **more}


def test_a_message_is_what_was_intended_and_what_came_of_it() -> None:
    """One entry, whatever was recorded between."""
    [one] = messages(stream("incident/INC-1", intended(kind="update"), sent(remote={"ts": "1"}, attempt=2))).all
    assert (one.kind, one.text, one.status, one.attempts, one.remote) == ("update", "x", "sent", 2, {"ts": "1"})


def test_two_runs_have_messages_of_the_same_key() -> None:
    """They are two."""
    both = stream("run/01a", intended(), sent()) + stream("run/01b", intended())
    assert [one.status for one in messages(both).all] == ["sent", None]


def test_a_run_says_when_its_next_comes_in_words_which_bind_nobody() -> None:
    """An incident's own is a time."""
    assert messages(stream("run/01a", intended(next_update="14:45 UTC"))).all[0].next_update is None
    told = messages(stream("incident/INC-1", intended(next_update="2023-11-14T22:28:20.000000Z")))
    assert told.all[0].next_update == T0 + 900


@pytest.mark.parametrize("status", ["sending", "simulated"])
def test_what_is_no_end_ends_nothing(status: str) -> None:
    """A message on its way is on its way; one of a rehearsal is none."""
    assert messages(stream("run/01a", intended(), sent(status=status))).all[0].status is None


def test_a_message_without_a_result_is_left_behind_after_a_while() -> None:
    """Not at once: its sender may be at it. Who takes it over has it from then on."""
    told = messages(stream("incident/INC-1", intended()))
    assert (told.left(T0 + OVER), len(told.left(T0 + OVER + 1))) == ((), 1)
    again = messages(stream("incident/INC-1", intended(), intended(again=True)))
    assert len(again.all) == 1


def test_what_was_kept_back_stands_there_without_an_intent() -> None:
    """With the reason."""
    [one] = messages(stream("incident/INC-1", sent(status="suppressed", error={"code": "tlp", "message": "no"}))).all
    assert (one.status, one.error and one.error["code"], one.told) == ("suppressed", "tlp", False)
