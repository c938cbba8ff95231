"""The store fails in the middle of a run: no effect without a durable intent, and no result lost that can be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.errors import Exit, StoreError
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from runbook.journal import StoreFull
from runbook.journal.verify import verify
from support.crash import place

RUN = place.run_id(9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return place.project(tmp_path / "p", runbook=place.one(), confirm=True)


def types(folder: Path) -> list[str]:
    return [record.type for record in place.opened(folder).journal.read(stream_of(RUN))]


def refuse(of: place.Project, monkeypatch: pytest.MonkeyPatch, type_: str, times: int = 1) -> list[bool]:
    """No room for the next records of this type. The list grows with each time that the reserve was given free."""
    store = of.journal._store
    insert, given = store.insert, []
    left = [times]

    def inserted(stream: str, seq: int, raw: bytes) -> Any:
        if f'"type":"{type_}"'.encode() in raw and left[0]:
            left[0] -= 1
            given.append(store._folder.release_reserve())
            raise StoreFull("no space left", again=given[-1])
        return insert(stream, seq, raw)

    monkeypatch.setattr(store, "insert", inserted)
    return given


@pytest.mark.fault(85)
def test_without_room_for_an_intent_nothing_is_applied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is made, the intent does not fit: exit 4, and the command was never started."""
    of = place.opened(folder)
    refuse(of, monkeypatch, "change.intended")
    with pytest.raises(StoreFull) as error:
        place.begin(of, RUN)
    assert (error.value.exit, place.ledger(folder)) == (Exit.UNDETERMINED, [])
    assert "change.intended" not in types(folder)
    of.journal.close()
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]


@pytest.mark.fault(85)
def test_with_the_reserve_a_result_is_recorded_and_the_run_stops(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has happened stands in the journal, nothing new is begun, and a resume asks nobody."""
    of = place.opened(folder)
    given = refuse(of, monkeypatch, "change.resulted")
    with pytest.raises(StoreFull):
        place.begin(of, RUN)
    assert (given, types(folder)[-1]) == ([True], "change.resulted")
    assert place.ledger(folder) == ["restart"]
    of.journal.close()
    again = place.opened(folder)
    assert exit_of(place.go_on(again, RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]
    assert all(verdict.ok for verdict in verify(again.journal))


@pytest.mark.fault(85)
def test_without_any_room_the_result_is_found_again_by_the_next_runner(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reserve was not enough either: the intent stands open, and `confirm` tells what became of it."""
    of = place.opened(folder)
    refuse(of, monkeypatch, "change.resulted", times=2)
    with pytest.raises(StoreFull):
        place.begin(of, RUN)
    assert types(folder)[-1] == "change.intended"
    of.journal.close()
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]


@pytest.mark.fault(85)
def test_a_store_that_vanishes_stops_the_run_before_the_next_effect(folder: Path) -> None:
    """Its file is gone while the gate is open: nothing is applied, exit 4; put back, the run goes on."""
    of = place.opened(folder)
    file = folder / ".runbook" / "journal.db"
    seen = place.Fails("decision.given", lambda: file.rename(folder / "elsewhere"))
    with pytest.raises(StoreError, match="is gone") as error:
        place.begin(of, RUN, watcher=seen)
    assert (error.value.exit, place.ledger(folder)) == (Exit.UNDETERMINED, [])
    of.journal.close()
    (folder / "elsewhere").rename(file)
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]
