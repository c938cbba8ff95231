"""What goes where: from an incident, what was said of it, and what somebody asks for, to the messages for each channel.

Values in, values out, so that the same can be shown before anything goes, and be recorded when it goes. Customers are
told only where their channel is named; what may not be told is a letter too, with the reason why it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from runbook.document.catalog import Catalog
from runbook.document.model import Channel
from runbook.document.suggest import did_you_mean
from runbook.document.words import Audience
from runbook.errors import UsageError
from runbook.incident.audiences import Withheld, withheld
from runbook.incident.history import Incident
from runbook.incident.messages import Messages
from runbook.incident.wording import CAN, KINDS, Said, level_of, worded
from runbook.incident.words import Status
from runbook.messages.outgoing import STATUSES, Outgoing
from runbook.messages.templates import Lookup

NONE: Final = "none"  # no next update is promised


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants said. Without `template` the one that is due; without `to` the team's channels.

    `next` is in how many seconds the next update comes, `none` for no promise, None for what the catalog says.
    """

    template: str | None = None
    to: tuple[str, ...] = ()
    message: str | None = None
    given: Mapping[str, str] = {}
    next: float | str | None = None
    status: str | None = None
    by: str = ""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message for one channel; with `kept` set it does not go. `status` and `level` are words of status pages."""

    channel: Channel
    kind: str
    template: str = ""
    subject: str = ""
    text: str = ""
    next_update: float | None = None
    status: str | None = None
    affected: tuple[str, ...] = ()
    level: str | None = None
    before: Mapping[str, Any] | None = None
    person: str | None = None
    kept: Withheld | None = None

    def outgoing(self, key: str, incident: str, *, repeated: bool = False) -> Outgoing:
        """As a channel gets it; `key` is the same in all attempts, and no other message's anywhere."""
        return Outgoing(
            text=self.text,
            key=key,
            incident=incident,
            subject=self.subject,
            status=self.status,
            affected=self.affected,
            level=self.level,
            before=self.before,
            repeated=repeated,
        )


def letters(
    incident: Incident,
    told: Messages,
    channels: Iterable[Channel],
    catalog: Catalog,
    asked: Asked,
    now: float,
    lookup: Lookup,
) -> tuple[Letter, ...]:
    """One for each channel that is to be told, in the order of the configuration or of `--to`. UsageError."""
    if asked.template == "resolution" and incident.status is not Status.RESOLVED:
        hint = f"`runbook incident resolve {incident.id}` first; `--template update` says what is known until then"
        raise UsageError(f"{incident.id} is not resolved", hint=hint)
    if asked.status is not None and asked.status not in STATUSES:
        raise UsageError(f"no status {asked.status!r} of a status page", hint=f"there are {', '.join(STATUSES)}")
    said = Said(asked.message, asked.given, _next(incident, catalog, asked, now), asked.by, now)
    chosen = list(_chosen(incident, tuple(channels), catalog, asked.to))
    return tuple(_letter(incident, told, catalog, one, asked, said, lookup) for one in chosen)


def due(incident: Incident, told: Messages, audience: Audience) -> str:
    """The template that comes next for an audience: whoever has heard nothing yet begins at the beginning."""
    if incident.status is Status.RESOLVED:
        return "resolution"
    return "initial" if told.last(audience) is None else "update"


def _letter(
    incident: Incident,
    told: Messages,
    catalog: Catalog,
    channel: Channel,
    asked: Asked,
    said: Said,
    lookup: Lookup,
) -> Letter:
    name = asked.template or due(incident, told, channel.audience)
    kind = name if name in KINDS else "note" if name == CAN else "update"
    why = withheld(incident, channel)
    if why is not None:
        return Letter(channel=channel, kind=kind, template=name, kept=why)
    words = worded(incident, catalog, name, channel.audience, said, lookup)
    names = (incident.service, *(incident.affected or "").split(","))
    return Letter(
        channel=channel,
        kind=kind,
        template=words.template,
        subject=words.subject,
        text=words.text,
        next_update=said.next_update,
        status=_status(incident, kind, asked.status),
        affected=tuple(dict.fromkeys(one.strip() for one in names if one and one.strip())),
        level=level_of(incident, catalog),
        before=told.before(channel.name),
    )


def _status(incident: Incident, kind: str, asked: str | None) -> str | None:
    """What a status page says of it; None leaves what it says."""
    if asked is not None:
        return asked
    if incident.status is Status.RESOLVED:
        return "resolved"
    if incident.status is Status.MITIGATED:
        return "monitoring"
    return "investigating" if kind == "initial" else None


def _next(incident: Incident, catalog: Catalog, asked: Asked, now: float) -> float | None:
    if incident.status is Status.RESOLVED or asked.next == NONE or asked.template == CAN:
        return None
    if isinstance(asked.next, int | float):
        return now + asked.next
    level = catalog.level(incident.severity)
    every = level.response.update_every if level is not None else None
    return None if every is None else now + every


def _chosen(
    incident: Incident, channels: tuple[Channel, ...], catalog: Catalog, to: tuple[str, ...]
) -> Iterator[Channel]:
    """Those that are named, else the team's."""
    known = {channel.name: channel for channel in channels}
    for name in dict.fromkeys(to):
        if name not in known:
            raise UsageError(f"there is no channel {name!r}", hint=did_you_mean(name, known, what="channels are"))
        yield known[name]
    if not to:
        yield from team(incident, channels, catalog)


def team(incident: Incident, channels: Iterable[Channel], catalog: Catalog) -> list[Channel]:
    """The team's channels for an incident: those that its type names, else all of them. UsageError without any."""
    class_ = catalog.class_(incident.type)
    ours = [channel for channel in channels if channel.audience is Audience.TEAM]
    own = [channel for channel in ours if class_ is not None and channel.name in class_.tell]
    if not ours:
        raise UsageError(
            "no channel of the team is configured", hint="add one under `channels`, or name another: --to NAME"
        )
    return own or ours
