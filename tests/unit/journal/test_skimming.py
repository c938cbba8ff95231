"""Many streams in one pass."""

from __future__ import annotations

import pytest

from runbook.errors import BrokenChain, StoreError
from runbook.journal import Journal
from runbook.journal.memory import MemoryStore
from support.journals import Ticks, begun, draft


def stored(raw: bytes) -> Journal:
    """A journal in which the second record of a run is these bytes."""
    store = MemoryStore()
    journal = begun(Journal(store, clock=Ticks()))
    with store.transaction() as tx:
        tx.insert("run/1", 1, raw)
    return journal


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"type": 3}', b"\xff", b'{"v":1,"type":"note.added"}'])
def test_bytes_that_are_no_record_are_named(raw):
    """Where they are, and what says more; nothing is made of the rest."""
    with pytest.raises(BrokenChain, match=r"record 1 of run/1: these bytes are no record") as caught:
        list(stored(raw).skim("run/", {"note.added"}))
    assert (caught.value.stream, caught.value.seq) == ("run/1", 1)
    assert "log verify 1" in str(caught.value.hint)


def test_a_record_of_a_later_format_is_not_read():
    """What it says may mean something else."""
    journal = begun(Journal(MemoryStore(), clock=Ticks()))
    [raw] = journal.raw("run/1")
    with pytest.raises(StoreError, match="format 2"):
        list(stored(raw.replace(b'"v":1', b'"v":2')).skim("run/"))


def test_a_payload_that_many_records_name_is_read_once(monkeypatch):
    """Ten thousand incidents were declared with the same catalog."""
    store = MemoryStore()
    journal = Journal(store, clock=Ticks())
    ref = journal.put(b"x" * 100, "text/plain; charset=utf-8")
    for number in range(5):
        begun(journal, f"run/{number}")
        with journal.writing(f"run/{number}") as writer:
            writer.append(draft("note.added", {"text": ref}))
    asked = []
    monkeypatch.setattr(store, "get", lambda digest, get=store.get: asked.append(digest) or get(digest))
    found = [skim.records[1].data["text"] for skim in journal.skim("run/")]
    assert (found, len(asked)) == (["x" * 100] * 5, 1)
