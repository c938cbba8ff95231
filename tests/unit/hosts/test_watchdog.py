"""The watchdog: calls once for what did not end in time, never for what did."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from runbook.hosts import watchdog
from runbook.hosts.watchdog import Watchdog


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_TICK", 0.01)


def test_what_does_not_end_in_time_is_given_up_once() -> None:
    """And it is too late then to say that it has ended."""
    dog, given_up = Watchdog(), SimpleQueue[str]()
    dog.watch("slow", 0.05, lambda: given_up.put("slow"))
    assert given_up.get(timeout=5) == "slow"
    assert not dog.ended("slow")
    assert given_up.empty()


def test_what_ends_in_time_is_left_alone() -> None:
    """One step is slow, the other is not; only the slow one is given up."""
    dog, given_up = Watchdog(), SimpleQueue[str]()
    dog.watch("quick", 0.05, lambda: given_up.put("quick"))
    assert dog.ended("quick")
    dog.watch("slow", 0.1, lambda: given_up.put("slow"))
    assert given_up.get(timeout=5) == "slow"


def test_it_watches_again_after_it_had_nothing_to_watch() -> None:
    """A thread that has gone to sleep wakes up for the next step."""
    dog, given_up = Watchdog(), threading.Event()
    dog.watch("first", 60, given_up.set)
    dog.ended("first")
    dog.watch("second", 0.01, given_up.set)
    assert given_up.wait(5)
