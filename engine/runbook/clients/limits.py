"""How much one command may use: memory, time of the processor, processes, open files; and what it looks like if it did.

Memory, time and open files are counted for each process by itself, as the system does. Processes are counted by user,
so the limit is added to what runs when the command is started. Root is exempt from it: what would not hold is refused.
"""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from signal import SIGXCPU

import msgspec

from runbook.clients.programs import NotStarted

_SIGNS = {  # what programs say, by the limit that it speaks for
    "memory": rb"MemoryError|[Cc]annot allocate memory|[Oo]ut of memory|bad_alloc|OutOfMemory|alloc.* failed",
    "processes": rb"Resource temporarily unavailable|can't start new thread|[Cc]annot fork|EAGAIN",
    "open_files": rb"Too many open files|EMFILE",
}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of memory, seconds of CPU time, numbers of processes and open files; None is no limit of ours."""

    memory: int | None = None
    cpu: float | None = None
    processes: int | None = None
    open_files: int | None = None

    def kept(self) -> None:
        """NotStarted where the system would not keep them."""
        if self.processes is None:
            return
        if sys.platform != "linux":
            raise NotStarted("a limit of processes holds on Linux only, so nothing was started")
        if os.getuid() == 0:
            raise NotStarted(
                "a limit of processes does not hold for root, so nothing was started",
                hint="run as another user, or leave out `limits.processes`",
            )

    def wrapped(self, fd: int, path: str, argv: Sequence[str]) -> list[str]:
        """The argv of a process that becomes `path` under these limits; it says at `fd` if it cannot."""
        values = {
            "DATA": self.memory,  # what a process may write to; not addresses, of which Go and Java reserve far more
            "CPU": None if self.cpu is None else max(1, math.ceil(self.cpu)),
            "NPROC": None if self.processes is None else _running() + self.processes,
            "NOFILE": self.open_files,
        }
        said = ",".join(f"{name}={value}" for name, value in values.items() if value is not None)
        return [sys.executable, "-I", "-S", "-c", _source(), str(fd), said, path, *argv]

    def struck(self, signal: str | None, code: int, stderr: bytes) -> str | None:
        """Which of these the command seems to have met: `memory`, `cpu`, `processes` or `open_files`."""
        if self.cpu is not None and (
            signal == "SIGXCPU" or code == 128 + SIGXCPU
        ):  # the latter where a shell told of it
            return "cpu"
        found = (name for name, sign in _SIGNS.items() if getattr(self, name) is not None and re.search(sign, stderr))
        return next(found, None)


@cache
def _source() -> str:
    return Path(__file__).with_name("limited.py").read_text(encoding="utf-8")


def _running() -> int:
    """Threads of our user, which is what the kernel counts; those that end while we look are left out."""
    mine, count = os.getuid(), 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                count += sum(1 for _ in (process / "task").iterdir()) if process.stat().st_uid == mine else 0
            except OSError:
                continue
    return count
