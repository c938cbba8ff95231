"""Time, as a host has it. The one place that reads the wall clock; below, time is the `at` of records."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch, UTC."""

    def now(self) -> float:
        """The time."""
        ...

    def skip_to(self, until: float) -> bool:
        """Let time pass at once where it is simulated; False where it has to be waited for."""
        ...


def wall() -> float:
    """The wall clock."""
    return time.time()


class WallClock:
    """Real time."""

    def now(self) -> float:
        """The wall clock."""
        return wall()

    def skip_to(self, until: float) -> bool:
        """Real time has to be waited for."""
        del until
        return False


class VirtualClock:
    """Time that passes only when nothing else is left to do."""

    def __init__(self, start: float) -> None:
        self._now = start

    def now(self) -> float:
        """The simulated time."""
        return self._now

    def skip_to(self, until: float) -> bool:
        """Jump there; never back."""
        self._now = max(self._now, until)
        return True
