"""The disk fails under a run: it ends with a sentence, does nothing more, and is resumed when the disk is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import Exit, StoreError
from runbook.hosts import guests
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from runbook.journal.verify import verify
from support.crash import place
from support.crash.alone import ended, process, until
from support.disks import Disk, disk

RUN = place.run_id(11)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return place.project(tmp_path / "p", runbook=place.one(), confirm=True)


@pytest.fixture
def store(folder: Path, tmp_path: Path) -> Iterator[Disk]:
    """The store has a disk to itself: what the run does elsewhere would still succeed."""
    with disk(tmp_path / "kept", folder / ".runbook") as made:
        if made is None:
            pytest.skip("needs root, and loop devices")
        yield made


@pytest.mark.fault(85)
@pytest.mark.parametrize("when", ["gate.opened", "decision.given", "change.intended"])
def test_a_disk_that_turns_read_only_ends_the_run_where_it_stands(folder: Path, store: Disk, when: str) -> None:
    """No effect after it but what was begun, exit 4, and the way on; then resumed, each thing once."""
    of = place.opened(folder)
    with pytest.raises(StoreError) as error:
        place.begin(of, RUN, watcher=place.Fails(when, store.dies))
    assert error.value.exit is Exit.UNDETERMINED
    assert "disk I/O error" in str(error.value) or "Read-only file system" in str(error.value)
    assert place.ledger(folder) == (["restart"] if when == "change.intended" else [])
    of.journal.close()
    store.mends()
    again = place.opened(folder)
    assert exit_of(place.go_on(again, RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]
    assert all(verdict.ok for verdict in verify(again.journal))


@pytest.mark.fault(85)
def test_an_error_of_the_disk_ends_the_run_where_it_stands(folder: Path, store: Disk) -> None:
    """What was written comes back as EIO: exit 4, nothing applied; mended, the run goes on."""
    of = place.opened(folder)
    with pytest.raises(StoreError, match="disk I/O error") as error:
        place.begin(of, RUN, watcher=place.Fails("gate.opened", store.fails))
    assert (error.value.exit, place.ledger(folder)) == (Exit.UNDETERMINED, [])
    assert "dmesg" in (error.value.hint or "")
    of.journal.close()
    store.mends()
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]


@pytest.mark.fault(85)
def test_a_runner_that_waits_at_its_gate_can_be_ended_and_followed_by_another(folder: Path, store: Disk) -> None:
    """No vote can be written, and it says why; the runner ends on a signal though it can write nothing."""
    runner = process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    until(lambda: of.journal.head(stream_of(RUN)) and place.told(of.journal, RUN).open_gates, runner)
    store.dies()
    with pytest.raises(StoreError):
        guests.vote(of.place, RUN, "grant")
    runner.terminate()
    code, said = ended(runner)
    assert code in (Exit.TERMINATED, Exit.UNDETERMINED), said
    of.journal.close()
    store.mends()
    again = place.opened(folder)
    guests.vote(again.place, RUN, "grant")
    assert exit_of(place.go_on(again, RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]
