"""Incidents for tests: a place in memory to declare them in, and what is written of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from runbook import kinds, shipped
from runbook.document.catalog import Catalog
from runbook.document.load import load
from runbook.incident import desk
from runbook.journal import Actor, Draft, Journal, Record
from runbook.journal.record import stamp
from runbook.policy.people import People
from support.journals import Ticks, in_memory

DECLARED = {"title": "Checkout is down", "severity": "SEV1", "type": "Service"}


class Room(NamedTuple):
    """What incidents need of a place, and its clock."""

    journal: Journal
    people: People
    clock: Ticks


def room(user: str = "ana", journal: Journal | None = None) -> Room:
    """A place without a policy; several users may share a journal."""
    clock = Ticks()
    return Room(journal or in_memory(clock), People(None, user), clock)


def declared(place: Room, **data: Any) -> str:
    """An incident that was declared; its id."""
    return desk.opened(place, DECLARED | data)


def said(place: Room, id_: str, type_: str, *, by: str | None = None, **data: Any) -> Record:
    """One record more of an incident, a minute later."""
    place.clock.now += 60
    actor = Actor(kind="person", id=by or place.people.me)
    with place.journal.writing(desk.stream_of(id_)) as writer:
        return writer.append(Draft(type_, None, data, actor))


def at(place: Room, seconds: float = 0.0) -> str:
    """The place's time, so many seconds later, as records write it."""
    return stamp(place.clock.now + seconds)


def _shipped() -> Catalog:
    document = load(shipped.catalog().read_bytes(), kinds.specs()).document
    assert isinstance(document, Catalog)
    return document


CATALOG = _shipped()
