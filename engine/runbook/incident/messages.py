"""What was said about an incident, to whom, and what came of it: the fold of its messages and reminders.

The same fold reads the streams of the runs that joined it, whose messages are recorded in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from runbook.core.records import Written
from runbook.incident import records as r

REMINDER: Final = "reminder"  # the kind of a message that only reminds; it is no update
NOTE: Final = "note"  # of one that only reports within the team
OVER: Final = 150.0  # seconds after which nobody sends a message any more that has no result: the outbox has its limit


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `at` is when it was about to be sent, `status` None while nobody knows what came of it.

    `kind` is `initial`, `update`, `resolution` or `reminder`; `next_update` when the next one was promised for, seconds
    since 1970. `mark` tells it from the messages of every other store.
    """

    key: str
    channel: str
    audience: str | None = None
    template: str | None = None
    kind: str | None = None
    text: str = ""
    subject: str | None = None
    next_update: float | None = None
    at: float
    by: str
    mark: str = ""
    status: str | None = None
    sent_at: float | None = None
    attempts: int = 0
    error: Mapping[str, Any] | None = None
    remote: Mapping[str, Any] | None = None
    run: str | None = None
    details: Mapping[str, Any] = {}

    @property
    def told(self) -> bool:
        """Whether it told how things are, as far as is known; a reminder and an expert's report do not."""
        return self.status in ("sent", "unknown") and self.kind not in (REMINDER, NOTE)

    def left(self, now: float) -> bool:
        """Whether its sender is gone, and nobody knows what came of it."""
        return self.status is None and now - self.at > OVER


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """Messages in the order in which they were begun, and the keys of what was reminded of."""

    all: tuple[Message, ...] = ()
    reminded: frozenset[str] = frozenset()

    def before(self, channel: str) -> Mapping[str, Any] | None:
        """What a channel gave for the first message that it took: what later ones follow it by."""
        found = (one.remote for one in self.all if one.channel == channel and one.kind != REMINDER)
        return next((remote for remote in found if remote), None)

    def last(self, audience: str | None = None) -> Message | None:
        """The newest message that told somebody, or this audience, how things are."""
        found = (one for one in reversed(self.all) if one.told and audience in (None, one.audience))
        return next(found, None)

    def left(self, now: float) -> tuple[Message, ...]:
        """Those that a sender left behind."""
        return tuple(one for one in self.all if one.left(now))

    def beside(self, others: Iterable[Message]) -> Messages:
        """These and those of runs that joined, in order of time."""
        return Messages(all=tuple(sorted((*self.all, *others), key=lambda one: one.at)), reminded=self.reminded)


_Known = dict[tuple[str, str], Message]  # by stream and key: two runs have messages of the same key


def messages(records: Iterable[Written], *, run: str | None = None) -> Messages:
    """The fold of an incident's stream, of that of a run, or of several."""
    known: _Known = {}
    reminded: set[str] = set()
    for record in records:
        if record.type == r.REMINDED:
            reminded.add(str(record.data.get("key")))
        elif record.type == r.MESSAGE_INTENDED:
            _intended(known, record, run)
        elif record.type == r.MESSAGE_SENT:
            _sent(known, record, run)
    return Messages(all=tuple(known.values()), reminded=frozenset(reminded))


_DETAILS: Final = ("status_page", "affected", "level", "person")  # what is needed to send it again


def _intended(known: _Known, record: Written, run: str | None) -> None:
    data = record.data
    key = _key(record)
    before = known.get(key)
    if before is not None:  # somebody has taken over what another left behind
        known[key] = msgspec.structs.replace(before, at=record.time)
        return
    known[key] = Message(
        key=key[1],
        channel=str(data.get("channel")),
        audience=data.get("audience"),
        template=data.get("template"),
        kind=data.get("kind"),
        text=str(data.get("text") or ""),
        subject=data.get("subject"),
        next_update=_time(data.get("next_update")),
        at=record.time,
        by=record.actor.id,
        mark=str(getattr(record, "hash", ""))[:16],
        run=run,
        details={name: data[name] for name in _DETAILS if data.get(name) is not None},
    )


def _sent(known: _Known, record: Written, run: str | None) -> None:
    data = record.data
    key = _key(record)
    status = data.get("status")
    if status in ("sending", "simulated"):
        return
    message = known.get(key) or Message(
        key=key[1],
        channel=str(data.get("channel")),
        audience=data.get("audience"),
        template=data.get("template"),
        kind=data.get("kind"),
        at=record.time,
        by=record.actor.id,
        run=run,
    )
    known[key] = msgspec.structs.replace(
        message,
        status=status,
        sent_at=record.time,
        attempts=int(data.get("attempt") or 0),
        error=data.get("error"),
        remote=data.get("remote"),
    )


def _key(record: Written) -> tuple[str, str]:
    return str(getattr(record, "stream", "")), str(record.data.get("message") or record.key)


def _time(given: Any) -> float | None:
    """A time as it is recorded; a run says it in words, which bind nobody here."""
    try:
        return datetime.fromisoformat(given).timestamp() if isinstance(given, str) else None
    except ValueError:
        return None
