"""Time of the local host: durations stay right, whatever the wall clock does."""

from __future__ import annotations

import time

import pytest

from runbook.hosts.clock import VirtualClock, WallClock

DAY = 86_400.0


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The wall clock, and beside it the monotonic one: [wall, monotonic]."""
    now = [1.8e9, 5000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[1])
    return now


def passes(wall: list[float], seconds: float) -> None:
    wall[0] += seconds
    wall[1] += seconds


def test_it_shows_the_wall_clock(wall: list[float]) -> None:
    """As long as nobody sets it."""
    clock = WallClock()
    passes(wall, 30)
    assert clock.now() == 1.8e9 + 30


@pytest.mark.fault(44, 88)
def test_set_back_it_goes_on_by_the_monotonic_clock(wall: list[float]) -> None:
    """A wait of a minute ends after a minute, not after a day and a minute."""
    clock = WallClock()
    wall[0] -= DAY
    assert clock.now() == 1.8e9
    passes(wall, 60)
    assert clock.now() == 1.8e9 + 60


@pytest.mark.fault(88)
def test_set_forward_it_is_believed(wall: list[float]) -> None:
    """What may have expired has expired; a laptop that slept is such a case."""
    clock = WallClock()
    wall[0] += DAY
    assert clock.now() == 1.8e9 + DAY


@pytest.mark.fault(88)
def test_the_next_runner_goes_on_where_the_last_one_was(wall: list[float]) -> None:
    """Records of a clock that was ahead are not in the future of whoever resumes."""
    clock = WallClock()
    clock.catch_up(1.8e9 + DAY)
    passes(wall, 5)
    assert clock.now() == 1.8e9 + DAY + 5
    clock.catch_up(1.8e9)
    assert clock.now() == 1.8e9 + DAY + 5


def test_simulated_time_passes_by_what_happens_where_nothing_is_due() -> None:
    """An answer that takes ten minutes is given after them, although nobody set a deadline for it."""
    clock, heard = VirtualClock(100.0), list[float]()
    assert not clock.skip_to(None)
    clock.at(700.0, lambda: heard.append(clock.now()))
    assert clock.skip_to(None)
    assert (heard, clock.now()) == ([700.0], 700.0)
