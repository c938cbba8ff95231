"""Incidents in the journal: finding one, reading it, and speaking to it.

A stream `incident/INC-<n>` has no runner: everybody is a guest. Whoever speaks has the stream alone, sees all that was
written before, decides, and appends; two who speak at once come one after the other, on every store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from runbook.core.records import Written
from runbook.errors import Bug, Refused, UsageError
from runbook.incident.history import Incident, history
from runbook.incident.records import DECLARED, PREFIX
from runbook.journal import Actor, Draft, Journal, Record, Unread, Writer
from runbook.journal.skimming import Skim
from runbook.policy.people import People
from runbook.policy.rights import may_run

COUNTER = "incident"

Folded = TypeVar("Folded")


class Desk(Protocol):
    """The part of a `Place` that incidents need."""

    @property
    def journal(self) -> Journal:
        """The store's journal."""
        ...

    @property
    def people(self) -> People:
        """The policy's people, and who is at the keyboard."""
        ...


def stream_of(id_: str) -> str:
    """The journal stream of an incident."""
    return PREFIX + id_


def numbered(name: str) -> str:
    """An incident's id as it is written, from `INC-3`, `inc-3` or `3`; UsageError for what is none."""
    number = name.strip().upper().removeprefix("INC-")
    if not (number.isascii() and number.isdigit()) or len(number) > 12 or int(number) == 0:
        raise UsageError(f"{name!r} is no incident", hint="incidents are called INC-1, INC-2, …")
    return f"INC-{int(number)}"


def find(journal: Journal, name: str) -> str:
    """The id of an incident of this store; UsageError where there is none."""
    id_ = numbered(name)
    if journal.head(stream_of(id_)) is None:
        raise UsageError(f"this store has no incident {id_}", hint="`runbook incident list` shows those that it has")
    return id_


def records(journal: Journal, id_: str, after: int = -1) -> Iterator[Record]:
    """The records of an incident with a higher `seq`, in order; BrokenChain at the first that does not follow."""
    return journal.read(stream_of(id_), after)


def told(journal: Journal, id_: str) -> Incident:
    """An incident as its records tell it."""
    return history(id_, records(journal, id_))


def every(journal: Journal, unread: list[Unread]) -> list[Incident]:
    """All incidents of the store, the newest first; those that cannot be read go to `unread`.

    Cheap enough for ten thousand: nothing is verified on the way.
    """
    skims = journal.skim(PREFIX, unread=unread)
    found = [one for skim in skims if (one := folded(journal, skim, history, unread)) is not None]
    return sorted(found, key=lambda incident: int(incident.id.removeprefix("INC-")), reverse=True)


def folded(
    journal: Journal, skim: Skim, fold: Callable[[str, Sequence[Written]], Folded], unread: list[Unread]
) -> Folded | None:
    """What a fold makes of an incident's records. None where they were changed and make no sense: it is in `unread`."""
    try:
        return fold(skim.stream.removeprefix(PREFIX), skim.records)
    except (Bug, ValueError, TypeError, LookupError, AttributeError):
        problem = journal.unreadable(skim.stream)
        if problem is None:  # the records are what was written: the fault is ours
            raise
        unread.append(problem)
        return None


@contextmanager
def speaking(place: Desk, id_: str) -> Iterator[tuple[Writer, Incident]]:
    """A transaction in an incident's stream, with all that was written before it.

    Refused for those whom the policy does not let run runbooks; nothing is kept when the body raises.
    """
    allowed(place)
    with place.journal.writing(stream_of(id_)) as writer:
        yield writer, history(id_, writer.tail(-1))


def opened(
    place: Desk,
    data: Mapping[str, Any],
    more: Sequence[tuple[str, Mapping[str, Any]]] = (),
    *,
    check: Callable[[], None] | None = None,
    catalog: bytes | None = None,
) -> str:
    """A new incident with the data of its `incident.declared`, and records that follow at once; gives its id.

    `check` is asked where nobody else can declare one any more, and raises where it must not be; `catalog` are the
    bytes of the one that it is declared with.
    """
    allowed(place)

    def drafts() -> list[Draft]:
        if check is not None:
            check()
        kept = {}
        if catalog is not None:
            pinned = place.journal.put(catalog, "application/yaml")
            kept = {"catalog": {"digest": pinned.digest, "bytes": pinned}}
        return [by_me(place, type_, said) for type_, said in ((DECLARED, {**data, **kept}), *more)]

    return place.journal.open_next(stream_of("INC-"), COUNTER, drafts).removeprefix(PREFIX)


def by_me(place: Desk, type_: str, data: Mapping[str, Any]) -> Draft:
    """A record that whoever is at the keyboard appends."""
    return Draft(type_, None, dict(data), Actor(kind="person", id=place.people.me))


def allowed(place: Desk) -> None:
    """Refused for those whom the policy does not let run runbooks: they may not speak in incidents either."""
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
