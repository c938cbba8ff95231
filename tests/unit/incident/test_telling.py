from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.document.model import Channel
from runbook.errors import Refused
from runbook.incident import acts, desk, telling
from runbook.incident.history import Incident
from runbook.incident.letters import Asked, Letter, letters
from runbook.incident.messages import OVER, Messages, messages
from runbook.incident.moments import Given
from runbook.incident.telling import Compose, seen, settle, tell
from runbook.journal import Actor, Draft
from runbook.messages.outbox import Outbox
from runbook.messages.outgoing import Means
from support.channels import slack, statuspage, webhook
from support.letters import T0, Clock, Place, catalog, channel, declared, place
from support.postgres import until
from support.services import Service, Slack, Statuspage

CATALOG = catalog()
TEAM = channel("team")


def outbox(folder: Path, **secrets: str) -> Outbox:
    means = Means(
        project=folder,
        secret=lambda given: given if isinstance(given, str) else secrets[given["env"]],
        console=lambda _: None,
    )
    return Outbox(means, roll=lambda: 0.0)


def composer(*channels: Channel, **asked: Any) -> Compose:
    def compose(incident: Incident, told: Messages) -> tuple[Letter, ...]:
        return letters(incident, told, channels, CATALOG, Asked(by="ana", **asked), T0, lambda _: None)

    return compose


def story(here: Place, id_: str) -> list[str]:
    return [record.type for record in desk.records(here.journal, id_)]


def folded(here: Place, id_: str) -> Messages:
    return messages(desk.records(here.journal, id_))


def test_a_message_is_recorded_before_it_is_sent(tmp_path: Path) -> None:
    """When the request arrives, the intent is in the journal, with the words as they go."""
    here = place()
    id_ = declared(here)
    with Service().running() as server:
        seen_there: list[list[str]] = []
        server.handled = lambda asked: (seen_there.append(story(here, id_)), (200, {}))[1]  # type: ignore[method-assign]
        hook = msgspec.structs.replace(webhook(tmp_path, server).channel, name="hook")
        [result] = tell(here, id_, outbox(tmp_path), composer(hook))
    assert seen_there == [["incident.declared", "message.intended"]]
    assert result.status == "sent"
    [message] = folded(here, id_).all
    assert (message.status, message.attempts, message.kind) == ("sent", 1, "initial")
    assert message.text == server.got[0].body["text"]


def test_what_is_known_is_recorded_while_another_channel_hangs(tmp_path: Path) -> None:
    """Whoever is killed then leaves only that one behind, and nobody is told the others twice."""
    here = place()
    id_ = declared(here)
    with Service().running() as server:
        recorded = threading.Event()

        def hangs(_: Any) -> tuple[int, Any]:
            for _ in until("the file's message is recorded"):
                if [one.status for one in folded(here, id_).all if one.channel == "team"] == ["sent"]:
                    break
            recorded.set()
            return 200, {}

        server.handled = hangs  # type: ignore[method-assign]
        hook = msgspec.structs.replace(webhook(tmp_path, server).channel, name="hook")
        results = tell(here, id_, outbox(tmp_path), composer(hook, TEAM))
    assert recorded.is_set()
    assert [(one.channel.name, one.status) for one in results] == [("hook", "sent"), ("team", "sent")]


def test_what_was_shown_is_what_goes(tmp_path: Path) -> None:
    """When the incident changes so that something else would go, nothing does; a note changes nothing."""
    here = place()
    id_ = declared(here)
    compose = composer(TEAM)
    shown = compose(*seen(here.journal, id_, []))
    acts.note(here, id_, "looking at the database")
    assert tell(here, id_, outbox(tmp_path), compose, shown)[0].status == "sent"
    shown = compose(*seen(here.journal, id_, []))
    acts.update(here, id_, {"impact": "no payment goes through"}, None)
    with pytest.raises(Refused, match="has changed meanwhile"):
        tell(here, id_, outbox(tmp_path), compose, shown)
    assert story(here, id_).count("message.intended") == 1


def test_updates_follow_the_first_message_in_every_channel(tmp_path: Path) -> None:
    """A thread in Slack, one incident on the status page, and the end is its end."""
    here = place()
    id_ = declared(here, public="Some payments fail.", service="checkout")
    with Slack().running() as chat, Statuspage().running() as page:
        team = msgspec.structs.replace(slack(tmp_path, chat).channel, name="chat")
        public = msgspec.structs.replace(statuspage(tmp_path, page, components={"checkout": "c1"}).channel, name="page")
        secrets = {"TOKEN": chat.token}
        page.token = chat.token
        compose = composer(team, public, to=("chat", "page"))
        tell(here, id_, outbox(tmp_path, **secrets), compose)
        assert page.incidents["i1"]["components"] == {"c1": "major_outage"}
        acts.resolve(here, id_, Given(), "rolled back")
        tell(here, id_, outbox(tmp_path, **secrets), compose)
        assert [one["thread"] for one in chat.messages.values()] == [None, "1700000000.000000"]
        assert list(page.incidents) == ["i1"]
        assert (page.incidents["i1"]["status"], page.incidents["i1"]["components"]) == (
            "resolved",
            {"c1": "operational"},
        )


def test_what_may_not_go_is_recorded_with_the_reason(tmp_path: Path) -> None:
    """Nothing was intended, nothing sent; who looks later sees why."""
    here = place()
    id_ = declared(here, confidential=True)
    [result] = tell(here, id_, outbox(tmp_path), composer(TEAM))
    assert (result.status, result.error and result.error["code"]) == ("suppressed", "confidential")
    assert story(here, id_) == ["incident.declared", "message.sent"]
    assert not (tmp_path / "team.md").exists()
    assert folded(here, id_).last() is None


def test_the_text_for_customers_is_set_with_the_message(tmp_path: Path) -> None:
    """In one transaction: what they were told stands in the incident."""
    here = place()
    id_ = declared(here)
    page = channel("page", customers=True)
    compose = composer(page, to=("page",))
    tell(here, id_, outbox(tmp_path), compose, public="Some payments fail.")
    assert story(here, id_) == ["incident.declared", "incident.updated", "message.intended", "message.sent"]
    assert desk.told(here.journal, id_).public == "Some payments fail."


def left_behind(here: Place, clock: Clock, *channels: Channel, **asked: Any) -> str:
    """An incident with a message whose sender died a while ago."""
    id_ = declared(here, public="Some payments fail.")
    telling._intended(here, id_, composer(*channels, **asked), None, None)
    clock.now += OVER + 1
    return id_


def test_the_team_is_told_again_what_a_dead_sender_left(tmp_path: Path) -> None:
    """Once, marked, and with the key that it had."""
    clock = Clock()
    here = place(clock)
    with Service().running() as server:
        hook = msgspec.structs.replace(webhook(tmp_path, server).channel, name="hook")
        id_ = left_behind(here, clock, hook)
        assert [one.status for one in settle(here, id_, outbox(tmp_path), [hook])] == ["sent"]
        assert settle(here, id_, outbox(tmp_path), [hook]) == []
        [asked] = server.got
        assert asked.body["repeated"] is True
        assert asked.body["key"].startswith(f"{id_}:m1:")
    assert story(here, id_) == ["incident.declared", "message.intended", "message.intended", "message.sent"]


def test_customers_are_not_told_again_what_a_dead_sender_left(tmp_path: Path) -> None:
    """Where it cannot be looked up it stays unknown, and nothing is written there."""
    clock = Clock()
    here = place(clock)
    page = channel("page", customers=True)
    id_ = left_behind(here, clock, page, to=("page",))
    assert [one.status for one in settle(here, id_, outbox(tmp_path), [page])] == ["unknown"]
    assert not (tmp_path / "page.md").exists()


def test_a_sender_that_is_at_it_is_left_alone(tmp_path: Path) -> None:
    """A message that was begun a moment ago is somebody's."""
    clock = Clock()
    here = place(clock)
    id_ = left_behind(here, clock, TEAM)
    clock.now -= OVER
    assert settle(here, id_, outbox(tmp_path), [TEAM]) == []


def test_two_who_take_over_at_once_tell_once(tmp_path: Path) -> None:
    """The second sees that the first has begun."""
    clock = Clock()
    here = place(clock)
    with Service().running() as server:
        hook = msgspec.structs.replace(webhook(tmp_path, server).channel, name="hook")
        id_ = left_behind(here, clock, hook)
        threads = [threading.Thread(target=settle, args=(here, id_, outbox(tmp_path), [hook])) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.got) == 1


def test_a_channel_that_is_gone_is_said_so(tmp_path: Path) -> None:
    """The configuration has changed since: the message ends as failed, and is not looked for again."""
    clock = Clock()
    here = place(clock)
    id_ = left_behind(here, clock, TEAM)
    [result] = settle(here, id_, outbox(tmp_path), [])
    assert result.status == "failed"
    assert result.error is not None and "no channel 'team' any more" in result.error["message"]


def test_what_a_joined_run_said_counts(tmp_path: Path) -> None:
    """Its thread is followed, and its message is the last update."""
    here = place()
    actor = Actor(kind="engine", id="runbook-engine")
    remote = {"channel": "C1", "ts": "1.0"}
    started = Draft("run.started", None, {"runbook": "x"}, actor)
    begun = Draft(
        "message.intended", "c:announce#1", {"message": "c:announce#1", "channel": "team", "text": "x"}, actor
    )
    sent = Draft("message.sent", "c:announce#1", {"channel": "team", "status": "sent", "remote": remote}, actor)
    here.journal.open_stream("run/01k", started, begun, sent, epoch=1)
    id_ = declared(here, run="01k")
    _, told = seen(here.journal, id_, [])
    assert (told.before("team"), told.last() and told.last().run) == (remote, "01k")  # type: ignore[union-attr]
