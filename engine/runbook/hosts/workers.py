"""A few daemon threads that perform steps; results come back on one queue.

Threads are started as they are needed and kept. They are daemons: a step that never returns must not keep the
process from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

MOST = 32  # steps performed at the same time


class Workers:
    """Runs callables in threads; at most `MOST` at once, the others wait their turn."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, job: Callable[[], Any]) -> None:
        """Have a job done soon. It must deliver its own result, and raise nothing."""
        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._threads < MOST:
                self._threads += 1
                threading.Thread(target=self._work, name=f"step-{self._threads}", daemon=True).start()
        self._jobs.put(job)

    def lose(self) -> None:
        """A step was given up: its thread may never come back, and must not keep another from being started."""
        with self._lock:
            self._threads -= 1

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            with self._lock:
                self._idle += 1
