"""Reminds: each reminder once, recorded by its key before it is sent, to whoever it is for by the nearest way.

The nearest way is a direct message (the person's Slack id through a bot's token, or a mail to their address through a
mail channel, as the policy lists them), else the team's channels. Who has the role is asked now, not when it was due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from runbook.document.catalog import Catalog
from runbook.document.model import Channel
from runbook.errors import UsageError
from runbook.incident import records as r
from runbook.incident.audiences import withheld
from runbook.incident.desk import Desk, by_me, records, speaking
from runbook.incident.history import Incident, history
from runbook.incident.letters import Letter, team
from runbook.incident.messages import REMINDER, Messages, messages
from runbook.incident.reminders import Reminder, Source, reminders
from runbook.incident.telling import Intended, Result, deliver, intend, keep
from runbook.incident.ways import personal
from runbook.incident.wording import marked
from runbook.journal import Record
from runbook.journal.record import stamp
from runbook.messages.outbox import Outbox
from runbook.policy.people import People

_COMMANDS = {
    "update": "runbook notify {id}",
    "obligation": "runbook obligations {id}",
    "review": "runbook postmortem {id}",
    "action": "runbook actions list {id}",
    "left": "runbook follow-ups list",
}
_PERSON = "person:"


class Reminded(NamedTuple):
    """One reminder, whom it is for (None: nobody has the role), and what came of its messages."""

    incident: str
    reminder: Reminder
    person: str | None
    results: list[Result]


def due(place: Desk, id_: str, catalog: Catalog, more: Sequence[Source] = ()) -> tuple[Incident, list[Reminder]]:
    """What is due now and was not reminded of yet; `more` sources as `reminders` takes them."""
    own = list(records(place.journal, id_))
    return _due(place, id_, own, catalog, more)


def remind(
    place: Desk,
    id_: str,
    catalog: Catalog,
    outbox: Outbox,
    channels: Sequence[Channel],
    more: Sequence[Source] = (),
) -> list[Reminded]:
    """Send what is due now, once, whoever else does the same at this moment."""
    if not due(place, id_, catalog, more)[1]:
        return []
    begun: list[tuple[Reminder, str | None, list[Intended], list[Result]]] = []
    with speaking(place, id_) as (writer, _):
        own = writer.tail(-1)
        incident, waiting = _due(place, id_, own, catalog, more)
        for one in waiting:
            person = holder(incident, one)
            said = {"about": one.about, "key": one.key, "due": stamp(one.due), "text": one.text, "to": person or one.to}
            writer.append(by_me(place, r.REMINDED, said))
            letters = list(written(incident, one, person, messages(own), place.people, channels, catalog))
            kept = [keep(place, writer, letter) for letter in letters if letter.kept is not None]
            begun.append((one, person, [intend(place, writer, x) for x in letters if x.kept is None], kept))
    return [
        Reminded(id_, one, person, [*kept, *deliver(place, id_, outbox, intended)])
        for one, person, intended, kept in begun
    ]


def _due(
    place: Desk, id_: str, own: list[Record], catalog: Catalog, more: Sequence[Source]
) -> tuple[Incident, list[Reminder]]:
    incident = history(id_, own)
    runs = (f"run/{joined.run}" for joined in incident.runs)
    beside = [record for run in runs if place.journal.head(run) is not None for record in place.journal.read(run)]
    reminded = messages(own).reminded
    found = reminders(incident, [*own, *beside], catalog, place.journal.now(), more)
    return incident, [one for one in found if one.key not in reminded]


def holder(incident: Incident, reminder: Reminder) -> str | None:
    """Who is reminded: the person named, who has the role, else the commander; None where nobody has."""
    if reminder.to.startswith(_PERSON):
        return reminder.to.removeprefix(_PERSON)
    return incident.who(reminder.to) or incident.who("commander")


def written(
    incident: Incident,
    reminder: Reminder,
    person: str | None,
    told: Messages,
    people: People,
    channels: Sequence[Channel],
    catalog: Catalog,
) -> Iterable[Letter]:
    """The messages of a reminder: one to the person, else one for each channel of the team."""
    direct = personal(person, people, channels)
    if direct is not None:
        yield _letter(incident, reminder, person, direct)
        return
    try:
        ours = team(incident, channels, catalog)
    except UsageError:
        return
    for channel in ours:
        kept = withheld(incident, channel)
        letter = _letter(incident, reminder, person, channel)
        yield msgspec.structs.replace(letter, kept=kept, before=told.before(channel.name))


def _letter(incident: Incident, reminder: Reminder, person: str | None, channel: Channel) -> Letter:
    command = _COMMANDS.get(reminder.about, "runbook incident show {id}").format(id=incident.id)
    whom = f"For {person}" if person is not None else f"For whoever has the role {reminder.to}; nobody has"
    text = f"REMINDER {incident.id} ({incident.severity}, {incident.title}): {reminder.text}.\n{whom}. Next: {command}"
    return Letter(
        channel=channel,
        kind=REMINDER,
        template=reminder.about,
        subject=f"[{incident.severity}] {incident.id} reminder: {reminder.text}",
        text=marked(incident, text, customers=False),
        person=person,
    )
