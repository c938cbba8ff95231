"""What incidents promise on every store."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook.errors import Refused
from runbook.incident import acts
from runbook.incident import records as r
from runbook.incident.desk import records, stream_of, told
from runbook.incident.merging import merged, streams
from runbook.journal import Journal, Record, open_store
from runbook.report.timeline import entries
from support.incidents import CATALOG, declared, room
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
