"""A store brought to another place is the same store, or there is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook.errors import Refused, StoreError
from runbook.journal import Journal, open_store, store_at
from runbook.journal.copying import copy
from runbook.journal.verify import verify
from support.journals import begun, draft, ended
from support.postgres import Server

Made = Callable[[], str]
_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite", "sqlite to sqlite"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Two empty stores."""

    def made(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite://{tmp_path}/{next(_numbers)}.db"
        server: Server = request.getfixturevalue("postgres")
        return server.database()

    one, _, other = request.param.partition(" to ")
    return made(one), made(other)


def filled(url: str) -> Journal:
    """Two runs, one of them open and holding a lock, with records large enough for payloads."""
    journal = open_store(url)
    for name in ("run/1", "run/2"):
        lease = journal.lease(name, {"user": "ana"})
        journal.open_stream(
            name, draft("run.started", {"text": "x" * 20_000, "deep": ["y" * 20_000]}), epoch=lease.epoch
        )
        lease.release()
    begun(journal, "run/3", notes=300)
    ended(journal, "run/1")
    journal.take_locks(["k8s/api"], "run/2", {"user": "ana"})
    journal.next_number("incident")
    return journal


def test_a_copy_is_the_same_store(places: tuple[str, str]) -> None:
    """Bytes, payloads, order, seals, epochs, locks, counters, and the key that secrets are known again by."""
    old = filled(places[0])
    done = copy(store_at(places[0]), store_at(places[1]))
    new = open_store(places[1])
    names = old.names()
    assert (done.streams, done.payloads) == (len(names), 2)
    assert new.names() == names
    assert {name: list(new.raw(name)) for name in names} == {name: list(old.raw(name)) for name in names}
    assert all(verdict.ok for verdict in verify(new))
    assert [info.sealed for info in new.streams("run/")] == [info.sealed for info in old.streams("run/")]
    assert (new.locks(), new.key("2")) == (old.locks(), old.key("2"))
    assert new.lease("run/2", {}).epoch == 2
    assert new.next_number("incident") == 2


def test_a_store_that_holds_anything_is_not_copied_over(places: tuple[str, str]) -> None:
    """Two histories are not one."""
    filled(places[0])
    begun(open_store(places[1]), "run/9")
    with pytest.raises(Refused, match="not empty"):
        copy(store_at(places[0]), store_at(places[1]))
    assert open_store(places[1]).names("run/") == ["run/9"]


def test_what_is_being_run_is_not_copied(places: tuple[str, str]) -> None:
    """It would go on in the old store, and be resumed from the new one."""
    old = filled(places[0])
    lease = old.lease("run/2", {})
    with pytest.raises(Refused, match="run/2 is being run"):
        copy(store_at(places[0]), store_at(places[1]))
    lease.release()


def test_a_copy_that_fails_leaves_nothing(places: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left half-way is not a store that somebody could take for one."""
    filled(places[0])
    target = store_at(places[1])
    insert, count = target.insert, itertools.count()  # type: ignore[attr-defined]

    def failing(stream: str, seq: int, raw: bytes) -> int:
        if next(count) == 100:
            raise StoreError("the disk is full")
        return int(insert(stream, seq, raw))

    monkeypatch.setattr(target, "insert", failing)
    with pytest.raises(StoreError, match="disk is full"):
        copy(store_at(places[0]), target)
    assert open_store(places[1]).names() == []
    monkeypatch.undo()
    assert copy(store_at(places[0]), target).streams == 4
