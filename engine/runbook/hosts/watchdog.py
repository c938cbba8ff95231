"""Gives up on steps that do not end, however long after their own timeout.

A kind is asked to keep its timeout, and strangers' kinds may not. The thread of such a step cannot be ended; what can
be ended is the waiting for it, so that a run never hangs on a kind. One thread, which looks once a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

GRACE = 10.0  # seconds that a step gets beyond its timeout, to end what it started and to say so
_TICK = 1.0


class Watchdog:
    """Calls back for what was not called off in time. Keys are those of commands."""

    def __init__(self) -> None:
        self._watched: dict[str, tuple[float, Callable[[], None]]] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asleep = False

    def watch(self, key: str, seconds: float, give_up: Callable[[], None]) -> None:
        """Call `give_up` (from another thread, once) unless `ended` is called within so many seconds."""
        with self._changed:
            self._watched[key] = (time.monotonic() + seconds, give_up)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="watchdog", daemon=True)
                self._thread.start()
            elif self._asleep:  # else it looks within a second anyway, and is not woken for each step
                self._changed.notify()

    def ended(self, key: str) -> bool:
        """It has ended; False when it was given up before."""
        with self._changed:
            return self._watched.pop(key, None) is not None

    def _work(self) -> None:
        while True:
            for give_up in self._overdue():
                give_up()

    def _overdue(self) -> list[Callable[[], None]]:
        with self._changed:
            self._asleep = not self._watched
            self._changed.wait(_TICK if self._watched else None)
            self._asleep = False
            now = time.monotonic()
            late = [key for key, (until, _) in self._watched.items() if until <= now]
            return [self._watched.pop(key)[1] for key in late]
