"""A payload may be dropped; its hash stays, and the drop is a record: nothing else of the stream changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.core.dropped import DroppedList, DroppedObject, DroppedText, lost
from runbook.errors import BrokenChain, Bug, StoreError
from runbook.journal import Journal
from runbook.journal.copying import copy
from runbook.journal.drops import Why, entry, tombstones
from runbook.journal.export import export, verify_export
from runbook.journal.memory import MemoryStore
from runbook.journal.naming import Naming
from runbook.journal.problems import Problem
from runbook.journal.verify import verify
from support.journals import ANA, Ticks, begun, draft, ended

TEXT = "a line of output\n" * 2_000
ROWS = [{"row": n, "text": "x" * 40} for n in range(500)]
WHY = Why(ANA, "redaction", "a token was printed")


@pytest.fixture
def journal() -> Journal:
    """An ended run with a text, a list and an object beside its records, and an open one that names the text too."""
    journal = Journal(MemoryStore(), clock=Ticks())
    begun(journal, "run/1")
    begun(journal, "run/2")
    with journal.writing("run/1") as writer:
        writer.append(draft(data={"stdout": TEXT, "code": 0}))
        writer.append(draft(data={"rows": ROWS}))
        writer.append(draft(data={"tree": {f"key{n}": "y" * 300 for n in range(100)}}))
    ended(journal, "run/1")
    return journal


def named(journal: Journal, stream: str = "run/1") -> list[str]:
    naming = Naming(journal)
    naming.update()
    return [digest for digest in naming.places if stream in naming.needing(digest)]


def dropped(journal: Journal, digests: Iterable[str], stream: str = "run/1", *, only_record: bool = False) -> None:
    """Recorded in the stream and, unless it is cut short, gone."""
    naming = Naming(journal)
    naming.update()
    refs = [naming.places[digest][0].ref for digest in digests]
    entries = [entry(ref, journal.payload(ref.digest) or b"") for ref in refs]
    journal.record_drops(lambda: {stream: entries}, WHY)
    if not only_record:
        journal.drop(lambda: [ref.digest for ref in refs])


def test_a_value_is_told_of_where_it_stood(journal: Journal) -> None:
    """By its shape, so that readers go on, with when and why; what was not dropped is as it was."""
    before = list(journal.read("run/1"))
    dropped(journal, named(journal))
    _, text, rows, tree, *_ = journal.read("run/1")
    assert isinstance(text.data["stdout"], DroppedText)
    assert text.data["stdout"] == "dropped on 2026-09-21 (a token was printed)"
    assert isinstance(rows.data["rows"], DroppedList) and isinstance(tree.data["tree"], DroppedObject)
    assert (text.data["code"], text.hash, text.bytes) == (0, before[1].hash, before[1].bytes)
    (one,) = text.dropped
    assert (one.path, one.tombstone.by, one.tombstone.size) == (("stdout",), "ana", len(TEXT))


def test_what_stays_beside_a_record_for_its_size_is_told_of_too(journal: Journal) -> None:
    """A reader is never given a reference to what is gone."""
    begun(journal, "run/3")
    with journal.writing("run/3") as writer:
        writer.append(draft(data={"stdout": "z" * (2**20 + 1)}))
    ended(journal, "run/3")
    dropped(journal, named(journal, "run/3"), "run/3")
    assert [one.path for record in journal.read("run/3") for one in record.dropped] == [("stdout",)]


def test_a_drop_verifies_and_is_counted(journal: Journal) -> None:
    """Told apart from a payload that is missing without a word."""
    dropped(journal, named(journal)[:1])
    verdict = verify(journal, "run/1")[0]
    assert (verdict.ok, verdict.dropped, verdict.size) == (True, 1, 6)
    with journal._store.transaction() as tx:
        tx.drop(named(journal)[0].removeprefix("sha256:"))
    verdict = verify(journal, "run/1")[0]
    assert (verdict.problem, verdict.seq, verdict.size) == (Problem.PAYLOAD_MISSING, 2, 2)
    assert "no record says that it was dropped" in verdict.message
    with pytest.raises(BrokenChain, match="missing"):
        list(journal.read("run/1"))


def test_a_drop_in_one_run_is_none_in_another(journal: Journal) -> None:
    """Each stream is whole by itself."""
    with journal.writing("run/2") as writer:
        writer.append(draft(data={"stdout": TEXT}))
    text = named(journal, "run/2")
    dropped(journal, text)
    assert verify(journal, "run/1")[0].ok
    assert verify(journal, "run/2")[0].problem is Problem.PAYLOAD_MISSING


def test_what_is_open_takes_no_drop(journal: Journal) -> None:
    """Neither from a guest by mistake, nor as a word that a runner would have to believe."""
    with pytest.raises(Bug, match="by a guest"), journal.writing("run/2") as writer:
        writer.append(draft("payloads.dropped", {"payloads": []}))


def test_an_export_says_what_was_dropped(journal: Journal, tmp_path: Path) -> None:
    """It holds nothing of it, also while the bytes still lie there, and verifies without the store."""
    dropped(journal, named(journal)[:2], only_record=True)
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(export(journal, "run/1")))
    verdict = verify_export(path)
    assert (verdict.ok, verdict.dropped) == (True, 2)
    assert b"a line of output" not in path.read_bytes()
    lines = [line for line in path.read_bytes().splitlines(keepends=True) if b"payloads.dropped" not in line]
    path.write_bytes(b"".join(lines))
    assert verify_export(path).problem is Problem.PAYLOAD_MISSING


def test_an_export_of_what_is_missing_is_refused(journal: Journal) -> None:
    """Nobody has dropped it: a file without it would hide that."""
    with journal._store.transaction() as tx:
        tx.drop(named(journal)[0].removeprefix("sha256:"))
    with pytest.raises(StoreError, match="missing"):
        list(export(journal, "run/1"))


def test_a_copy_leaves_what_was_dropped_behind(journal: Journal) -> None:
    """And says so, there as here, also where the bytes still lay in the old store."""
    dropped(journal, named(journal)[:1])
    dropped(journal, named(journal)[:1], only_record=True)
    target = MemoryStore()
    done = copy(journal._store, target)
    new = Journal(target, clock=Ticks())
    assert (done.payloads, done.dropped) == (1, 2)
    assert [one.dropped for one in verify(new, "run/1")] == [2]
    assert all(verdict.ok for verdict in verify(new))


def test_what_was_cut_short_is_known(journal: Journal) -> None:
    """The record is durable before the bytes go: whoever comes next can finish it, as often as they like."""
    digests = named(journal)[:2]
    dropped(journal, digests, only_record=True)
    naming = Naming(journal)
    naming.update()
    assert naming.unfinished() == sorted(digests)
    assert [journal.drop(naming.unfinished), journal.drop(naming.unfinished)] == [2, 0]
    assert verify(journal, "run/1")[0].dropped == 2


def test_a_long_list_is_several_records(journal: Journal) -> None:
    """None of them names what is gone in a payload of its own."""
    begun(journal, "run/4")
    with journal.writing("run/4") as writer:
        for n in range(100):
            writer.append(draft(data={"stdout": f"{n} " + TEXT}))
    ended(journal, "run/4")
    dropped(journal, named(journal, "run/4"), "run/4")
    records = [raw for raw in journal.raw("run/4") if tombstones(raw)]
    assert len(records) == 3 and not any(b'"payload":' in raw for raw in records)
    assert sum(len(json.loads(raw)["data"]["payloads"]) for raw in records) == 100
    assert verify(journal, "run/4")[0].dropped == 100


def test_what_comes_again_is_no_longer_gone(journal: Journal) -> None:
    """Another run may see the same value later: it is kept for that one."""
    (text, *_) = named(journal)
    dropped(journal, [text])
    with journal.writing("run/2") as writer:
        writer.append(draft(data={"stdout": TEXT}))
    naming = Naming(journal)
    naming.update()
    assert naming.unfinished() == []
    assert all(verdict.ok for verdict in verify(journal))


def outermost(journal: Journal, going: set[str]) -> set[str]:
    """Those of these payloads that stand anywhere else than inside of another of them."""
    naming = Naming(journal)
    naming.update()
    places = {digest: {(place.seq, place.path) for place in naming.places[digest]} for digest in going}
    gone = set().union(*places.values())

    def inside(seq: int, path: tuple[str | int, ...]) -> bool:
        return any((seq, path[:length]) in gone for length in range(len(path)))

    return {digest for digest, where in places.items() if not all(inside(*place) for place in where)}


long = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.sampled_from([1, 3_000, 9_000]))


@settings(max_examples=40, deadline=None)
@given(
    data=st.lists(
        st.dictionaries(st.sampled_from(["output", "change", "text"]), long | st.lists(long, max_size=5)), max_size=4
    ),
    chosen=st.integers(0, 2**24 - 1),
)
def test_whatever_is_dropped_the_rest_verifies(data: list[dict[str, object]], chosen: int) -> None:
    """Every other value is as it was; every gap is told of; and a further gap is found."""
    journal = begun(Journal(MemoryStore(), clock=Ticks()))
    with journal.writing("run/1") as writer:
        for one in data:
            writer.append(draft(data=one))
    ended(journal)
    before = [record.data for record in journal.read("run/1")]
    all_ = named(journal)
    going = {digest for number, digest in enumerate(sorted(all_)) if chosen >> number & 1}
    shown = outermost(journal, going)
    dropped(journal, sorted(going))
    verdict = verify(journal, "run/1")[0]
    assert (verdict.ok, verdict.dropped) == (True, len(shown))
    after = [record.data for record in journal.read("run/1")]
    assert {one.tombstone.digest for each in after for one in lost(each)} == shown
    assert [new for new in after[: len(before)] if not list(lost(new))] == [
        old for old, new in zip(before, after, strict=False) if not list(lost(new))
    ]
    left = set(named(journal)) - going  # what stood inside of something that is gone is named by nothing any more
    if left:
        with journal._store.transaction() as tx:
            tx.drop(min(left).removeprefix("sha256:"))
        assert verify(journal, "run/1")[0].problem is Problem.PAYLOAD_MISSING
