"""How things are measured: by turns, in fresh processes, by the wall clock; the fastest of each side is compared.

The machine is never quite alone, and what disturbs only ever adds. So the two sides take turns, and the minimum of
each is what it can do; the median beside it says how disturbed the measurement was.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Sample(NamedTuple):
    """Some measurements of one thing, in `unit`."""

    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        return f"{self.least:.4g} ({self.median:.4g}) {self.unit}"


class Row(NamedTuple):
    """One line of the table. `limit` is what `ours` must stay under; None for rows that only inform."""

    what: str
    ours: Sample
    peer: Sample | None
    limit: float | None
    must: str

    @property
    def ratio(self) -> float | None:
        return self.ours.least / self.peer.least if self.peer else None

    @property
    def holds(self) -> bool:
        return self.limit is None or self.ours.least <= self.limit


class Command(NamedTuple):
    """A program to be timed: its words, folder, environment and the exit codes that mean that it did its work."""

    argv: Sequence[str | Path]
    cwd: Path
    env: Mapping[str, str]
    codes: tuple[int, ...] = (0,)

    def run(self) -> float:
        """Milliseconds from start to end."""
        begun = time.perf_counter()
        done = subprocess.run(
            [str(word) for word in self.argv],
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        took = (time.perf_counter() - begun) * 1000
        if done.returncode not in self.codes:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise SystemExit(f"{' '.join(map(str, self.argv))} exited with {done.returncode}:\n{said}")
        return took

    def peak(self) -> float:
        """MiB that the process itself had at most; its children are not counted."""
        child = subprocess.Popen(
            [str(word) for word in self.argv],
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in self.codes:
            raise SystemExit(f"{' '.join(map(str, self.argv))} exited with {child.returncode}")
        return usage.ru_maxrss / 1024


def by_turns(rounds: int, *things: Callable[[], float], unit: str = "ms") -> list[Sample]:
    """Each thing in its turn, `rounds` times, after one turn that does not count (caches, bytecode)."""
    for thing in things:
        thing()
    taken = [[thing() for thing in things] for _ in range(rounds)]
    return [Sample(values, unit) for values in zip(*taken, strict=True)]
