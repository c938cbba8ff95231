"""The open, locked file of one attempt of one change: how a later runner knows what became of a process.

The runner makes the file, locks it (flock, which belongs to the open file, not to the process) and hands the
descriptor to what it starts. Every process of the attempt inherits it, so the lock is free only when the last
of them is gone, whether or not the runner still lives. What happened so far stands in it, one JSON line each:

    {"spawning": BOOT}  →  {"pid": N, "group": N, "born": T}  →  {"exit": CODE}      it ended by itself
                                                              →  {"ended": REASON}   the runner ended it
                        →  {"failed": CODE}                                          nothing was started

A program may close what it inherits (sudo and ssh do), and the lock with it. So the first process is also looked
for by its id and the time it was born, which tells it from a later process of the same id.

The file is made before the intent is recorded: one that is there and empty proves that nothing was started,
one that is missing proves nothing, because it may lie on another machine or in another container.

Only `spawning` is synced, before the process is started: a runner's death leaves the page cache alone, and after the
machine's death the boot differs, with which an empty file proves nothing any more. But a disk that fails takes what
was not synced with it, and the boot stays: an empty file would be found, and a change made twice. The folder must be
on a local file system: over NFS a child does not inherit the lock.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from runbook.errors import StoreError

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MOST = 64 * 1024
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the file of an attempt says.

    `locked`: a process of the attempt lives; `leader`: it is the first one, `pid`. `present`: there is a file, so
    the attempt was made here. `spawning`: a process was about to be started. `failed`: why it was not. `pid`,
    `group`: the one that was. `exit`: the code that it ended with by itself, -N for signal N. `ended`: why the
    runner ended it (`timeout`, `cancelled`). `same_boot`: the machine has not been started anew since the change
    was intended.
    """

    locked: bool = False
    leader: bool = False
    present: bool = False
    spawning: bool = False
    failed: str | None = None
    pid: int | None = None
    group: int | None = None
    exit: int | None = None
    ended: str | None = None
    same_boot: bool = False

    @property
    def never_started(self) -> bool:
        """Proof that no process of the attempt ever was: nothing was applied, and nothing can arrive."""
        if self.locked or not self.present or self.pid is not None:
            return False
        return self.failed is not None or (self.same_boot and not self.spawning)


class Attempt:
    """One attempt: made and marked by the runner that applies, looked at by the one that confirms."""

    def __init__(self, path: Path, boot: str, fd: int | None) -> None:
        self.path = path
        self._boot = boot
        self._fd = fd

    @classmethod
    def create(cls, path: Path) -> Attempt:
        """The locked file of a new attempt; StoreError if it cannot be made or was used.

        A runner that died before its intent was recorded may have left it behind empty; that one is taken.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            mode = 0o660 if _shared(path.parent) else 0o600
            fd = os.open(path, flags, mode)
            if os.fstat(fd).st_uid == os.getuid():
                os.fchmod(fd, mode)  # whatever the umask
        except OSError as error:
            raise _unusable(path, f"it cannot be made: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            used = os.fstat(fd).st_size > 0
        except OSError as error:
            os.close(fd)
            held = isinstance(error, BlockingIOError)
            raise _unusable(path, "somebody holds it" if held else f"it cannot be locked: {error.strerror}") from error
        if used:
            os.close(fd)
            raise _unusable(path, "it was used by an earlier attempt")
        return cls(path, boot_id(), fd)

    @classmethod
    def earlier(cls, path: Path, boot: str) -> Attempt:
        """A view of an attempt of another runner; `boot` is the boot id that its intent was recorded with."""
        return cls(path, boot, None)

    @property
    def fd(self) -> int:
        """The descriptor that processes of the attempt inherit; StoreError on a view or after `close`."""
        if self._fd is None:
            raise StoreError(f"the attempt {self.path} is not open here")
        return self._fd

    def mark(self, state: dict[str, Any], *, durable: bool = False) -> None:
        """Append one line, and wait until it is on the disk if it must be; StoreError if that cannot be done."""
        line = msgspec.json.encode(state) + b"\n"
        try:
            written = os.write(self.fd, line)
            if durable:
                os.fsync(self.fd)
        except OSError as error:
            raise _unwritable(self.path, str(error.strerror)) from error
        if written != len(line):
            raise _unwritable(self.path, "no space")

    def look(self) -> Look:
        """What the file says now; never waits."""
        return look(self.path, self._boot)

    def close(self) -> None:
        """Let go of the file; processes that inherited it hold the lock on."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def made(folder: Path) -> None:
    """The folder of attempts, its owner's alone; its group's too in a folder that this group may write to.

    StoreError if it cannot be made.
    """
    try:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _shared(folder.parent) and folder.stat().st_uid == os.getuid():
            folder.chmod(0o2770)
    except OSError as error:
        raise StoreError(
            f"the folder of attempts cannot be made: {folder}: {error.strerror}",
            hint="see to the file system of the store; nothing was started that needed it; then resume",
        ) from error


def _shared(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IWGRP)


def look(path: Path, boot: str) -> Look:
    """What the file of an attempt says; `boot` is the boot id of its intent. Never waits."""
    same = boot != "" and boot == boot_id()
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Look(same_boot=same)
    except OSError as error:
        raise StoreError(f"the file of an attempt cannot be read: {path}: {error.strerror}") from error
    try:
        # shared, so that two who look do not take each other for a living process
        locked = not _try_lock(fd)
        states = _states(os.read(fd, _MOST))
    finally:
        os.close(fd)
    leader = "pid" in states and boot == boot_id() and _lives(states["pid"], states.get("born"))
    return Look(
        locked=locked or leader,
        leader=leader,
        present=True,
        same_boot=same,
        spawning="spawning" in states,
        **{name: states[name] for name in ("failed", "pid", "group", "exit", "ended") if name in states},
    )


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"the file of this attempt, {path}, cannot be used: {why}",
        hint="without it a crash could not be told from a success, so nothing was started",
    )


def _unwritable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"the file of this attempt cannot be written: {path}: {why}",
        hint="see to the file system of the store, then resume",
    )


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _states(data: bytes) -> dict[str, Any]:
    """All states together; a last line that was cut off by a crash is left out."""
    states: dict[str, Any] = {}
    for line in data.splitlines():
        with suppress(msgspec.DecodeError):
            states |= _decode(line)
    return states


def born(pid: int) -> str | None:
    """What tells a process from any other that had or will have its id; None where that cannot be seen."""
    seen = _stat(pid)
    return seen[1] if seen else None


def _lives(pid: int, when: str | None) -> bool:
    """Without a time of birth another process of that id is taken for it: better to wait for nothing."""
    if when is not None:
        seen = _stat(pid)
        return seen is not None and seen[1] == when and seen[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def _stat(pid: int) -> tuple[str, str] | None:
    """State and time of birth, from `PID (NAME) STATE …`; a name may contain anything (proc(5), fields 3 and 22)."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123 - a third of the time, for each process
            fields = file.read().rpartition(b")")[2].decode().split()
    except OSError:
        return None
    return fields[0], fields[19]


@cache  # no process outlives its boot
def boot_id() -> str:
    """What tells this boot of the machine from any other; "" where the platform does not say."""
    if sys.platform == "darwin":
        return _boot_time()
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _boot_time() -> str:
    """Of macOS: `{ sec = 1700000000, usec = 0 } …`."""
    import subprocess

    try:
        done = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.boottime"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.partition("}")[0].strip()
