"""Threads that perform steps: no more than allowed, and none lost to a step that never ends."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from runbook.hosts import workers
from runbook.hosts.workers import Workers


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST", 2)


def test_at_most_so_many_jobs_are_done_at_the_same_time() -> None:
    """The third waits for one of the two."""
    pool, begun, go_on = Workers(), SimpleQueue[int](), threading.Event()
    for number in range(3):
        pool.submit(lambda number=number: (begun.put(number), go_on.wait(10)))
    assert {begun.get(timeout=5), begun.get(timeout=5)} == {0, 1}
    assert begun.empty()
    go_on.set()
    assert begun.get(timeout=5) == 2


def test_a_job_that_was_given_up_makes_room_for_those_that_wait() -> None:
    """Without another submission: who waits already is served."""
    pool, done, never = Workers(), SimpleQueue[str](), threading.Event()
    stuck = [pool.submit(lambda: never.wait(10)) for _ in range(2)]
    pool.submit(lambda: done.put("third"))
    pool.give_up(stuck[0])
    assert done.get(timeout=5) == "third"
    never.set()


def test_giving_up_what_has_ended_changes_nothing() -> None:
    """The watchdog may be a moment late; no thread is lost by that."""
    pool, done = Workers(), SimpleQueue[int]()
    number = pool.submit(lambda: done.put(1))
    done.get(timeout=5)
    for _ in range(100):
        if number not in pool._open:
            break
        threading.Event().wait(0.01)
    pool.give_up(number)
    pool.submit(lambda: done.put(2))
    assert done.get(timeout=5) == 2
    assert pool._threads <= 2
