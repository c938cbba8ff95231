"""One runner for a run: the second is refused, and one that was replaced writes and does nothing more."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from runbook.core.history import History
from runbook.errors import Exit
from runbook.hosts import guests
from runbook.hosts.claims import AlreadyOpen
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from runbook.journal import Busy
from support.crash import place
from support.crash.alone import ended, process, stopped, until

RUN = place.run_id(5)
OTHER = place.run_id(6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return place.project(tmp_path / "p", runbook=place.one())


def at_gate(of: place.Project) -> History:
    until(lambda: of.journal.head(stream_of(RUN)) and place.told(of.journal, RUN).open_gates)
    return place.told(of.journal, RUN)


@pytest.mark.fault(86)
def test_a_second_runner_is_refused_with_the_first_shown(folder: Path) -> None:
    """A resume beside a live runner does nothing, and says who runs it."""
    runner = process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    before = at_gate(of).size
    with pytest.raises(Busy, match=f"pid {runner.pid}") as refused:
        place.go_on(of, RUN)
    assert refused.value.holder["pid"] == runner.pid
    assert place.told(of.journal, RUN).size == before
    guests.abort(of.place, RUN, "enough")
    ended(runner)


@pytest.mark.fault(86)
def test_a_runner_that_slept_through_a_takeover_is_fenced_when_it_wakes(folder: Path) -> None:
    """Stopped at its gate, replaced, and granted: it neither decides nor applies anything, and says so."""
    runner = process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    at_gate(of)
    stopped(runner, of.journal._store.path)
    with pytest.raises(Busy):  # a stopped process holds its lease; nobody takes over by himself
        place.go_on(of, RUN)
    store = of.journal._store  # what a takeover leaves behind, wherever a lease can run out
    with store.transaction() as tx:
        tx.set_epoch(stream_of(RUN), tx.epoch(stream_of(RUN)) + 1, b"{}")
    guests.vote(of.place, RUN, "grant")
    size = place.told(of.journal, RUN).size
    os.kill(runner.pid, signal.SIGCONT)
    code, said = ended(runner)
    assert (code, said.split(":")[0]) == (Exit.BLOCKED, "fenced")
    assert (place.told(of.journal, RUN).size, place.ledger(folder)) == (size, [])


def test_after_a_takeover_the_next_runner_goes_on(folder: Path) -> None:
    """Killed at its gate, it is resumed by somebody else under a higher epoch."""
    runner = process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    at_gate(of)
    runner.kill()
    ended(runner)
    assert exit_of(place.go_on(of, RUN)) is Exit.OK
    epochs = [record.epoch for record in of.journal.read(stream_of(RUN))]
    assert sorted(set(epochs)) == [1, 2]
    assert place.ledger(folder) == ["restart", "purge"]


def test_while_somebody_runs_it_a_second_start_is_told_to_watch(folder: Path) -> None:
    """It cannot be gone on with from here."""
    process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    at_gate(of)
    with pytest.raises(AlreadyOpen, match=r"is open since \d{4}-\d\d-\d\d \d\d:\d\dZ") as refused:
        place.begin(of, OTHER)
    assert f"runbook watch {RUN}" in str(refused.value.hint)


def test_a_second_start_is_refused_with_the_command_to_go_on_with_the_first(folder: Path) -> None:
    """A run of the same runbook with the same parameters is open, and nobody runs it: exit 8, and its id."""
    of = place.opened(folder)
    place.begin(of, RUN, yes=False)
    with pytest.raises(AlreadyOpen, match=f"runbook resume {RUN}") as refused:
        place.begin(of, OTHER)
    assert (refused.value.run, refused.value.exit) == (RUN, Exit.BLOCKED)
    assert of.journal.head(stream_of(OTHER)) is None
    assert of.journal.holder(stream_of(OTHER)) is None


@pytest.mark.fault(87)
def test_of_many_starts_at_once_one_runs(folder: Path) -> None:
    """Between the lock and the first record there is no moment in which a second start takes the first for dead."""
    ends: list[str] = []

    def start(number: int) -> None:
        try:
            place.begin(place.opened(folder), place.run_id(number), yes=False)
            ends.append("runs")
        except AlreadyOpen:
            ends.append("refused")

    threads = [threading.Thread(target=start, args=(number,)) for number in range(10, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["refused"] * 7 + ["runs"]
