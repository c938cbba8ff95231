"""What incidents promise on every store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook.errors import Refused
from runbook.incident import acts
from runbook.incident import records as r
from runbook.incident.desk import records, stream_of, told
from runbook.incident.merging import merged, streams
from runbook.incident.moments import Given
from runbook.journal import Journal, Record, open_store
from runbook.report.timeline import entries
from support.incidents import CATALOG, Room, declared, room
from support.journals import begun, draft

STORES = ("memory", "sqlite", "postgres")


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").database()
    return "memory:" if request.param == "memory" else f"sqlite://{tmp_path}/journal.db"


def all_records(journal: Journal, names: list[str]) -> list[Record]:
    """Every record of these streams, in the order in which the store took them; read in another way."""
    found = [record for name in names for record in journal.read(name)]
    return sorted(found, key=lambda record: record.position or 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.sampled_from(["incident", "run/a", "run/b", "run/c"]), max_size=30))
def test_a_timeline_equals_the_journal(url: str, turns: list[str]) -> None:
    """Every record of the incident and its runs is one line, once, in the order of the store; and nothing else is."""
    place = room("ana", open_store(url))
    id_ = declared(place)
    runs = {name: f"run/{place.journal.next_number('test')}x" for name in ("run/a", "run/b", "run/c")}
    for name in runs.values():
        begun(place.journal, name)
    for name in ("run/a", "run/b"):
        acts.join(place, id_, runs[name].removeprefix("run/"), "practice")
    for number, turn in enumerate(turns):
        if turn == "incident":
            acts.note(place, id_, f"note {number}")
        else:
            with place.journal.writing(runs[turn]) as writer:
                writer.append(draft("note.added", {"about": "note", "text": f"note {number}"}))
    names = [stream_of(id_), runs["run/a"], runs["run/b"]]
    assert streams(told(place.journal, id_)) == names
    lines = list(entries(merged(place.journal, told(place.journal, id_))))
    journal = all_records(place.journal, names)
    assert [(one.stream, one.seq, one.hash) for one in lines] == [(one.stream, one.seq, one.hash) for one in journal]
    assert all(one.text for one in lines)
    place.journal.close()


def test_of_many_who_take_a_role_at_once_one_gets_it(url: str) -> None:
    """Each in a connection of its own: one is told yes, all others who has it."""
    shared = open_store(url)
    id_ = declared(room("ana", shared))
    came: list[str] = []

    def take(name: str) -> None:
        journal = shared if url == "memory:" else open_store(url)
        try:
            acts.assign(room(name, journal), CATALOG, id_, "commander", name, from_=None, reason=None)
            came.append("yes")
        except Refused:
            came.append("no")
        finally:
            if journal is not shared:
                journal.close()

    threads = [threading.Thread(target=take, args=(f"p{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["no"] * 4 + ["yes"]
    assert [one.type for one in records(shared, id_)] == [r.DECLARED, r.ASSIGNED]
    shared.close()


Turn = Callable[[Room, str], object]


def at_once(url: str, shared: Journal, id_: str, *turns: tuple[str, Turn]) -> list[str]:
    """What each was told who spoke at the same moment, everybody in a connection of their own; `yes` for no refusal."""
    came: dict[str, str] = {}
    ready = threading.Barrier(len(turns))

    def speaks(name: str, turn: Turn) -> None:
        journal = shared if url == "memory:" else open_store(url)
        try:
            ready.wait()
            turn(room(name, journal), id_)
            came[name] = "yes"
        except Refused as error:
            came[name] = error.message
        finally:
            if journal is not shared:
                journal.close()

    threads = [threading.Thread(target=speaks, args=turn) for turn in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [came[name] for name, _ in turns]


def only_one(told: list[str], words: str) -> None:
    """One was told yes, and all others the same, by whom it is so already."""
    refused = [one for one in told if one != "yes"]
    assert len(refused) == len(told) - 1
    assert all(words in one for one in refused), refused


@pytest.mark.parametrize(
    ("act", "type_", "words"), [(acts.resolve, r.RESOLVED, "is resolved"), (acts.mitigate, r.MITIGATED, "is mitigated")]
)
def test_of_many_who_say_at_once_that_it_is_over_one_is_recorded(
    url: str, act: Callable[..., object], type_: str, words: str
) -> None:
    """The others are told who has said so, and how to correct when."""
    shared = open_store(url)
    id_ = declared(room("ana", shared))
    told_ = at_once(url, shared, id_, *((f"p{n}", lambda place, of: act(place, of, Given(), None)) for n in range(4)))
    only_one(told_, f"INC-1 {words} already: p")
    ends = [one for one in records(shared, id_) if one.type == type_]
    assert len(ends) == 1 and all(one == "yes" or f": {ends[0].actor.id} said so" in one for one in told_)
    shared.close()


def test_of_two_who_hand_a_role_on_at_once_one_does(url: str) -> None:
    """The other is told that it is not that person's any more, and whose it is."""
    shared = open_store(url)
    id_ = declared(room("ana", shared))
    acts.assign(room("ana", shared), CATALOG, id_, "commander", "ana", from_=None, reason=None)

    def to(name: str) -> Turn:
        return lambda place, of: acts.assign(place, CATALOG, of, "commander", name, from_="ana", reason=None)

    told_ = at_once(url, shared, id_, ("ben", to("ben")), ("cat", to("cat")))
    holder = told(shared, id_).who("commander")
    assert holder in ("ben", "cat")
    only_one(told_, str(holder))
    assert [one.type for one in records(shared, id_)] == [r.DECLARED, r.ASSIGNED, r.ASSIGNED]
    shared.close()


def test_a_run_that_joins_and_an_end_at_the_same_time_are_both_kept(url: str) -> None:
    """Neither takes the other's place; the chain is whole."""
    shared = open_store(url)
    id_ = declared(room("ana", shared))
    turns: list[tuple[str, Turn]] = [(f"p{n}", lambda place, of: acts.join(place, of, "01a", "x")) for n in range(3)]
    ended = ("ben", lambda place, of: acts.resolve(place, of, Given(), None))
    assert at_once(url, shared, id_, *turns, ended) == ["yes"] * 4
    assert sorted(one.type for one in records(shared, id_)) == [r.DECLARED, r.RESOLVED, r.JOINED]
    shared.close()


def test_incidents_that_are_declared_at_once_have_numbers_of_their_own(url: str) -> None:
    """Nobody waits for a number, and none is given twice."""
    shared = open_store(url)
    found: list[str] = []

    def one() -> None:
        journal = shared if url == "memory:" else open_store(url)
        found.append(declared(room("ana", journal)))
        if journal is not shared:
            journal.close()

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"INC-{number}" for number in range(1, 6)]
    shared.close()
