"""Work is shared out to processes, comes back in order, and whoever dies of it is told apart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from runbook.cli import processes
from runbook.cli.processes import Died, worked

GROUPS = [[1, 2, 3], [4], [], [5, 6]]
US = os.getpid()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that other tests have left behind do not keep this one from forking."""
    monkeypatch.setattr(processes.threading, "active_count", lambda: 1)


def elsewhere() -> None:
    """What follows is not for the process of the tests."""
    assert os.getpid() != US


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("jobs", [1, 2, 3, 99])
def test_what_comes_back_is_in_the_order_of_what_was_given(jobs: int) -> None:
    """However many processes work."""
    came = list(worked(squared, GROUPS, jobs))
    assert [one[0] for one in came] == [1, 4, 9, 16, 25, 36]
    assert (os.getpid() in {one[1] for one in came}) is (jobs == 1)
    assert came[0][1] == came[2][1]  # a group stays together


def test_a_process_that_dies_takes_only_one_piece_of_work_with_it() -> None:
    """The rest of its group is done by another, and the cause is told."""

    def dies(number: int) -> int:
        elsewhere()
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 6:
            os._exit(7)
        return number

    came = list(worked(dies, GROUPS, 2))
    assert came == [1, Died(-signal.SIGKILL), 3, 4, 5, Died(7)]
    assert [str(one) for one in came if isinstance(one, Died)] == [
        "the process that played it was ended by SIGKILL",
        "the process that played it ended with 7",
    ]


def test_no_process_is_left_when_nobody_listens_any_more() -> None:
    """As after Ctrl-C: whoever is still at work is ended."""

    def slow(number: int) -> int:
        elsewhere()
        if number > 1:
            signal.pause()
        return os.getpid()

    with closing(worked(slow, GROUPS, 2)) as came:
        first = next(came)
    assert isinstance(first, int)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_an_interrupt_is_not_for_those_who_work() -> None:
    """The terminal sends it to all of them; only the one that was started answers it."""

    def interrupted(number: int) -> int:
        elsewhere()
        os.kill(os.getpid(), signal.SIGINT)
        return number

    assert list(worked(interrupted, GROUPS, 2)) == [1, 2, 3, 4, 5, 6]


def test_who_works_ends_when_nobody_is_there_any_more_to_listen() -> None:
    """The one that was started is killed: the others notice it, each by the end of its own pipe."""
    code = (
        "import os, time\nfrom runbook.cli.processes import worked\n"
        "def work(number):\n    time.sleep(0.05)\n    return os.getpid()\n"
        "for pid in worked(work, [[1] * 3] * 99, 3):\n    print(pid, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        pids = {int(started.stdout.readline()) for _ in range(7)}
        started.kill()
    until = time.monotonic() + 20
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < until, pids
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
