"""A few daemon threads that perform steps; results come back on one queue.

Threads are started as they are needed and kept. They are daemons: a step that never returns must not keep the
process from ending. Nor must it keep other steps from being done: a thread that is given up is replaced.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

MOST = 32  # steps performed at the same time


class _Job(NamedTuple):
    number: int
    work: Callable[[], Any]


class Workers:
    """Runs callables in threads; at most `MOST` at once, the others wait their turn."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._open: set[int] = set()  # jobs submitted, neither ended nor given up
        self._count = 0
        self._threads = 0

    def submit(self, work: Callable[[], Any]) -> int:
        """Have a job done soon; gives its number. It must deliver its own result, and raise nothing."""
        with self._lock:
            self._count += 1
            job = _Job(self._count, work)
            self._open.add(job.number)
            self._enough()
        self._jobs.put(job)
        return job.number

    def give_up(self, number: int) -> None:
        """A job that is being done does not end: do without its thread. Nothing for one that has ended."""
        with self._lock:
            if number in self._open:
                self._open.discard(number)
                self._threads -= 1
                self._enough()

    def _enough(self) -> None:
        """One more thread, if there are more jobs than threads."""
        if self._threads < min(MOST, len(self._open)):
            self._threads += 1
            threading.Thread(target=self._work, name=f"step-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            job.work()
            with self._lock:
                if job.number not in self._open:
                    return  # given up, and replaced
                self._open.discard(job.number)
