"""Processes that run a whole run and are killed at a numbered point, forked from one that has imported everything.

    nursery → fork → the run … point 17 → SIGKILL

The points: before and after every commit of the store, every process, every mark in an attempt's file, every
message and every hand-over. They are put around the real functions here, in these processes only. Time is the real
clock plus what the run has slept through: where nothing is performed, waiting is skipped. How much was skipped lies in
the project, so that the next process goes on at the time where the last one was.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from runbook.errors import RunbookError
from support.faulty import disk

TESTS = Path(__file__).parents[2]
CODE = "from support.crash.nursery import serve; serve()"


class Nursery:
    """The parent of the processes that are killed."""

    def __init__(self, preload: Path | None = None) -> None:
        """`preload`: a library that is loaded before all others, and stands in for the file system."""
        command = [sys.executable, "-W", "error", "-c", CODE]
        paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        if preload is not None:
            environ["LD_PRELOAD"] = str(preload)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True, bufsize=1
        )

    def live(
        self,
        folder: Path,
        run: str,
        *,
        kill: int | None = None,
        resume: bool = False,
        within: str | None = None,
        fault: dict[str, Any] | None = None,
        machine: str | None = None,
    ) -> dict[str, Any]:
        """One process of a run: `exit` or `signal` that ended it, and the `points` that it passed.

        `within`: it is a command by hand within that run. `fault`: what its disk does (support.faulty.disk). `machine`:
        it is on a machine of that name as far as it can tell: no attempt of another is to be seen from there.
        """
        about = {"kill": kill, "resume": resume, "within": within, "fault": fault, "machine": machine}
        asked = {"folder": str(folder), "run": run, **about}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def serve() -> None:
    """Fork one process for each line of stdin, and say how it ended."""
    time.time = _skewed  # type: ignore[assignment]
    for module in ("runbook.kinds.command_run", "runbook.messages.channels.file", "support.crash.place"):
        import_module(module)  # once, for all

    for line in sys.stdin:
        asked = json.loads(line)
        trace = Path(asked["folder"]) / "points"
        trace.write_text("")
        child = os.fork()
        if child == 0:
            _born(asked)
        _, status = os.waitpid(child, 0)
        points = trace.read_text().split("\n")[:-1]
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps({"exit": code, "points": points}) + "\n")
        sys.stdout.flush()


_real = time.time
_skew = [0.0]


def _skewed() -> float:
    return _real() + _skew[0]


def _born(asked: dict[str, Any]) -> None:
    code = 70
    folder = Path(asked["folder"])
    try:
        with (folder / "said").open("a") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        _skipping(folder / "skew")
        if asked["machine"] is not None:
            _on(folder / "machines" / asked["machine"])
        _hooked(folder / "points", asked["kill"], in_postgres="postgresql:" in (folder / "runbook.yaml").read_text())
        if asked["fault"] is not None:
            disk.arm(folder, **asked["fault"])
        code = _lived(folder, asked["run"], resume=asked["resume"], within=asked["within"])
    except RunbookError as error:
        code = int(error.exit)
        (folder / "error").write_text(json.dumps([str(error), error.hint]))
    except BaseException:  # noqa: BLE001 - written down, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _lived(folder: Path, run: str, *, resume: bool, within: str | None) -> int:
    from runbook.hosts.ports import exit_of
    from support.crash import place

    of = place.opened(folder)
    seen = place.Kept(folder / "seen")
    if within is not None:
        return int(exit_of(place.by_hand(of, within, run, resume=resume)))
    ended = place.go_on(of, run, watcher=seen) if resume else place.begin(of, run, watcher=seen)
    return int(exit_of(ended))


def _on(machine: Path) -> None:
    """Be on a machine of its own: another home, and another boot."""
    from runbook.clients import attempts

    machine.mkdir(parents=True, exist_ok=True)
    os.environ["XDG_STATE_HOME"] = str(machine)
    attempts._BOOT = machine / "boot_id"  # type: ignore[misc]
    attempts._BOOT.write_text(f"boot of {machine.name}")


def _skipping(file: Path) -> None:
    from runbook.hosts.clock import WallClock

    _skew[0] = float(file.read_text()) if file.exists() else 0.0

    def skip_to(self: WallClock, until: float | None) -> bool:
        if until is None:
            return False
        _skew[0] += max(0.0, until - self.now())
        file.write_text(str(_skew[0]))
        return True

    WallClock.skip_to = skip_to  # type: ignore[method-assign]


def _hooked(trace: Path, kill: int | None, *, in_postgres: bool) -> None:
    """Put a point before and after everything that a crash could come between."""
    from runbook.clients import attempts, processes
    from runbook.journal import sqlite
    from runbook.messages import channels
    from support.crash import place

    lock = threading.Lock()
    passed = [0]
    file = os.open(trace, os.O_WRONLY | os.O_APPEND)

    def point(name: str) -> None:
        with lock:
            passed[0] += 1
            os.write(file, f"{name}\n".encode())
            if passed[0] == kill:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def hooked(*args: Any, **kwargs: Any) -> Any:
            point(f"before {name}")
            value = real(*args, **kwargs)
            point(f"after {name}")
            return value

        setattr(owner, name, hooked)

    if in_postgres:
        from runbook.journal.postgres.claims import Claims
        from runbook.journal.postgres.line import Line

        around(Line, "commit")
        around(Claims, "take")
    else:
        around(sqlite.SqliteStore, "_commit")
    around(processes, "run")
    around(attempts.Attempt, "mark")
    around(channels, "attempt")
    around(place, "goes_on")
