"""Tells: records what is about to be said, gives it to the outbox, records what came of it.

What goes was shown before: when the incident has changed so that something else would go, nothing does. A sender that
died leaves messages without a result behind; who comes next takes them over, by a record that others see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from runbook.core.changes import Error
from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.errors import Refused
from runbook.incident import records as r
from runbook.incident.desk import Desk, by_me, records, speaking
from runbook.incident.history import Incident, history
from runbook.incident.letters import Letter
from runbook.incident.merging import readable
from runbook.incident.messages import Message, Messages, messages
from runbook.incident.ways import personal
from runbook.journal import Journal, Unread, Writer
from runbook.journal.record import stamp
from runbook.messages.channels import Sent
from runbook.messages.outbox import LIMIT, Outbox, Posted
from runbook.messages.outgoing import Outgoing

SLOW = 3.0  # seconds after which somebody who waits wants to know what for
PATIENCE = LIMIT + 20.0  # seconds that a sender waits for its outbox
_LOOK = 0.05  # seconds between two looks at what has come of the others while one is waited for

Compose = Callable[[Incident, Messages], tuple[Letter, ...]]


class Intended(NamedTuple):
    """A letter that is recorded and may go: its key, and its mark, which no other message has."""

    key: str
    mark: str
    letter: Letter


class Result(NamedTuple):
    """What came of one message, as it was recorded."""

    key: str
    channel: Channel
    letter: Letter | None
    status: str
    error: Mapping[str, Any] | None = None
    remote: Mapping[str, Any] | None = None


def seen(journal: Journal, id_: str, unread: list[Unread]) -> tuple[Incident, Messages]:
    """An incident, and what was said about it, also by the runs that joined it, as far as these can be read."""
    found = list(records(journal, id_))
    incident = history(id_, found)
    return incident, messages(found).beside(by_runs(journal, incident, unread))


def by_runs(journal: Journal, incident: Incident, unread: list[Unread]) -> Iterator[Message]:
    """What the runs that joined have said. A damaged one keeps nobody from telling people: it goes to `unread`."""
    for joined in incident.runs:
        stream = f"run/{joined.run}"
        if journal.head(stream) is not None:
            yield from messages(readable(journal, stream, unread), run=joined.run).all


def tell(
    place: Desk,
    id_: str,
    outbox: Outbox,
    compose: Compose,
    shown: Sequence[Letter] | None = None,
    *,
    public: str | None = None,
    slow: Callable[[Channel], None] = lambda _: None,
) -> list[Result]:
    """Record and send what `compose` gives. Refused, and nothing sent, where that is not what was shown.

    `public` is set as the incident's text for customers, in the same transaction. `slow` hears of a channel that does
    not answer at once.
    """
    intended, results = _intended(place, id_, compose, shown, public)
    return [*results, *deliver(place, id_, outbox, intended, slow)]


def deliver(
    place: Desk,
    id_: str,
    outbox: Outbox,
    intended: Sequence[Intended],
    slow: Callable[[Channel], None] = lambda _: None,
) -> list[Result]:
    """Put what is recorded into the outbox, all of it at once, and record what comes of each.

    Each attempt has its time and all of them have theirs; what has none all the same is left behind as `sending`.
    """
    posted = {one.key: outbox.post(one.letter.channel, one.letter.outgoing(one.mark, id_)) for one in intended}
    results = {one.key: Result(one.key, one.letter.channel, one.letter, "sending") for one in intended}
    for key, sent in _ended(posted, slow):
        one = results[key]
        results[key] = _recorded(place, id_, key, one.channel, one.letter, sent)
    return list(results.values())


def _ended(
    posted: Mapping[str, Posted], slow: Callable[[Channel], None] = lambda _: None
) -> Iterator[tuple[str, Sent]]:
    """What came of each, in the order in which it is known, so that whoever is killed has recorded all that was.

    `slow` hears of each that is not known within `SLOW`; what is not within `PATIENCE` has no end here.
    """
    begun, waiting, heard = time.monotonic(), dict(posted), False
    while waiting and (waited := time.monotonic() - begun) < PATIENCE:
        for key, sent in [(key, sent) for key, one in waiting.items() if (sent := one.result(0.0)) is not None]:
            del waiting[key]
            yield key, sent
        if waited >= SLOW and not heard:
            heard = True
            for one in waiting.values():
                slow(one.channel)
        if waiting:
            next(iter(waiting.values())).result(_LOOK)


def settle(
    place: Desk,
    id_: str,
    outbox: Outbox,
    channels: Sequence[Channel],
    slow: Callable[[Channel], None] = lambda _: None,
) -> list[Result]:
    """Take over what a sender left behind: the team is told again, of customers' messages it is looked what became."""
    known = {channel.name: channel for channel in channels}
    if not messages(records(place.journal, id_)).left(place.journal.now()):
        return []
    with speaking(place, id_) as (writer, _):
        left = messages(writer.tail(-1)).left(place.journal.now())
        for one in left:
            again = {"message": one.key, "channel": one.channel, "audience": one.audience, "again": True}
            writer.append(by_me(place, r.MESSAGE_INTENDED, again))
    told = messages(records(place.journal, id_))
    results: dict[str, Result] = {}
    posted: dict[str, Posted] = {}
    for one in left:
        channel = known.get(one.channel) or personal(one.details.get("person"), place.people, channels)
        if channel is None:
            gone = Sent("failed", Error(code="channel", message=f"there is no channel {one.channel!r} any more"))
            results[one.key] = _recorded(place, id_, one.key, Channel(name=one.channel, type="console"), None, gone)
            continue
        if one.audience == Audience.CUSTOMERS:
            channel = msgspec.structs.replace(channel, audience=Audience.CUSTOMERS)
        posted[one.key] = outbox.post(channel, _again(id_, one, told))
    for key, sent in _ended(posted, slow):
        results[key] = _recorded(place, id_, key, posted[key].channel, None, sent)
    return [results[one.key] for one in left if one.key in results]


def intend(place: Desk, writer: Writer, letter: Letter) -> Intended:
    """Record one letter in a transaction that is open. What goes is what is recorded: without secrets."""
    key = f"m{writer.size}"
    masked = place.journal.masker.text
    letter = msgspec.structs.replace(letter, subject=masked(letter.subject), text=masked(letter.text))
    data = {
        "message": key,
        "channel": letter.channel.name,
        "audience": str(letter.channel.audience),
        "template": letter.template,
        "kind": letter.kind,
        "subject": letter.subject,
        "text": letter.text,
        "next_update": None if letter.next_update is None else stamp(letter.next_update),
    }
    more = {
        "status_page": letter.status,
        "affected": list(letter.affected) or None,
        "level": letter.level,
        "person": letter.person,
    }
    record = writer.append(by_me(place, r.MESSAGE_INTENDED, data | {k: v for k, v in more.items() if v is not None}))
    return Intended(key, _mark(writer.stream.partition("/")[2], key, record.hash), letter)


def keep(place: Desk, writer: Writer, letter: Letter) -> Result:
    """Record that a letter does not go, and why."""
    key = f"m{writer.size}"
    kept = letter.kept
    error = {"code": kept.code, "message": kept.message} if kept is not None else None
    data = {
        "message": key,
        "channel": letter.channel.name,
        "audience": str(letter.channel.audience),
        "template": letter.template,
        "kind": letter.kind,
        "status": "suppressed",
        "error": error,
    }
    writer.append(by_me(place, r.MESSAGE_SENT, data))
    return Result(key, letter.channel, letter, "suppressed", error)


def _intended(
    place: Desk, id_: str, compose: Compose, shown: Sequence[Letter] | None, public: str | None
) -> tuple[list[Intended], list[Result]]:
    with speaking(place, id_) as (writer, as_it_was):
        incident = as_it_was
        told = messages(writer.tail(-1)).beside(by_runs(place.journal, incident, []))
        if public is not None and public != incident.public:
            fields = {"fields": {"public": public}, "reason": "said to customers"}
            writer.append(by_me(place, r.UPDATED, fields))
            incident = msgspec.structs.replace(incident, public=public)
        letters = compose(incident, told)
        if shown is not None and letters != tuple(shown):
            raise Refused(
                f"{id_} has changed meanwhile, and something else would go than what was shown; nothing was sent",
                hint="look at it, and say it again",
            )
        results = [keep(place, writer, letter) for letter in letters if letter.kept is not None]
        return [intend(place, writer, letter) for letter in letters if letter.kept is None], results


def _recorded(place: Desk, id_: str, key: str, channel: Channel, letter: Letter | None, sent: Sent) -> Result:
    """Write down what came of a message. Whoever may begin to tell may end it: nothing is asked of the policy again."""
    error = msgspec.to_builtins(sent.error) if sent.error is not None else None
    data = {
        "message": key,
        "channel": channel.name,
        "status": sent.status,
        "attempt": sent.attempts,
        "error": error,
        "remote": sent.remote,
    }
    with speaking(place, id_) as (writer, _):
        writer.append(by_me(place, r.MESSAGE_SENT, data))
    return Result(key, channel, letter, sent.status, error, sent.remote)


def _again(id_: str, one: Message, told: Messages) -> Outgoing:
    return Outgoing(
        text=one.text,
        key=_mark(id_, one.key, one.mark),
        incident=id_,
        subject=one.subject,
        status=one.details.get("status_page"),
        affected=tuple(one.details.get("affected", ())),
        level=one.details.get("level"),
        before=told.before(one.channel),
        repeated=True,
    )


def _mark(id_: str, key: str, hash_: str) -> str:
    """A name that a message of another store does not have, though its incident may be called the same."""
    return f"{id_}:{key}:{hash_[:16]}"
