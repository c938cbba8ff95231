"""Incidents as tests tell of them: a place in memory, a declared incident, a clock that stands where it is put."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runbook import shipped
from runbook.document.catalog import Catalog
from runbook.document.load import load
from runbook.document.model import Channel, Person, Policy
from runbook.document.words import Audience
from runbook.incident import desk
from runbook.incident.history import Incident, Moment
from runbook.incident.letters import Asked, Letter, letters
from runbook.incident.messages import Messages
from runbook.journal import Journal
from runbook.journal.memory import MemoryStore
from runbook.policy.people import People
from support.specs import SPECS

T0 = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC


class Place(NamedTuple):
    """What incidents need of a place."""

    journal: Journal
    people: People


class Clock:
    """A time that tests move."""

    def __init__(self, now: float = T0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def catalog() -> Catalog:
    """The one that is shipped."""
    document = load(shipped.catalog().read_bytes(), SPECS, path="catalog.yaml").document
    assert isinstance(document, Catalog)
    return document


def place(clock: Callable[[], float] | None = None, people: Mapping[str, Person] | None = None) -> Place:
    """A store in memory; with people, a policy that lists them."""
    policy = Policy(people=dict(people)) if people is not None else None
    return Place(Journal(MemoryStore(), clock=clock or Clock()), People(policy, "ana"))


def declared(here: Place, **fields: Any) -> str:
    """An incident of severity 1, or as the fields say."""
    return desk.opened(here, {"title": "Checkout is down", "severity": "SEV1", "type": "Service", **fields})


def incident(**fields: Any) -> Incident:
    """An incident by itself."""
    times = {"declared": Moment(T0, None, T0)}
    known = {"id": "INC-1", "title": "Checkout is down", "severity": "SEV1", "declared_by": "ana", "times": times}
    return Incident(**{**known, **fields})


def channel(name: str, type_: str = "file", *, customers: bool = False, confidential: bool = False) -> Channel:
    """A channel of the team, or of customers."""
    audience = Audience.CUSTOMERS if customers else Audience.TEAM
    settings: dict[str, Any] = {"path": f"{name}.md"} if type_ == "file" else {}
    return Channel(name=name, type=type_, audience=audience, confidential=confidential, settings=settings)


def composed(
    one: Incident,
    *channels: Channel,
    told: Messages | None = None,
    now: float = T0 + 60,
    files: Mapping[str, str] | None = None,
    **asked: Any,
) -> tuple[Letter, ...]:
    """The letters for these channels, which are named where all are customers'; `files` are the project's templates."""
    if all(one.audience is Audience.CUSTOMERS for one in channels):
        asked.setdefault("to", tuple(one.name for one in channels))

    def lookup(name: str) -> bytes | None:
        text = (files or {}).get(name)
        return None if text is None else text.encode()

    return letters(one, told or Messages(), channels, catalog(), Asked(by="ana", **asked), now, lookup)
