"""The locks on what a run changes: had, waited for, tried again."""

from __future__ import annotations

from runbook.core.commands import PlanChange
from runbook.hosts.clock import VirtualClock
from runbook.hosts.holds import AGAIN, Holds
from runbook.journal.port import LockInfo
from support.crash.place import Unseen
from support.machines import T0

PLAN = PlanChange(key="a:plan#1", path="a", id="a", phase="resolution", kind="turn", inputs={}, hold=("lamp/one",))
OTHER = LockInfo("lamp/one", "run/r2", "2026-01-05T10:00:00Z", {})


class Heard(Unseen):
    """A watcher that keeps what the run waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[str] = []

    def held(self, what: str) -> None:
        self.waits.append(what)


class Locks:
    """What another run has; counts how often it is asked."""

    def __init__(self, *held: LockInfo) -> None:
        self.held, self.asked = held, 0

    def take(self, names: tuple[str, ...]) -> tuple[LockInfo, ...]:
        self.asked += 1
        return self.held


def test_a_target_that_another_run_holds_is_told_and_tried_again_a_second_later() -> None:
    """Not at every turn: the store has better things to do."""
    clock, locks, watcher = VirtualClock(T0), Locks(OTHER), Heard()
    holds = Holds(locks.take, clock.now, watcher)
    assert not holds.has(PLAN)
    assert not holds.has(PLAN)
    assert (locks.asked, watcher.waits) == (1, ["lamp/one is held by run/r2 since 2026-01-05T10:00:00Z"])
    assert holds.waiting == {PLAN.key: T0 + AGAIN}
    clock.skip_to(T0 + AGAIN)
    locks.held = ()
    assert holds.has(PLAN)
    assert (locks.asked, holds.waiting) == (2, {})


def test_what_is_held_is_not_asked_for_again() -> None:
    """A run keeps the targets of all its changes until it has ended."""
    locks = Locks()
    holds = Holds(locks.take, VirtualClock(T0).now, Unseen())
    assert holds.has(PLAN)
    assert holds.has(PLAN)
    assert locks.asked == 1
