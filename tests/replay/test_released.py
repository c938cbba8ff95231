"""What every released version has written is read, verified, replayed and gone on with by this one.

A folder for each version (`support.frozen` writes them); each of its stores in both kinds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from runbook import kinds
from runbook.core.machine import Machine
from runbook.core.procedure import Finished
from runbook.errors import Diverged, Exit
from runbook.hosts import pinned, settling
from runbook.hosts.past import stream_of
from runbook.journal import Journal, Record, open_store
from runbook.journal.trust import trusted
from runbook.journal.verify import verify
from support import frozen
from support.crash import place
from support.crash.nursery import Nursery
from support.frozen import RUNS

VERSIONS = sorted(path for path in Path(__file__).parent.iterdir() if (path / frozen.KEPT).exists())
OUTCOMES = {
    "resolved": "resolved",
    "waiting": None,
    "doubtful": None,
    "handing": "continued",
    "undone": "resolved",
    "undoing": "resolved",
    "dry": "undetermined",
    "by_hand": "resolved",
}


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def version(request: pytest.FixtureRequest) -> Path:
    """The folder of a version."""
    return request.param


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, version: Path, tmp_path: Path) -> str:
    """A store as that version left it; its project is in `project`."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return frozen.laid_out(version, tmp_path / "project", server)


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    journal = open_store(url)
    yield journal
    journal.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def fed(machine: Machine, records: list[Record]) -> Machine:
    """A machine that has read these."""
    machine.start(records[0].time)
    for record in records:
        machine.take(record)
    return machine


def machine_of(records: list[Record], **replaced: str) -> Machine:
    """The machine of a run, from what its first record says; with words of its runbook replaced."""
    start, documents = pinned.recalled(records[0].stream.partition("/")[2], records[0].data)
    text = documents.runbook.decode()
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    documents = msgspec.structs.replace(documents, runbook=text.encode())
    specs = kinds.specs()
    book, evidence = documents.loaded(specs)
    return pinned.machine(start, book, evidence, specs, documents.others(specs))


def test_it_verifies_with_its_seals(journal: Journal, version: Path) -> None:
    """Every record and payload, and each finished run up to its last record by the key of that time."""
    keys = [trusted((version / frozen.PUBLIC).read_text().strip())]
    verdicts = {one.stream: one for one in verify(journal, keys=keys)}
    assert {stream: one.message for stream, one in verdicts.items() if not one.ok} == {}
    assert len(verdicts) == len(frozen.NAMES) + 1
    resolved = verdicts[stream_of(RUNS["resolved"])]
    assert (resolved.sealed, resolved.note) == (resolved.size, "")


def test_its_runs_are_told_as_they_were(journal: Journal) -> None:
    """What came of each, what it changed, what waits."""
    told = {name: place.told(journal, RUNS[name]) for name in OUTCOMES}
    assert {name: one.outcome and str(one.outcome) for name, one in told.items()} == OUTCOMES
    assert [gate.key for gate in told["waiting"].open_gates] == ["resolution/again:approve#1"]
    assert told["undone"].undone_by == {"resolution/clear/drain:apply#1": RUNS["undoing"]}
    assert [change.id for change in told["resolved"].changes.values()] == ["drain", "purge[a]", "purge[b]", "restart"]


def test_each_run_is_replayed_to_where_it_was(journal: Journal) -> None:
    """Every record has its place in the procedure of today; so has each beginning of a run, after a crash."""
    for name in journal.names("run/"):
        records = list(journal.read(name))
        for size in range(1, len(records) + 1):
            machine = fed(machine_of(records), records[:size])
        last = next((record for record in records if record.type == "run.finished"), None)
        assert machine.done == (last is not None), name
        if last is not None:
            assert isinstance(machine.value, Finished)
            assert str(machine.value.outcome) == last.data["outcome"]


def test_a_run_of_another_procedure_is_noticed(journal: Journal) -> None:
    """Replay can fail: where the runbook of the record is another one, and where the procedure has a higher number."""
    records = list(journal.read(stream_of(RUNS["resolved"])))
    with pytest.raises(Diverged):
        fed(machine_of(records, purge_="urge_"), records)
    with pytest.raises(Diverged, match="number 99"):
        pinned.recalled("1", {**records[0].data, "procedure": 99})


def test_what_waited_at_its_gate_goes_on(url: str, nursery: Nursery, tmp_path: Path) -> None:
    """Resumed a second after its last record, on another machine: it is planned anew, and answered there."""
    folder, run = tmp_path / "project", RUNS["waiting"]
    journal = open_store(url)
    *_, last = journal.read(stream_of(run))
    journal.close()
    (folder / "skew").write_text(str(last.time + 1 - time.time()))
    assert nursery.live(folder, run, resume=True)["exit"] == Exit.OK
    assert place.ledger(folder) == ["revive", "tidy"]


def test_what_was_left_in_doubt_is_settled_and_goes_on(url: str, nursery: Nursery, tmp_path: Path) -> None:
    """The change is there, as the killed runner left it; nobody but a person can say so, and it is not made again."""
    folder, run = tmp_path / "project", RUNS["doubtful"]
    (folder / "ledger").write_text("restart\n")
    assert nursery.live(folder, run, resume=True)["exit"] == Exit.IN_DOUBT
    of = place.opened(folder)
    assert list(place.told(of.journal, run).doubts) == ["resolution/again/restart:apply#1"]
    settling.settle(of.place, run, "restart", "applied", "it stands in the ledger")
    of.journal.close()
    assert nursery.live(folder, run, resume=True)["exit"] == Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]
