"""Tampering, with a real file and by hand: each way is named, with the first record that is not what it was."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runbook.errors import BrokenChain
from runbook.journal import Checkpoint, Journal, open_store
from runbook.journal.canonical import canonical
from runbook.journal.problems import Problem
from runbook.journal.record import genesis, sha256
from runbook.journal.verify import Lookup, verify, verify_stream
from support.journals import Ticks, begun, draft, ended, in_memory

TEXT = "an output of some length. " * 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a run of six records, the fourth with a payload, sealed; and one that is still open."""
    path = tmp_path / "journal.db"
    with closing(open_store(str(path), clock=Ticks())) as journal:
        begun(journal, "run/1", notes=2)
        with journal.writing("run/1") as writer:
            writer.append(draft(data={"output": TEXT}))
            writer.append(draft(data={"n": 4}))
            writer.append(draft(data={"n": 5}))
            writer.seal()
        begun(journal, "run/2", notes=3)
    return path


def damaged(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def verdict(path: Path, stream: str, checkpoint: Checkpoint | None = None):
    with closing(open_store(str(path))) as journal:
        found = {one.stream: one for one in verify(journal, checkpoint=checkpoint)}
    own = next(name for name in found if name.startswith("store/"))
    return found[own if stream == "store" else stream]


def test_what_was_written_verifies(path: Path):
    """Every stream, with its size and head."""
    with closing(open_store(str(path))) as journal:
        verdicts = verify(journal)
        assert [(one.ok, one.size) for one in verdicts] == [(True, 6), (True, 4), (True, 4)]
        assert verdicts[0].head == journal.head("run/1").hash


def change(seq: int, before: str, after: str, stream: str = "run/1") -> str:
    return (
        f"UPDATE records SET raw = CAST(replace(CAST(raw AS TEXT), '{before}', '{after}') AS BLOB) "
        f"WHERE stream = '{stream}' AND seq = {seq}"
    )


IN_RUN_1 = "WHERE stream = 'run/1' AND seq"
TAMPERED = {
    "a value changed": ([change(1, '"number":0', '"number":7')], Problem.CHAIN, 1),
    "the first record changed": ([change(0, "cache", "other")], Problem.CHAIN, 0),
    "the last record changed": ([change(5, '"n":5', '"n":6')], Problem.REWRITTEN, 5),
    "a link changed": ([change(2, '"prev":"', '"prev":"0')], Problem.CHAIN, 2),
    "another spelling": ([change(2, '"number":1', '"number": 1')], Problem.NOT_CANONICAL, 2),
    "a float for an integer": ([change(2, '"number":1', '"number":1.0')], Problem.NOT_CANONICAL, 2),
    "as text": (
        [f"UPDATE records SET raw = replace(raw, '\"number\":1', '\"number\":7') {IN_RUN_1} = 2"],
        Problem.CHAIN,
        2,
    ),
    "a number": ([f"UPDATE records SET raw = 5 {IN_RUN_1} = 2"], Problem.UNREADABLE, 2),
    "no JSON": ([f"UPDATE records SET raw = x'ff' {IN_RUN_1} = 2"], Problem.UNREADABLE, 2),
    "no object": ([f"UPDATE records SET raw = CAST('[1]' AS BLOB) {IN_RUN_1} = 2"], Problem.UNREADABLE, 2),
    "no record": ([f"UPDATE records SET raw = CAST('{{\"v\":1}}' AS BLOB) {IN_RUN_1} = 2"], Problem.UNREADABLE, 2),
    "a newer format": ([change(3, '"v":1', '"v":2')], Problem.VERSION, 3),
    "a time moved back": ([change(3, "2026-09-21", "2026-09-20")], Problem.TIME, 3),
    "another stream's": ([change(3, "run/1", "run/9")], Problem.STREAM, 3),
    "one removed": ([f"DELETE FROM records {IN_RUN_1} = 2"], Problem.GAP, 2),
    "the first removed": ([f"DELETE FROM records {IN_RUN_1} = 0"], Problem.GAP, 0),
    "two exchanged": (
        [
            f"UPDATE records SET seq = 99 {IN_RUN_1} = 1",
            f"UPDATE records SET seq = 1 {IN_RUN_1} = 2",
            f"UPDATE records SET seq = 2 {IN_RUN_1} = 99",
        ],
        Problem.REORDERED,
        1,
    ),
    "cut after its end": ([f"DELETE FROM records {IN_RUN_1} > 3"], Problem.TRUNCATED, 4),
    "gone": (["DELETE FROM records WHERE stream = 'run/1'"], Problem.VANISHED, 0),
    "renamed": (["UPDATE records SET stream = 'run/3' WHERE stream = 'run/1'"], Problem.VANISHED, 0),
}


@pytest.mark.fault(84)
@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_named(path: Path, case: str):
    """Which record, and what is wrong with it; the other stream is still well."""
    statements, problem, seq = TAMPERED[case]
    damaged(path, *statements)
    found = verdict(path, "run/1")
    assert (found.problem, found.seq) == (problem, seq), found.message
    assert str(seq) in found.message or problem is Problem.VANISHED
    assert verdict(path, "run/2").ok


@pytest.mark.fault(84)
@pytest.mark.parametrize("case", ["a value changed", "no JSON", "one removed", "a newer format"])
def test_a_broken_chain_is_not_read_past(path: Path, case: str):
    """Resuming from it is refused at the record that is wrong, not after it."""
    statements, problem, _ = TAMPERED[case]
    damaged(path, *statements)
    with closing(open_store(str(path))) as journal:
        records = journal.read("run/1")
        error = Exception if problem is Problem.VERSION else BrokenChain
        with pytest.raises(error, match=r"log verify|newer"):
            list(records)


@pytest.mark.fault(84)
def test_a_changed_payload_is_named(path: Path):
    """A chain alone would not notice."""
    payload = path.parent / "journal.db.d" / "payloads" / "sha256"
    file = payload / (digest := hashlib.sha256(TEXT.encode()).hexdigest())[:2] / digest
    file.write_text(TEXT.replace("some", "more"))
    found = verdict(path, "run/1")
    assert (found.problem, found.seq) == (Problem.PAYLOAD_CHANGED, 3)
    file.unlink()
    found = verdict(path, "run/1")
    assert (found.problem, found.seq) == (Problem.PAYLOAD_MISSING, 3)
    with closing(open_store(str(path))) as journal, pytest.raises(BrokenChain, match=r"record 3 .* is missing"):
        list(journal.read("run/1"))


def test_a_payload_inside_of_a_payload_is_looked_at(tmp_path: Path):
    """A list that went out as one has references of its own."""
    with closing(open_store(str(tmp_path / "journal.db"), clock=Ticks())) as journal:
        rows = [{"raw": b"\xff\x00", "text": "x" * 100}] * 300
        journal.open_stream("run/1", draft("run.started", {"rows": rows}), epoch=1)
        assert next(journal.read("run/1")).data == {"rows": rows}
    digest = hashlib.sha256(b"\xff\x00").hexdigest()
    (tmp_path / "journal.db.d" / "payloads" / "sha256" / digest[:2] / digest).unlink()
    found = verdict(tmp_path / "journal.db", "run/1")
    assert (found.problem, found.seq) == (Problem.PAYLOAD_MISSING, 0)


@pytest.mark.fault(84)
def test_a_store_rolled_back_shows_against_a_checkpoint(path: Path):
    """The whole put back to an earlier day is consistent in itself, and shorter than what somebody kept."""
    shutil.copytree(path.parent, path.parent.parent / "yesterday")
    with closing(open_store(str(path))) as journal:
        begun(journal, "run/3")
        own = journal.own_stream()
        kept = Checkpoint(own, journal.head(own).seq + 1, journal.head(own).hash)
    old = path.parent.parent / "yesterday" / path.name
    assert verdict(old, "store").ok
    found = verdict(old, "store", kept)
    assert (found.problem, found.seq) == (Problem.TRUNCATED, 4)


def rewritten(raws: list[bytes], seq: int) -> list[bytes]:
    """A forger with time: record `seq` changed, and every hash after it made to fit."""
    done, prev = [], genesis("run/1")
    for raw in raws:
        fields = {**json.loads(raw), "prev": prev}
        if fields["seq"] == seq:
            fields["data"] = {"forged": True}
        done.append(canonical(fields))
        prev = sha256(done[-1])
    return done


@pytest.mark.fault(84)
def test_a_rewritten_stream_shows_against_a_checkpoint():
    """Whoever can write everything can make a chain fit; not one that was noted elsewhere."""
    journal = begun(in_memory(), notes=5)
    head = journal.head("run/1")
    forged = rewritten(list(journal.raw("run/1")), seq=2)
    look = Lookup(journal.payload)
    assert verify_stream(forged, "run/1", look).ok
    found = verify_stream(forged, "run/1", look, Checkpoint("run/1", head.seq + 1, head.hash))
    assert (found.problem, found.seq) == (Problem.REWRITTEN, 5)


@pytest.mark.fault(84)
def test_a_forged_run_does_not_fit_the_stores_own_stream(path: Path):
    """A stream that nobody opened is not taken for one."""
    damaged(path, "INSERT INTO records (stream, seq, raw) SELECT 'run/x', seq, raw FROM records WHERE stream='run/2'")
    assert verdict(path, "run/x").problem is Problem.STREAM
    damaged(path, "DELETE FROM records WHERE stream = 'run/x'")
    with closing(open_store(str(path))) as journal:
        own = journal.own_stream()
    damaged(path, f"DELETE FROM records WHERE stream = '{own}' AND seq = 3")
    assert verdict(path, "run/2").problem is Problem.UNRECORDED


def test_appending_after_the_end_is_no_tampering(journal_with_seal: Journal):
    """A note on a finished run is sealed in its turn."""
    assert all(found.ok for found in verify(journal_with_seal))


@pytest.fixture
def journal_with_seal() -> Journal:
    journal = begun(in_memory(), notes=2)
    ended(journal)
    with journal.writing("run/1") as writer:
        writer.append(draft())
    return journal


@pytest.mark.fault(84)
def test_each_byte_counts():
    """Any single bit of any record, flipped, is found, and at that record."""
    journal = begun(in_memory(), notes=3)
    raws, look = list(journal.raw("run/1")), Lookup(journal.payload)
    head = journal.head("run/1")
    kept = Checkpoint("run/1", head.seq + 1, head.hash)
    for seq, raw in enumerate(raws):
        for at in range(0, len(raw), 3):
            flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            found = verify_stream([*raws[:seq], flipped, *raws[seq + 1 :]], "run/1", look, kept)
            assert found.seq == seq, (seq, at, found.message)
