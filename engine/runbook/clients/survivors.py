"""Which processes of an attempt outlived its runner, and their end on a person's word.

They are known by the attempt's file, which they hold open, and the first of them by its id and time of birth: never
by an id alone, which may have been given anew. Where the system shows neither, nobody is ended.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runbook.clients.attempts import Attempt, Look, born

_TICK = 0.05
_KILL = 2.0


def holders(path: Path) -> tuple[int, ...]:
    """Processes, other than this one, that hold the file of an attempt open; those of other users may be missing."""
    try:
        wanted = path.stat()
    except OSError:
        return ()
    return tuple(pid for pid in _processes() if _holds(pid, (wanted.st_dev, wanted.st_ino)))


def end(attempt: Attempt, grace: float) -> bool:
    """End what is left of an attempt: SIGTERM, and SIGKILL after `grace` seconds. True once nothing of it lives."""
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, _KILL)):
        told: set[int] = set()
        until = time.monotonic() + seconds
        while (look := attempt.look()).locked and time.monotonic() < until:
            for pid in {*_leader(look), *holders(attempt.path)}:
                if pid not in told or number == signal.SIGKILL:
                    told.add(pid)
                    _send(pid, number)
            time.sleep(_TICK)
    return not attempt.look().locked


def _leader(look: Look) -> tuple[int, ...]:
    """The first process, where it is known by more than its id."""
    return (look.pid,) if look.leader and look.pid is not None and born(look.pid) is not None else ()


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(OSError):
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)


def _processes() -> Iterator[int]:
    with suppress(OSError):
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                yield int(entry.name)


def _holds(pid: int, wanted: tuple[int, int]) -> bool:
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found = descriptor.stat()
                if (found.st_dev, found.st_ino) == wanted:
                    return True
    return False
