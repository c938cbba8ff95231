"""Others' commits, noticed as they happen: LISTEN, on a line of its own.

While the line is broken everything counts as news, so that nothing is missed and whoever waits simply looks.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import psycopg

from runbook.journal.postgres.line import connect

_LOOK: Final = 5.0  # seconds between two looks at whether we are still wanted
_AGAIN: Final = 1.0
_END: Final = 0.5
_BEGIN: Final = 5.0  # seconds to be heard of; after them it is deaf, and begins later


class Listening:
    """Counts commits of others; `ours` are the server's processes whose commits are our own."""

    def __init__(self, url: str, ours: set[int]) -> None:
        self._url = url
        self._ours = ours
        self._wakes: dict[str, list[Callable[[], None]]] = {}
        self._all = 0  # times that everything may have changed
        self._counts: Counter[str] = Counter()
        self._deaf = itertools.count(1)  # moves with every look while nothing can be heard
        self._hears = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listening", daemon=True)
        self._thread.start()
        self._hears.wait(_BEGIN)

    def wake(self, stream: str, wake: Callable[[], None]) -> None:
        """Have this called, in another thread, after each commit of others to a stream."""
        self._wakes.setdefault(stream, []).append(wake)

    def heard(self, stream: str) -> int:
        """A number that moves with each commit of others to a stream."""
        return self._all + self._counts[stream] if self._hears.is_set() else -next(self._deaf)

    def close(self) -> None:
        """Listen no more, from the next notification on."""
        self._closed.set()

    def join(self) -> None:
        """Wait until it has hung up, for a moment."""
        self._thread.join(_END)

    def _listen(self) -> None:
        while not self._closed.is_set():
            with suppress(psycopg.Error), connect(self._url) as connection:
                connection.execute("LISTEN runbook")
                self._all += 1
                self._hears.set()
                for stream in list(self._wakes):  # what was committed while nobody listened
                    self._news(stream)
                while not self._closed.is_set():
                    self._heard(connection)
            self._hears.clear()
            self._closed.wait(_AGAIN)

    def _heard(self, connection: psycopg.Connection[Any]) -> None:
        for notice in connection.notifies(timeout=_LOOK, stop_after=1):
            if notice.pid not in self._ours:
                self._news(notice.payload)

    def _news(self, stream: str) -> None:
        self._counts[stream] += 1
        for wake in self._wakes.get(stream, ()):
            wake()
