"""Runners of one run on machines that share a database: real processes, held up and replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from runbook.errors import Exit, Refused, UsageError
from runbook.hosts import guests
from runbook.hosts.claims import AlreadyOpen
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from runbook.journal import Busy
from support.crash import place
from support.crash.alone import ended, process, until
from support.crash.stores import Databases
from support.postgres import Server


@pytest.fixture
def stores(postgres: Server) -> Databases:
    return Databases(postgres)


@pytest.fixture
def run(stores: Databases) -> str:
    """An id that no other run has: attempts' files lie together below the home."""
    return stores.run()


@pytest.fixture
def of(tmp_path: Path, stores: Databases) -> Iterator[place.Project]:
    """A project of two changes that can be seen in the world."""
    folder = place.project(tmp_path / "p", runbook=place.one(), confirm=True, config=stores.config())
    of = place.opened(folder)
    yield of
    of.journal.close()


def held_up(runner: subprocess.Popen[str], stores: Databases) -> None:
    """It is stopped for so long that its claim has run out."""
    os.kill(runner.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, runner.pid, os.WSTOPPED | os.WNOWAIT)
    stores.died()


def woken(runner: subprocess.Popen[str]) -> tuple[int, str]:
    """It goes on where it was; how it ends, and by which error."""
    os.kill(runner.pid, signal.SIGCONT)
    code, said = ended(runner, 60.0)
    return code, said.split(":")[0]


@pytest.mark.fault(86)
def test_a_runner_that_slept_at_its_gate_finds_its_run_finished_by_another(
    of: place.Project, stores: Databases, run: str
) -> None:
    """Until its claim runs out nobody takes over; then the next one does all of it, and the first one nothing."""
    runner = process(of.root, run, "begin", "ask", "sit")
    until(lambda: of.journal.head(stream_of(run)) and place.told(of.journal, run).open_gates, runner)
    with pytest.raises(Busy, match=f"pid {runner.pid}"):
        place.go_on(of, run)
    held_up(runner, stores)
    assert exit_of(place.go_on(of, run)) is Exit.OK
    size = place.told(of.journal, run).size
    assert woken(runner) == (Exit.BLOCKED, "fenced")
    assert (place.told(of.journal, run).size, place.ledger(of.root)) == (size, ["restart", "purge"])


@pytest.mark.fault(86)
def test_a_runner_that_slept_in_its_change_does_not_go_on_to_the_next(
    of: place.Project, stores: Databases, run: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its command has acted, and is found from another machine; what it still wants to record of it is refused."""
    (of.root / "slow").write_text("1")
    runner = process(of.root, run, "begin")
    until((of.root / "begun-restart").exists, runner)
    held_up(runner, stores)
    (of.root / "slow").unlink()
    until(lambda: place.ledger(of.root) == ["restart"])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    assert exit_of(place.go_on(of, run)) is Exit.OK
    results = [r.data["applied"] for r in of.journal.read(stream_of(run)) if r.type == "change.resulted"]
    assert woken(runner) == (Exit.BLOCKED, "fenced")
    assert (results, place.ledger(of.root)) == (["yes", "yes"], ["restart", "purge"])
    epochs = [record.epoch for record in of.journal.read(stream_of(run)) if record.epoch]
    assert (epochs, set(epochs)) == (sorted(epochs), {1, 2})


@pytest.mark.fault(45)
def test_an_abort_and_a_yes_at_once_are_one_decision(of: place.Project, run: str) -> None:
    """From two machines, in the same moment: the run ends once, and nothing is applied after the abort."""
    runner = process(of.root, run, "begin", "ask", "sit")
    until(lambda: of.journal.head(stream_of(run)) and place.told(of.journal, run).open_gates, runner)
    one, other = place.opened(of.root), place.opened(of.root)

    def votes() -> None:
        with suppress(Refused, UsageError):  # the run, or its gate, was over already
            guests.vote(other.place, run, "grant")

    threads = [threading.Thread(target=votes), threading.Thread(target=guests.abort, args=(one.place, run, "enough"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code, _ = ended(runner, 60.0)
    records = list(of.journal.read(stream_of(run)))
    aborted = next(record.seq for record in records if record.type == "abort.requested")
    intended = [record.seq for record in records if record.type == "change.intended"]
    assert all(seq < aborted for seq in intended)
    assert len(place.ledger(of.root)) == len(intended)
    assert code == Exit.REFUSED
    for each in (one, other):
        each.journal.close()


@pytest.mark.fault(87)
def test_of_many_starts_at_once_one_runs(of: place.Project, stores: Databases) -> None:
    """Each over a connection of its own: locks and claims are the database's."""
    ends: list[str] = []

    def start(run: str) -> None:
        mine = place.opened(of.root)
        try:
            place.begin(mine, run, yes=False)
            ends.append("runs")
        except AlreadyOpen:
            ends.append("refused")
        finally:
            mine.journal.close()

    threads = [threading.Thread(target=start, args=(stores.run(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["refused"] * 5 + ["runs"]
