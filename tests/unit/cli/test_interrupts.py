"""Ctrl-C is answered at once, by words; the host does the stopping."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from runbook.cli.interrupts import HURRYING, PAUSING, STOPPING, answered


@pytest.fixture
def handled() -> Iterator[SimpleQueue[int]]:
    """SIGINT as a host has it: caught, and nothing said."""
    caught: SimpleQueue[int] = SimpleQueue()
    before = signal.signal(signal.SIGINT, lambda number, _: caught.put(number))
    yield caught
    signal.signal(signal.SIGINT, before)


def test_the_first_says_what_a_second_would_do(handled: SimpleQueue[int]) -> None:
    """And the second that it does."""
    said: SimpleQueue[str] = SimpleQueue()
    with answered(said.put, quiet=lambda: False):
        os.kill(os.getpid(), signal.SIGINT)
        assert said.get(timeout=5) == STOPPING
        os.kill(os.getpid(), signal.SIGINT)
        assert said.get(timeout=5) == HURRYING
    assert handled.qsize() == 2


def test_at_a_gate_nothing_is_said(handled: SimpleQueue[int]) -> None:
    """The run waits, and its report says how to go on."""
    said: list[str] = []
    with answered(said.append, quiet=lambda: True):
        os.kill(os.getpid(), signal.SIGINT)
    assert said == []
    assert handled.qsize() == 1


def test_in_another_thread_nothing_is_touched() -> None:
    """Only the main thread hears signals."""
    entered = []

    def elsewhere() -> None:
        with answered(lambda _: None, quiet=lambda: False):
            entered.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(5)
    assert entered == [True]


def test_where_nothing_is_changed_nobody_is_told_of_doubt(handled: SimpleQueue[int]) -> None:
    """A second Ctrl-C would do no harm then, so nothing is said of it."""
    said: SimpleQueue[str] = SimpleQueue()
    with answered(said.put, quiet=lambda: False, changing=lambda: False):
        os.kill(os.getpid(), signal.SIGINT)
        assert said.get(timeout=5) == PAUSING
