"""Which processes a command left behind, and their end.

A process that is orphaned comes to the nearest subreaper above it; on Linux we make ourselves one, so that a
grandchild that left its session (`setsid`) comes to us instead of vanishing to init. That it belongs to one
of our commands is known by its session or by a mark in its environment; other children of this process
are never touched. Elsewhere only the command's process group can be seen.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

MARK = "RUNBOOK_COMMAND"

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_numbers = itertools.count(1)
_left: set[int] = set()  # processes that outlived their command: reaped once they end, if they came to us


@cache
def become_subreaper() -> bool:
    """Have orphans come to this process, from now on; False where the platform cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def new_mark(outer: str | None) -> str:
    """What tells one command's processes from any other's; within a command of ours both marks stand."""
    mark = f"{os.getpid()}.{next(_numbers)}"
    return f"{outer}/{mark}" if outer else mark


def of(leader: int, mark: str) -> frozenset[int]:
    """Living processes of a command, other than its leader, that came to us; elsewhere its group, if it lives."""
    reap()
    adopted = _children()
    if adopted is None:
        return frozenset({leader}) if _group_lives(leader) else frozenset()
    return frozenset(pid for pid in adopted if pid != leader and _belongs(pid, leader, mark))


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal processes, each with its whole group where it leads or led one."""
    for pid in pids:
        with suppress(OSError):
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                os.kill(pid, number)


def note(pids: Iterable[int]) -> None:
    """Have these reaped: now, or with a later command once they end."""
    _left.update(pids)
    reap()


def reap() -> None:
    """Take the exit status of those that were left running and have ended since."""
    for pid in tuple(_left):
        try:
            ended, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            ended = pid
        if ended:
            _left.discard(pid)


def _children() -> list[int] | None:
    """Children of the main thread: orphans come to it. None where the kernel does not list them."""
    pid = os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb", buffering=0) as file:  # noqa: PTH123 - after each process
            return [int(child) for child in file.read().split()]
    except OSError:
        return None


def _belongs(pid: int, leader: int, mark: str) -> bool:
    try:
        # "PID (NAME) STATE PPID PGRP SESSION …"; a name may contain anything, so the last parenthesis counts
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
        if state == "Z":
            _take(pid, ours=int(session) == leader)
            return False
        return int(session) == leader or _marked(pid, mark)
    except (OSError, ValueError):
        return False


def _take(pid: int, *, ours: bool) -> None:
    if ours:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _marked(pid: int, mark: str) -> bool:
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    start = f"{MARK}={mark}".encode()
    return any(one == start or one.startswith(start + b"/") for one in variables)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True
