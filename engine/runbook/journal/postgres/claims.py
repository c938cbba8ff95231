"""Who runs a stream: a row that says until when, by the server's clock, and is made to say later every few seconds.

A runner that dies leaves its row, which is nobody's from that time on. One that was held up so long that its row ran
out (a stopped process, a machine asleep, a network away) may have been replaced: it knows so by its own clock, before
it sends anything, and the store refuses what it writes by its epoch.
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from typing import Final

from runbook.errors import StoreError
from runbook.journal.port import Claim
from runbook.journal.postgres.line import Line

LASTS: Final = 15.0  # seconds that a claim lasts
RENEWED: Final = 5.0  # seconds after which it is made to last anew
_MARGIN: Final = 2.0  # seconds before its end from which on nothing is sent any more

_TAKE: Final = """
INSERT INTO claims (stream, token, until) VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (stream) DO UPDATE SET token = excluded.token, until = excluded.until
WHERE claims.until < clock_timestamp() RETURNING 1
"""
_RENEW: Final = """
UPDATE claims SET until = clock_timestamp() + make_interval(secs => %s)
WHERE stream = %s AND token = %s AND until >= clock_timestamp() RETURNING 1
"""
_HELD: Final = "SELECT 1 FROM claims WHERE stream = %s AND until >= clock_timestamp()"
_LET_GO: Final = "DELETE FROM claims WHERE stream = %s AND token = %s"
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # counts while the machine sleeps, where it can


class Claims:
    """The claims of this process, on a line of their own: a long transaction must not cost a lease."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._renewed: dict[tuple[str, str], float] = {}  # stream and token → when its last renewal was asked for
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, stream: str) -> Claim | None:
        """Become the stream's runner; None where another one is."""
        token = secrets.token_hex(16)
        with self._lock:
            asked = _now()
            if not self._asked(_TAKE, stream, token, LASTS):
                return None
            self._renewed[stream, token] = asked
            if self._thread is None:
                self._thread = threading.Thread(target=self._renewing, name="claims", daemon=True)
                self._thread.start()
        return Claim(lambda: self._let_go(stream, token), lambda: self._lives(stream, token))

    def held(self, stream: str) -> bool:
        """Whether somebody runs it, this process included."""
        with self._lock:
            return bool(self._asked(_HELD, stream))

    def close(self) -> None:
        """Let everything go."""
        for stream, token in list(self._renewed):
            self._let_go(stream, token)
        self._closed.set()
        with self._lock:
            if self._line is not None:
                self._line.close()

    def _asked(self, sql: str, *values: str | float) -> list[tuple[object, ...]]:
        self._line = self._line or Line(self._url)
        return self._line.ask(sql, *values)

    def _let_go(self, stream: str, token: str) -> None:
        with self._lock:
            if self._renewed.pop((stream, token), None) is None:
                return
            with suppress(StoreError):  # it runs out by itself
                self._asked(_LET_GO, stream, token)

    def _lives(self, stream: str, token: str) -> bool:
        renewed = self._renewed.get((stream, token))
        return renewed is not None and _now() - renewed < LASTS - _MARGIN

    def _renewing(self) -> None:
        while not self._closed.wait(RENEWED):
            for stream, token in list(self._renewed):
                with self._lock:
                    asked = _now()
                    try:
                        found = self._asked(_RENEW, LASTS, stream, token)
                    except StoreError:
                        continue  # the next round may succeed; if none does, the claim ends by our own clock
                    if not found:
                        self._renewed.pop((stream, token), None)
                    elif (stream, token) in self._renewed:
                        self._renewed[stream, token] = asked


def _now() -> float:
    return time.clock_gettime(_CLOCK)
