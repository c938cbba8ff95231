"""A way to one person: a channel of the team, turned to them alone by what the policy says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.policy.people import People


def personal(person: str | None, people: People, channels: Iterable[Channel]) -> Channel | None:
    """Slack by the person's id and a bot's token, else mail to their address; None where neither is known.

    It is called `CHANNEL@PERSON`, so that no thread of the one is taken for one of the other.
    """
    listed = people.policy.people.get(person) if people.policy is not None and person is not None else None
    if listed is None:
        return None
    for channel in channels:
        if channel.audience is not Audience.TEAM:
            continue
        if channel.type == "slack" and listed.slack and "token" in channel.settings:
            return _direct(channel, person, {"channel": listed.slack, "updates": "thread"})
        if channel.type == "email" and listed.email:
            return _direct(channel, person, {"to": [listed.email]})
    return None


def _direct(channel: Channel, person: str | None, settings: Mapping[str, Any]) -> Channel:
    name = f"{channel.name}@{person}"
    return msgspec.structs.replace(channel, name=name, settings={**channel.settings, **settings}, confidential=True)
