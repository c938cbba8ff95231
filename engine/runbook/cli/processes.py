"""Work shared out to processes, in groups that stay together; what comes of it in the order in which it was given.

Each process takes a group, works through it one by one and says what came of each at once, so that a process which
dies is known to have died of one piece of work: that one is told as `Died`, the rest of its group goes to another.
Processes are forked: they inherit the work, and nothing is sent to them but numbers. An interrupt is ours alone;
however this ends, no process is left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Given = TypeVar("Given")
Came = TypeVar("Came")

_MOST: Final = 16


class Died(NamedTuple):
    """The process that was at a piece of work ended: `code` as of `Process.exitcode`, negative for a signal."""

    code: int

    def __str__(self) -> str:
        if self.code >= 0:
            return f"the process that played it ended with {self.code}"
        try:
            name = signal.Signals(-self.code).name
        except ValueError:
            name = f"signal {-self.code}"
        return f"the process that played it was ended by {name}"


class _At(NamedTuple):
    """A piece of work: which group, and which of it."""

    group: int
    place: int


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Connection[Any, Any]


def processors() -> int:
    """How many processes may work at once, if nobody says."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def worked(
    work: Callable[[Given], Came], groups: Sequence[Sequence[Given]], jobs: int
) -> Generator[Came | Died, None, None]:
    """What came of every piece of work, in order, as soon as all before it has come.

    In this process alone where one is enough, or where nothing can be forked: forks and threads do not mix.
    """
    jobs = min(jobs, len(groups), _MOST)
    if jobs < 2 or threading.active_count() > 1 or not hasattr(os, "fork"):
        yield from (work(given) for group in groups for given in group)
        return
    pool = _Pool(work, groups)
    try:
        yield from pool.came(jobs)
    finally:
        pool.end()


class _Pool(Generic[Given, Came]):
    def __init__(self, work: Callable[[Given], Came], groups: Sequence[Sequence[Given]]) -> None:
        self._work = work
        self._groups = groups
        self._todo = deque(_At(number, 0) for number, group in enumerate(groups) if group)
        self._came: dict[_At, Came | Died] = {}
        self._workers: list[_Worker] = []
        self._at: dict[Connection[Any, Any], _At] = {}

    def came(self, jobs: int) -> Iterator[Came | Died]:
        """Begin, and give what comes in the order of the groups."""
        from multiprocessing.connection import wait

        for _ in range(jobs):
            self._begin()
        for number, group in enumerate(self._groups):
            for index in range(len(group)):
                while _At(number, index) not in self._came:
                    for connection in wait(list(self._at)):
                        self._hear(next(one for one in self._workers if one.connection is connection))
                yield self._came.pop(_At(number, index))

    def end(self) -> None:
        """No process is left, whatever it was doing."""
        for process, connection in self._workers:
            connection.close()
            process.terminate()
        for process, _ in self._workers:
            process.join()

    def _begin(self) -> None:
        """One more process, with a group to begin with; none where nothing is left to do."""
        from multiprocessing import get_context  # 8 ms, for many scenarios only

        if not self._todo:
            return
        context = get_context("fork")
        ours, theirs = context.Pipe()
        inherited = [ours, *(worker.connection for worker in self._workers)]
        process = context.Process(target=_working, args=(self._work, self._groups, theirs, inherited), daemon=True)
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))
        self._give(ours)

    def _give(self, connection: Connection[Any, Any]) -> None:
        if not self._todo:
            self._at.pop(connection, None)
            return
        self._at[connection] = self._todo.popleft()
        with contextlib.suppress(BrokenPipeError):  # it has died: that is heard when it is listened to
            connection.send(tuple(self._at[connection]))

    def _hear(self, worker: _Worker) -> None:
        at = self._at[worker.connection]
        following = _At(at.group, at.place + 1)
        left = following.place < len(self._groups[at.group])
        try:
            self._came[at] = worker.connection.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            self._came[at] = Died(worker.process.exitcode or 0)
            self._workers.remove(worker)
            del self._at[worker.connection]
            if left:
                self._todo.appendleft(following)
            self._begin()
            return
        if left:
            self._at[worker.connection] = following
        else:
            self._give(worker.connection)


def _working(
    work: Callable[[Any], Any],
    groups: Sequence[Sequence[Any]],
    connection: Connection[Any, Any],
    inherited: Sequence[Connection[Any, Any]],
) -> None:
    """One process: group after group, until nobody is there any more who gives it one.

    `inherited` are ends of pipes that only the first process may hold, or its end would not be noticed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            group, place = connection.recv()
            for given in groups[group][place:]:
                connection.send(work(given))
