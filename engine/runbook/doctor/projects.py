"""The checks that a project calls for, whatever its runbooks: its store, its policy, channels, connections, secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from runbook.clients.secrets import is_reference
from runbook.doctor.checks import CONNECTIONS, PROJECT, Answers, Check, Keeps, Known, Link, Resolves, Status, Takes
from runbook.document.model import Channel, Config, Policy


def checks(
    config: Config, policy: Policy | None, store: str, links: Iterable[Link], channels: Iterable[Channel]
) -> list[Check]:
    """`links` and `channels` are those that are looked at; `store` is the store's URL."""
    settings = {one.name: one.settings for one in config.connections}
    found = [_project("store", Keeps(url=store)), _project("policy", _people(policy))]
    for channel in channels:
        about = f"channel {channel.name}"
        secrets = list(references(channel.settings))
        found += [_project(about, Resolves(reference=one)) for one in secrets]
        found.append(_project(about, Takes(channel=channel)))
    for link in links:
        about = str(link)
        secrets = list(references(settings.get(about)))
        found += [Check(group=CONNECTIONS, about=about, work=Resolves(reference=one)) for one in secrets]
        found.append(Check(group=CONNECTIONS, about=about, work=Answers(link=link)))
    return found


def _project(about: str, work: Any) -> Check:
    return Check(group=PROJECT, about=about, work=work)


def _people(policy: Policy | None) -> Known:
    if policy is None:
        return Known(status=Status.OK, text="there is none: the OS user is everyone, and answers every gate alone")
    people, groups = len(policy.people), len(policy.groups)
    words = f"{people} {'person' if people == 1 else 'people'}, {groups} {'group' if groups == 1 else 'groups'}"
    return Known(status=Status.OK, text=f"it knows {words}")


def used(found: Iterable[Check]) -> list[Link]:
    """The connections that checks go through, each once."""
    return list(dict.fromkeys(check.link for check in found if check.link is not None))


def configured(config: Config) -> Sequence[Link]:
    """The connections of a configuration; the default of a type has no name of its own."""
    return [Link(one.type, None if one.name == one.type else one.name) for one in config.connections]


def references(settings: Any) -> Iterator[Mapping[str, Any]]:
    """References to secrets in settings, deep."""
    if is_reference(settings):
        yield settings
    elif isinstance(settings, Mapping):
        for entry in settings.values():
            yield from references(entry)
