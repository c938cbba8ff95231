"""Run one command to its end: its own session, no terminal, a deadline, and output that cannot fill memory.

Either nothing was started, and a `NotStarted` says why, or there is a `Completed`, whatever became of it: what
an exit code means is not known here. Safe to call from several threads at once; it starts none.

Of each stream the first and the last part are kept. Output is read until the leader is gone, and half a
second more for what is still in the pipe: a grandchild that holds the pipe open does not hold us.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from runbook.clients import leftovers
from runbook.clients.attempts import Attempt, boot_id, born
from runbook.clients.limits import Limits
from runbook.clients.outputs import Kept, Mask
from runbook.clients.programs import NotStarted, refusal, resolve
from runbook.errors import StoreError

if TYPE_CHECKING:
    from subprocess import Popen

OUTPUT_CAP = 256 * 1024
GRACE = 5.0

_CHUNK = 64 * 1024
_TICK = 0.1  # how soon `cancelled` is noticed
_BLIND_TICK = 0.01  # where no descriptor tells of the leader's exit
_DRAIN = 0.5
_KILL = 2.0  # what survives SIGKILL for so long is stuck in the kernel


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command that was started.

    `exit_code` is 128 + N where signal N ended it (`signal` is its name). `truncated`: the middle of a stream
    was left out, a note stands in its place. `total_bytes` counts both streams. `held`: a process that was left
    behind had the output open when we stopped reading. `leftovers`: processes that outlived the leader; those of
    a command that was `timed_out` or `cancelled` were ended. `duration` in seconds. `sha256` is that of its whole
    standard output, masked, if that was asked for, and `stdout_cut` says that not all of it was kept.
    """

    exit_code: int
    signal: str | None = None
    stdout: bytes
    stderr: bytes
    truncated: bool = False
    stdout_cut: bool = False
    sha256: str | None = None
    total_bytes: int = 0
    timed_out: bool = False
    cancelled: bool = False
    held: bool = False
    leftovers: tuple[int, ...] = ()
    duration: float = 0.0


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | str,
    timeout: float,
    cancelled: Callable[[], bool],
    executable: str | None = None,
    stdin: bytes | None = None,
    attempt: Attempt | None = None,
    limits: Limits | None = None,
    mask: Callable[[], Mask] | None = None,
    keep_leftovers: bool = False,
    output_cap: int = OUTPUT_CAP,
    hashed: bool = False,
    grace: float = GRACE,
) -> Completed:
    """Run a command; NotStarted (or a subclass) if it could not be, and then nothing was done.

    `executable` is the file that `resolve` found. Out of time (`timeout`, seconds) or called off, the whole
    family gets SIGTERM and, after `grace` seconds, SIGKILL. With `keep_leftovers` what a command that ended by
    itself has left running stays (a restarted service); otherwise it is ended too. `output_cap` is bytes per
    stream; what is kept went through a `mask` of its own first. `hashed` gives the SHA-256 of its standard output.
    `limits` hold for the command and all that it starts.
    """
    if timeout <= 0:
        raise NotStarted(f"no time was left to run {argv[0]}")
    if cancelled():
        raise NotStarted(f"{argv[0]} was not run, because the run is ending")
    path = executable or resolve(argv[0], env, cwd)
    begun = time.monotonic()
    out = Kept(output_cap, mask() if mask else None, hashed=hashed)
    err = Kept(output_cap, mask() if mask else None)
    child, mark = _start(argv, path, env, cwd, stdin, attempt, limits)
    running = _Running(child, mark, stdin, out, err)
    try:
        reason = running.follow(begun + timeout, cancelled)
        _mark(attempt, {"ended": reason} if reason else {"exit": running.returncode})
        found = running.left() if running.exited else frozenset()
        if reason or (found and not keep_leftovers):
            found |= running.end(grace)
        running.drain(_DRAIN)
        return running.completed(reason, found, time.monotonic() - begun)
    except BaseException:
        running.end(0.0)
        raise
    finally:
        running.close()


def _start(
    argv: Sequence[str],
    path: str,
    env: Mapping[str, str],
    cwd: Path | str,
    stdin: bytes | None,
    attempt: Attempt | None,
    limits: Limits | None,
) -> tuple[Popen[bytes], str]:
    """The process, once its program runs, and the mark that its family bears."""
    if any("\0" in element for element in argv):
        raise NotStarted(f"an argument of {argv[0]} contains a NUL character, which no program can receive")
    if limits:
        limits.kept()
    leftovers.become_subreaper()
    mark = leftovers.new_mark(env.get(leftovers.MARK))
    try:
        if attempt:
            attempt.mark({"spawning": boot_id()}, durable=True)  # else an empty file would not prove what it proves
        child = _spawned(
            argv, path, {**env, leftovers.MARK: mark}, cwd, stdin, (attempt.fd,) if attempt else (), limits
        )
    except (OSError, ValueError, StoreError) as error:
        refused = refusal(error, argv[0], path, cwd)
        _mark(attempt, {"failed": refused.code})
        raise refused from error
    if attempt:
        _mark(attempt, {"pid": child.pid, "group": child.pid, "born": born(child.pid)})
    return child, mark


def _spawned(
    argv: Sequence[str],
    path: str,
    env: Mapping[str, str],
    cwd: Path | str,
    stdin: bytes | None,
    fds: tuple[int, ...],
    limits: Limits | None,
) -> Popen[bytes]:
    """The process, once its program runs; OSError or ValueError if it does not."""
    from subprocess import DEVNULL, PIPE, Popen

    told, tell = os.pipe() if limits else (-1, -1)
    try:
        child = Popen(
            [_utf8(word) for word in (limits.wrapped(tell, path, argv) if limits else argv)],
            executable=None if limits else path,
            env={_utf8(name): _utf8(value) for name, value in env.items()},
            cwd=cwd,
            stdin=DEVNULL if stdin is None else PIPE,
            stdout=PIPE,
            stderr=PIPE,
            bufsize=0,
            start_new_session=True,  # a group to be ended by, and no terminal to ask for passwords on
            pass_fds=(*fds, tell) if limits else fds,
        )
        if limits:
            os.close(tell)
            tell = -1
            try:
                _became(told)
            except BaseException:
                child.kill()
                child.communicate()
                raise
        return child
    finally:
        for fd in (told, tell):
            if fd >= 0:
                os.close(fd)


def _utf8(word: str) -> bytes:
    """Runbooks are UTF-8, whatever the locale of whoever runs them; bytes that came in as none go out as they were."""
    return word.encode("utf-8", "surrogateescape")


def _became(told: int) -> None:
    """Wait until the process under limits is its program; OSError of why it cannot be."""
    failed = os.read(told, 16)
    if failed:
        raise OSError(int(failed), os.strerror(int(failed)))


def _mark(attempt: Attempt | None, state: dict[str, object]) -> None:
    """A mark that cannot be written makes a later look say less, never something wrong."""
    if attempt:
        with suppress(StoreError):
            attempt.mark(state)


class _Running:
    """A command that was started: moves its bytes, knows when its leader is gone, ends its family."""

    def __init__(self, child: Popen[bytes], mark: str, stdin: bytes | None, out: Kept, err: Kept) -> None:
        self._child = child
        self._mark = mark
        self._input = memoryview(stdin or b"")
        self.exited = False
        self._out, self._err = out, err
        self._poll = select.poll()
        self._open: dict[int, Kept] = {}
        for stream, kept in ((child.stdout, self._out), (child.stderr, self._err)):
            if stream:
                self._open[stream.fileno()] = kept
                self._poll.register(stream.fileno(), select.POLLIN)
        if child.stdin:
            os.set_blocking(child.stdin.fileno(), False)
            self._poll.register(child.stdin.fileno(), select.POLLOUT)
        self._exit = _exit_descriptor(child.pid)
        if self._exit is not None:
            self._poll.register(self._exit, select.POLLIN)

    @property
    def returncode(self) -> int:
        return self._child.wait()

    def follow(self, deadline: float, cancelled: Callable[[], bool]) -> str | None:
        """Until the leader exits (None), or why we stopped waiting: `timeout` or `cancelled`."""
        while not self.exited:
            left = deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            if cancelled():
                return "cancelled"
            self._move(min(left, _TICK))
        return None

    def left(self) -> frozenset[int]:
        """Processes of this command, other than its leader, that are alive."""
        return leftovers.of(self._child.pid, self._mark)

    def end(self, grace: float) -> frozenset[int]:
        """End the family; the processes, other than the leader, that had to be told."""
        seen: frozenset[int] = frozenset()
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, _KILL)):
            told: frozenset[int] = frozenset()
            until = time.monotonic() + seconds
            while (alive := self._alive()) and time.monotonic() < until:
                leftovers.send(alive if number == signal.SIGKILL else alive - told, number)
                leftovers.send(alive - told, signal.SIGCONT)  # one that was stopped hears SIGTERM only now
                told |= alive
                self._move(_TICK / 2)
            seen |= told
        return seen - {self._child.pid}

    def drain(self, seconds: float) -> None:
        """Read what is still in the pipes; whoever holds them open is not waited for."""
        until = time.monotonic() + seconds
        while self._open and (left := until - time.monotonic()) > 0:
            self._move(left)

    def completed(self, reason: str | None, found: frozenset[int], duration: float) -> Completed:
        code = self._child.poll()
        if code is None:  # stuck in the kernel: ours to reap, should it ever end
            found |= {self._child.pid}
            code = self._child.returncode = -signal.SIGKILL
        leftovers.note(found)
        out, err = self._out.close(), self._err.close()
        return Completed(
            exit_code=code if code >= 0 else 128 - code,
            signal=_signal_name(-code) if code < 0 else None,
            stdout=out,
            stderr=err,
            truncated=self._out.truncated or self._err.truncated,
            stdout_cut=self._out.truncated,
            sha256=self._out.sha256,
            total_bytes=self._out.total + self._err.total,
            timed_out=reason == "timeout",
            cancelled=reason == "cancelled",
            held=bool(self._open),
            leftovers=tuple(sorted(found)),
            duration=duration,
        )

    def close(self) -> None:
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream:
                stream.close()
        if self._exit is not None:
            os.close(self._exit)

    def _alive(self) -> frozenset[int]:
        return self.left() if self.exited else self.left() | {self._child.pid}

    def _move(self, seconds: float) -> None:
        """Wait at most so long for something to move, and move it."""
        if self._exit is None:
            seconds = min(seconds, _BLIND_TICK)
        for fd, _ in self._poll.poll(seconds * 1000):
            if fd in self._open:
                self._read(fd)
            elif fd == self._exit:
                self._poll.unregister(fd)
                self._child.wait()
                self.exited = True
            else:
                self._write(fd)
        if self._exit is None and not self.exited:
            self.exited = self._child.poll() is not None

    def _read(self, fd: int) -> None:
        chunk = os.read(fd, _CHUNK)
        if chunk:
            self._open[fd].add(chunk)
        else:
            del self._open[fd]
            self._poll.unregister(fd)

    def _write(self, fd: int) -> None:
        try:
            self._input = self._input[os.write(fd, self._input[:_CHUNK]) :]
        except BrokenPipeError:  # it does not want to read on; what that means, its exit code says
            self._input = self._input[:0]
        except BlockingIOError:
            return
        if not self._input and self._child.stdin:
            self._poll.unregister(fd)
            self._child.stdin.close()


def _exit_descriptor(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends (Linux 5.3); None where there is none."""
    try:
        return os.pidfd_open(pid)  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
