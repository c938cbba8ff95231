"""Time, as a host has it. The one place that reads the wall clock; below, time is the `at` of records."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch, UTC."""

    def now(self) -> float:
        """The time."""
        ...

    def skip_to(self, until: float | None) -> bool:
        """Let time pass at once where it is simulated; False where it has to be waited for.

        None: nothing here is due at any time; only what happens by itself may let it pass.
        """
        ...

    def catch_up(self, at: float) -> None:
        """It is at least `at`: what was recorded then has happened."""
        ...


def wall() -> float:
    """The wall clock."""
    return time.time()


class WallClock:
    """Real time that never stands still or goes back.

    Where the wall clock is set back, deadlines would be waited for that are over; so time goes on by the monotonic
    clock until the wall has caught up. A wall clock that is set forward is believed: what may have expired has.
    """

    def __init__(self) -> None:
        self._offset = wall() - time.monotonic()

    def now(self) -> float:
        """The wall clock, or what it would show had it not been set back."""
        steady = time.monotonic()
        self._offset = max(self._offset, wall() - steady)
        return steady + self._offset

    def skip_to(self, until: float | None) -> bool:
        """Real time has to be waited for."""
        del until
        return False

    def catch_up(self, at: float) -> None:
        """An earlier runner's clock was ahead of the wall: go on from there."""
        self._offset = max(self._offset, at - time.monotonic())


class VirtualClock:
    """Time that passes only when nothing else is left to do. What is due at a time happens as it is reached."""

    def __init__(self, start: float) -> None:
        self._now = start
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._held = False

    def now(self) -> float:
        """The simulated time."""
        return self._now

    def at(self, time: float, happens: Callable[[], None]) -> None:
        """Have something happen at a time."""
        self._count += 1
        heapq.heappush(self._agenda, (time, self._count, happens))

    def hold(self) -> None:
        """Stand still: a real person is thinking."""
        self._held = True

    def release(self) -> None:
        """Go on."""
        self._held = False

    def skip_to(self, until: float | None) -> bool:
        """Jump there, or to what happens before; never back. False while time stands still."""
        if self._held:
            return False
        if self._agenda and (until is None or self._agenda[0][0] <= until):
            time, _, happens = heapq.heappop(self._agenda)
            self._now = max(self._now, time)
            happens()
        elif until is not None:
            self._now = max(self._now, until)
        else:
            return False
        return True

    def catch_up(self, at: float) -> None:
        """Never back."""
        self._now = max(self._now, at)
