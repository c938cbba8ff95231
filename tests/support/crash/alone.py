"""A run in a process of its own, nothing changed in it: what is sent signals, stopped, killed or spoken to.

    python -m support.crash.alone FOLDER RUN begin|resume [sit] [ask]

`sit`: somebody is at the terminal, and says nothing. `ask`: gates are not answered with yes. Its exit code is the
run's, or that of the error that ended it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from runbook.errors import RunbookError
from runbook.hosts.ports import exit_of
from runbook.hosts.said import Desk, Nobody
from support.crash import place

TESTS = Path(__file__).parents[2]
_started: list[subprocess.Popen[str]] = []


class Sits(Nobody):
    """Somebody who says nothing."""

    attended = True


def process(folder: Path, run: str, *words: str) -> subprocess.Popen[str]:
    """Start it; its standard error tells of the error that ended it."""
    paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    runner = subprocess.Popen(
        [sys.executable, "-m", "support.crash.alone", str(folder), run, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stderr=subprocess.PIPE,
        text=True,
    )
    _started.append(runner)
    return runner


def stopped(runner: subprocess.Popen[str], store: Path, seconds: float = 20.0) -> None:
    """Stop it, as a laptop's lid does, but not while it writes: a writer that sleeps keeps the store from everybody."""
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        os.kill(runner.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, runner.pid, os.WSTOPPED | os.WNOWAIT)
        with closing(sqlite3.connect(store, timeout=0.0, isolation_level=None)) as asked:
            try:
                asked.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(runner.pid, signal.SIGCONT)
                time.sleep(0.02)
            else:
                asked.execute("ROLLBACK")
                return
    raise AssertionError("it never paused in its writing")


def end_all() -> None:
    """End what a test that failed has left; none may run, or hold a pipe open, under the next one."""
    while _started:
        runner = _started.pop()
        if runner.poll() is None:
            runner.kill()
        if runner.stderr is not None and not runner.stderr.closed:
            runner.communicate()


def ended(process: subprocess.Popen[str], seconds: float = 30.0) -> tuple[int, str]:
    """Its exit code, and what it said."""
    _, said = process.communicate(timeout=seconds)
    return process.returncode, said


def until(holds: Callable[[], Any], runner: subprocess.Popen[str] | None = None, seconds: float = 20.0) -> None:
    """Wait for something to hold, which a process is to bring about; one that has ended before tells why."""
    late = time.monotonic() + seconds
    while not holds():
        if runner is not None and runner.poll() is not None:
            raise AssertionError(f"its process has ended: {ended(runner)}")
        if time.monotonic() > late:
            if runner is not None:
                runner.kill()
                ended(runner)
            raise AssertionError("it did not come about in time")
        time.sleep(0.02)


def main(folder: str, run: str, verb: str, *words: str) -> int:
    of = place.opened(Path(folder))
    desk: Desk = Sits() if "sit" in words else Nobody()
    try:
        if verb == "begin":
            return int(exit_of(place.begin(of, run, desk=desk, yes="ask" not in words)))
        return int(exit_of(place.go_on(of, run, desk=desk, yes="ask" not in words)))
    except RunbookError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        return int(error.exit)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the suite was started under
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    sys.exit(main(*sys.argv[1:]))
