from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from runbook.document.model import Channel, Person
from runbook.incident import acts, desk, reminders
from runbook.incident.messages import messages
from runbook.incident.moments import Given
from runbook.incident.reminding import due, remind
from runbook.incident.ways import personal
from runbook.messages.outbox import Outbox
from runbook.messages.outgoing import Means
from runbook.policy.people import People
from support.channels import slack, webhook
from support.letters import T0, Clock, Place, catalog, channel, declared, place
from support.services import Service, Slack

CATALOG = catalog()
TEAM = channel("team")
PEOPLE = {"ana": Person(user="ana"), "ben": Person(user="ben", slack="U1", email="ben@shop.test")}


def outbox(folder: Path, token: str = "xoxb-test") -> Outbox:
    return Outbox(
        Means(project=folder, secret=lambda given: given if isinstance(given, str) else token, console=lambda _: None),
        roll=lambda: 0.0,
    )


def story(here: Place, id_: str) -> list[str]:
    return [record.type for record in desk.records(here.journal, id_)]


def test_what_is_due_is_recorded_by_its_key_and_sent_once(tmp_path: Path) -> None:
    """However often it is asked for; the next interval is another reminder."""
    clock = Clock()
    here = place(clock)
    id_ = declared(here)
    assert remind(here, id_, CATALOG, outbox(tmp_path), [TEAM]) == []
    clock.now = T0 + 300
    for _ in range(3):
        remind(here, id_, CATALOG, outbox(tmp_path), [TEAM])
    assert story(here, id_) == ["incident.declared", "reminder.due", "message.intended", "message.sent"]
    text = (tmp_path / "team.md").read_text()
    assert "REMINDER INC-1 (SEV1, Checkout is down): an update was due at 22:18 UTC; nothing has been said yet." in text
    assert "For whoever has the role communications; nobody has. Next: runbook notify INC-1" in text
    clock.now = T0 + 300 + 900
    assert len(remind(here, id_, CATALOG, outbox(tmp_path), [TEAM])) == 1


def test_a_dry_look_records_nothing(tmp_path: Path) -> None:
    """What is due, as values."""
    clock = Clock(T0 + 301)
    here = place(Clock(T0))
    id_ = declared(here)
    later = Place(here.journal, here.people)
    here.journal._clock = clock
    assert [one.about for one in due(later, id_, CATALOG)[1]] == ["update"]
    assert story(here, id_) == ["incident.declared"]


def test_many_who_remind_at_once_remind_once(tmp_path: Path) -> None:
    """A cron job on two machines, and somebody's `--watch`."""
    clock = Clock()
    here = place(clock)
    id_ = declared(here)
    clock.now = T0 + 300
    with Service().running() as server:
        hook = msgspec.structs.replace(webhook(tmp_path, server).channel, name="hook")
        threads = [
            threading.Thread(target=remind, args=(here, id_, CATALOG, outbox(tmp_path), [hook])) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.got) == 1
    assert story(here, id_).count("reminder.due") == 1


def test_the_communications_lead_is_reminded_directly(tmp_path: Path) -> None:
    """By their Slack id, through the bot of a team's channel; else the commander is."""
    clock = Clock()
    here = place(clock, PEOPLE)
    id_ = declared(here)
    acts.assign(here, CATALOG, id_, "commander", "ana", from_=None, reason=None)
    acts.assign(here, CATALOG, id_, "communications", "ben", from_=None, reason=None)
    clock.now = T0 + 300
    with Slack().running() as server:
        chat = msgspec.structs.replace(slack(tmp_path, server).channel, name="chat")
        [told] = remind(here, id_, CATALOG, outbox(tmp_path), [TEAM, chat])
        assert told.person == "ben"
        assert server.got[0].body["channel"] == "U1"
    [message] = messages(desk.records(here.journal, id_)).all
    assert (message.channel, message.kind) == ("chat@ben", "reminder")
    assert not (tmp_path / "team.md").exists()


def test_mail_is_the_way_to_who_has_no_slack() -> None:
    """Only through a channel of the team, whose server and sender are used; a stranger has no way."""
    mail = Channel(name="mail", type="email", settings={"host": "h", "from": "f@shop.test", "to": ["all@shop.test"]})
    here = place(people=PEOPLE)
    way = personal("ben", here.people, [channel("page", "email", customers=True), mail])
    assert way is not None and way.settings == {"host": "h", "from": "f@shop.test", "to": ["ben@shop.test"]}
    assert personal("ana", here.people, [mail]) is None
    assert personal("ben", People(None, "ben"), [mail]) is None


def test_a_confidential_incident_reminds_nobody_who_may_not_know(tmp_path: Path) -> None:
    """The reminder is recorded, and so is that it was kept back."""
    clock = Clock()
    here = place(clock)
    id_ = declared(here, confidential=True)
    clock.now = T0 + 300
    [told] = remind(here, id_, CATALOG, outbox(tmp_path), [TEAM])
    assert [one.status for one in told.results] == ["suppressed"]
    assert not (tmp_path / "team.md").exists()


def test_nobody_is_reminded_of_what_is_over(tmp_path: Path) -> None:
    """Resolved is resolved."""
    clock = Clock()
    here = place(clock)
    id_ = declared(here)
    acts.resolve(here, id_, Given(), "it went away")
    clock.now = T0 + 86_400
    assert remind(here, id_, CATALOG, outbox(tmp_path), [TEAM]) == []


def test_every_source_of_reminders_is_there() -> None:
    """The table names functions that can be imported, and take what they are given."""
    clock = Clock()
    here = place(clock)
    id_ = declared(here)
    records = list(desk.records(here.journal, id_))
    for path in reminders.SOURCES.values():
        found = list(reminders._source(path)(desk.told(here.journal, id_), records, CATALOG, T0))
        assert all(isinstance(one, reminders.Reminder) for one in found)
