"""Declaring an incident: what is said of it, held to the catalog, with the catalog's bytes kept beside the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from runbook.document.catalog import Catalog
from runbook.incident import naming, order
from runbook.incident import records as r
from runbook.incident.acts import Came
from runbook.incident.desk import Desk, opened, told
from runbook.incident.moments import Given


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an incident when it is declared. `times` are those known already; `roles` names by role.

    `confidential` and `tlp` None: as incidents of its type are. `run` declared it; `imported` says where it came
    from, and `ends` are the records of how it ended there.
    """

    title: str
    severity: str
    type: str | None = None
    service: str | None = None
    environment: str | None = None
    affected: str | None = None
    impact: str | None = None
    user_facing: bool | None = None
    confidential: bool | None = None
    tlp: str | None = None
    war_room: str | None = None
    public: str | None = None
    roles: Mapping[str, str] = {}
    times: Mapping[str, Given] = {}
    when: Given = Given()
    run: str | None = None
    runbook: str | None = None
    imported: Mapping[str, str] | None = None
    ends: Sequence[tuple[str, Mapping[str, Any]]] = ()


def declare(
    place: Desk, catalog: Catalog, written: bytes, said: Declaration, check: Callable[[], None] | None = None
) -> Came:
    """A new incident; nothing is written where anything of it cannot be. `written` are the catalog's exact bytes.

    `check` as `desk.opened` asks it.
    """
    data = _data(catalog, said)
    roles = {
        naming.role(catalog, role): who if said.imported else naming.person(place.people, who)
        for role, who in said.roles.items()  # who led it years ago need not be one of today's people
    }
    odd = _times(place, said)
    more: list[tuple[str, Mapping[str, Any]]] = [
        (r.TIMED, {"time": name, **when.written, "reason": None}) for name, when in said.times.items()
    ]
    more += [(r.ASSIGNED, {"role": role, "person": who, "from": None, "reason": None}) for role, who in roles.items()]
    id_ = opened(place, data, [*more, *said.ends], check=check, catalog=written)
    return Came(told(place.journal, id_), odd)


def _data(catalog: Catalog, said: Declaration) -> dict[str, Any]:
    type_ = None if said.type is None else naming.type_(catalog, said.type)
    class_ = catalog.class_(type_)
    tlp = said.tlp or (class_.tlp if class_ is not None else None)
    confidential = (class_ is not None and class_.confidential) if said.confidential is None else said.confidential
    texts = {
        name: None if text is None else naming.words(text, name.replace("_", " "))
        for name in ("service", "environment", "affected", "impact", "war_room", "public")
        for text in (getattr(said, name),)
    }
    return {
        "title": naming.title(said.title),
        "severity": naming.severity(catalog, said.severity),
        "type": type_,
        **texts,
        "user_facing": said.user_facing,
        "confidential": confidential,
        "tlp": None if tlp is None else naming.tlp(tlp),
        "run": said.run,
        "runbook": said.runbook,
        "imported": None if said.imported is None else dict(said.imported),
        **said.when.written,
    }


def _times(place: Desk, said: Declaration) -> tuple[str, ...]:
    """Raises UsageError for times that cannot all be so; sentences about those that are odd."""
    now = place.journal.now()
    given = {"declared": said.when, **said.times}
    times = {name: now if when.at is None else when.at for name, when in given.items()}
    for name, at in times.items():
        order.fitting({other: when for other, when in times.items() if other != name}, name, at, order.GIVEN)
    return tuple(order.unlikely(times))
