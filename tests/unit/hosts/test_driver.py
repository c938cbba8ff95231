"""The loop of every host: what is written before anything is sent, and what is not sent any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.core.commands import Apply
from runbook.core.history import history
from runbook.errors import Exit
from runbook.hosts.clock import VirtualClock
from runbook.hosts.ports import Result, Suspended
from runbook.hosts.said import Vote
from runbook.journal import Journal
from runbook.journal.port import Store
from runbook.journal.record import Draft
from runbook.journal.sqlite import SqliteStore
from support.crash.histories import ANN, STREAM, Runner, World, begun
from support.machines import T0, book, starting

DAY = 86_400.0
BOOK = book("resolution: [{id: a, steps: [{id: one, uses: turn}]}]\n")


class Stage:
    """A run whose gate is granted and whose last plan is under way."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = VirtualClock(T0)
        self.world = World()
        self.journal: Journal = begun(self.clock, store)
        self.runner = self.resumed(first=True)
        self.answered("pass")
        gate = history(self.journal.read(STREAM)).open_gates[0]
        self.runner.driver.deliver(Vote(gate.key, "grant", "ann"))
        self.runner.turn()

    def resumed(self, *, first: bool = False) -> Runner:
        runner = Runner(self.journal, self.world, self.clock, starting(BOOK)())
        runner.driver.replay()
        if not first:
            runner.driver.resumed({"by": "ann", "engine": "9.9.9"}, ANN)
        self.runner = runner
        runner.turn()
        return runner

    def answered(self, how: str) -> None:
        """Answer every read, until a gate is open, or a change under way."""
        while self.runner.hands.flying and not self.applying():
            for key in list(self.runner.hands.flying):
                self.runner.hands.answer(key, "same" if "plan" in key else how)
            self.runner.turn()

    def applying(self) -> list[str]:
        return [key for key, (command, *_) in self.runner.hands.flying.items() if isinstance(command, Apply)]

    def types(self) -> list[str]:
        return [record.type for record in self.journal.read(STREAM)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.fault(65)
def test_nothing_is_intended_once_a_signal_has_come(stage: Stage) -> None:
    """The last plan and the signal come in at once: the run ends there, and no intent is left behind."""
    for key in list(stage.runner.hands.flying):
        stage.runner.hands.answer(key, "same")
    stage.runner.driver.interrupt(Exit.TERMINATED)
    assert isinstance(stage.runner.turn(), Suspended)
    assert "change.intended" not in stage.types()


@pytest.mark.fault(44)
def test_a_grant_that_ran_out_while_nobody_was_there_is_not_used(stage: Stage) -> None:
    """A day later the change is planned again and asked for again; nothing is sent under the old yes."""
    test_nothing_is_intended_once_a_signal_has_come(stage)
    stage.runner.lease.release()
    stage.clock.skip_to(T0 + DAY)
    stage.resumed()
    stage.answered("pass")
    assert stage.world.sent == []
    assert [gate.attempt for gate in history(stage.journal.read(STREAM)).open_gates] == [2]


def test_a_grant_that_still_holds_is_used_at_the_resume(stage: Stage) -> None:
    """A moment later the change is sent, once."""
    test_nothing_is_intended_once_a_signal_has_come(stage)
    stage.runner.lease.release()
    stage.resumed()
    assert stage.world.sent == [("resolution/a/one:apply#1", 1)]


@pytest.mark.fault(65)
def test_what_a_change_says_after_it_was_given_up_is_its_result(stage: Stage) -> None:
    """The doubt is over as soon as the truth comes in; a second word changes nothing."""
    stage.answered("pass")
    (key,) = stage.applying()
    stage.runner.driver.deliver(Result(key, "change.confirmed", {"found": "unknown", "reason": "late"}))
    stage.runner.turn()
    assert list(stage.runner.driver.machine.doubts) == [key]
    for _ in range(2):
        stage.runner.driver.deliver(Result(key, "change.resulted", {"applied": "yes", "id": "one"}))
    stage.runner.turn()
    assert (stage.runner.driver.machine.doubts, stage.types().count("change.resulted")) == ({}, 1)


@pytest.mark.fault(88)
def test_a_clock_that_goes_back_is_recorded_and_time_goes_on(stage: Stage) -> None:
    """Records never go back in time; the jump stands among them, with its size."""
    before = list(stage.journal.read(STREAM))[-1].time
    stage.journal._clock = lambda: T0 - DAY  # type: ignore[method-assign]
    stage.runner.turn()
    (jump,) = [record for record in stage.journal.read(STREAM) if record.type == "clock.jumped"]
    assert jump.data["seconds"] == pytest.approx(-DAY)
    assert jump.time >= before


def test_what_others_write_while_reads_are_brought_to_the_disk_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request to stop that is committed just before our sync is not taken for something that we wrote ourselves."""
    stage = Stage(SqliteStore(tmp_path / "store.db"))
    driver = stage.runner.driver
    key = next(iter(stage.runner.hands.flying))
    stage.runner.hands.answer(key, "same")
    stage.runner.turn()
    guest = Journal(SqliteStore(tmp_path / "store.db"), clock=stage.clock.now)
    sync = stage.journal.sync

    def written_meanwhile() -> None:
        with guest.writing(STREAM) as writer:
            writer.append(Draft("abort.requested", None, {"reason": "enough", "by": "bob"}, ANN))
        sync()

    monkeypatch.setattr(stage.journal, "sync", written_meanwhile)
    driver._loose_since = stage.clock.now() - 1.0
    driver._settle()
    assert driver._changed != stage.journal.changed(driver.stream)  # so the loop goes round at once
    driver.turn([])
    assert driver.machine.aborting or driver.machine.done
