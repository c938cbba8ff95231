"""Work on many things shared out to processes, which are forked and so have everything that this one has.

What was done comes back in the order of the things, whatever ran where. Nothing is lost with a process that is killed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Thing = TypeVar("Thing")
Done = TypeVar("Done")

_WORTH_FORKING: Final = 40  # things; a fork with its import costs about 20 ms, a file 2
_MOST_JOBS: Final = 8
_FEW: Final = 4  # things that are done and sent together: what is found fits into a pipe, and nobody waits
_TICKET: Final = 2  # bytes of a number
_MOST_TICKETS: Final = 8192  # fit into a pipe, whose smallest size is 16 KiB


def shared_out(things: Sequence[Thing], do: Callable[[Thing], Done], jobs: int | None) -> list[Done]:
    """`do` every thing. `jobs` is how many processes may work; None means as many as there are processors."""
    jobs = min(jobs or os.cpu_count() or 1, _MOST_JOBS)
    if len(things) < _WORTH_FORKING or jobs < 2 or threading.active_count() > 1:  # fork and threads do not mix
        return [do(thing) for thing in things]
    return _by_many(things, do, jobs)


def _by_many(things: Sequence[Thing], do: Callable[[Thing], Done], jobs: int) -> list[Done]:
    """Whoever has time takes the next few: forked processes, and this one between what it hears from them."""
    from multiprocessing import get_context  # 8 ms, for many things only
    from multiprocessing.connection import wait

    context = get_context("fork")  # what `do` knows is inherited, not sent
    size = max(_FEW, -(-len(things) // _MOST_TICKETS))
    shares = [things[at : at + size] for at in range(0, len(things), size)]
    tickets = _tickets(len(shares))
    done: list[list[Done] | None] = [None] * len(shares)
    open_: list[Connection[Any, Any]] = []
    processes = []
    for _ in range(jobs - 1):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_do_and_send, args=(writer, tickets, shares, do), daemon=True)
        process.start()
        writer.close()
        open_.append(reader)
        processes.append(process)

    def hear(timeout: float | None) -> None:
        ready = wait(open_, timeout)
        for reader in [one for one in open_ if one in ready]:
            try:
                share, results = reader.recv()
                done[share] = results
            except EOFError:
                open_.remove(reader)

    while (number := _next(tickets)) is not None:
        done[number] = [do(thing) for thing in shares[number]]
        hear(0)
    os.close(tickets)
    while open_:
        hear(None)
    for process in processes:
        process.join()
    # what is missing was being done by a process that was killed: for want of memory, say
    whole = (
        [do(thing) for thing in share] if results is None else results
        for share, results in zip(shares, done, strict=True)
    )
    return list(chain.from_iterable(whole))


def _tickets(count: int) -> int:
    """A descriptor from which each of so many numbers is read once, by whoever comes first."""
    reader, writer = os.pipe()
    os.write(writer, b"".join(number.to_bytes(_TICKET) for number in range(count)))
    os.close(writer)
    return reader


def _next(tickets: int) -> int | None:
    number = os.read(tickets, _TICKET)
    return int.from_bytes(number) if number else None


def _do_and_send(
    writer: Connection[Any, Any], tickets: int, shares: Sequence[Sequence[Thing]], do: Callable[[Thing], Done]
) -> None:
    while (number := _next(tickets)) is not None:
        writer.send((number, [do(thing) for thing in shares[number]]))
