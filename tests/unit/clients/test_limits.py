"""A command's limits hold from its first instruction on, change nothing else of it, and are known again in its end."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import leftovers, processes
from runbook.clients.attempts import Attempt, boot_id
from runbook.clients.limits import Limits
from runbook.clients.programs import NotExecutable, NotFound, NotStarted

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
GENEROUS = Limits(memory=1 << 30, cpu=60.0, open_files=128)
SHOW = 'echo "$0|$PWD|$#|$A"; ps -o args= -p $$ 2>/dev/null; ls /proc/self/fd; sleep 0; grep SigIgn /proc/self/status'

Run = Callable[..., processes.Completed]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*argv: str, **options: Any) -> processes.Completed:
        usual: dict[str, Any] = {"env": ENVIRON, "cwd": tmp_path, "timeout": 20.0, "cancelled": lambda: False}
        return processes.run(argv, **{**usual, **options})

    return run


def python(text: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", text)


@pytest.mark.fault(63, 64)
def test_a_command_under_limits_is_the_command_that_was_asked_for(run: Run) -> None:
    """Its argv, folder, environment, descriptors and ignored signals are those of one without limits."""
    argv, env = ("sh", "-c", SHOW, "it's me", "a b"), {**ENVIRON, "A": "ä\n"}
    plain, limited = run(*argv, env=env), run(*argv, env=env, limits=GENEROUS)
    assert limited.stdout == plain.stdout
    assert (limited.exit_code, limited.stderr, limited.leftovers) == (0, b"", ())


@pytest.mark.parametrize(("letter", "value"), [("d", 1 << 20), ("t", 60), ("n", 128)])
def test_each_limit_is_set_before_the_program_runs(run: Run, letter: str, value: int) -> None:
    """The shell reads its own limits, and its children's are the same."""
    done = run("sh", "-c", f"ulimit -{letter}; sh -c 'ulimit -{letter}'", limits=GENEROUS)
    assert done.stdout.decode().split() == [str(value)] * 2


@pytest.mark.fault(63)
@pytest.mark.parametrize(
    ("limits", "text", "met"),
    [
        (Limits(memory=256 << 20), "bytearray(2 << 30)", "memory"),
        (Limits(cpu=0.2), "while True: pass", "cpu"),
        (Limits(open_files=20), "held = [open('/dev/null') for _ in range(99)]", "open_files"),
    ],
)
def test_a_limit_that_was_met_is_named(run: Run, limits: Limits, text: str, met: str) -> None:
    """From its signal, or from what a program says of a refusal; the engine itself is not touched."""
    done = run(*python(text), limits=limits)
    assert done.exit_code != 0
    assert limits.struck(done.signal, done.exit_code, done.stderr) == met
    assert GENEROUS.struck(None, 1, b"no such host") is None


@pytest.mark.fault(54, 63)
def test_a_bomb_of_forks_ends_at_its_limit(tmp_path: Path) -> None:
    """As a user who is not root; what could be started is ended with the command."""
    tmp_path.chmod(0o777)
    limits = Limits(processes=8)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            leftovers.become_subreaper.cache_clear()  # that is not inherited by a fork
            if os.getuid() == 0:
                os.setuid(65534)
                if not os.access(sys.executable, os.X_OK):  # ours may lie where only root goes
                    sys.executable = str(shutil.which("python3", path=ENVIRON["PATH"]))
            text = "import os, time\nfor at in range(99):\n    if os.fork() == 0:\n        time.sleep(60)"
            done = processes.run(
                python(text), env=ENVIRON, cwd="/", timeout=20.0, cancelled=lambda: False, limits=limits
            )
            met = limits.struck(done.signal, done.exit_code, done.stderr)
            os.write(tell, f"{met} {done.exit_code} {0 < len(done.leftovers) <= 8}".encode())
        except BaseException as error:  # noqa: BLE001 - told to the test, whatever it is
            os.write(tell, repr(error).encode())
        finally:
            os._exit(0)
    os.close(tell)
    os.waitpid(child, 0)
    with os.fdopen(told, "rb") as answer:
        assert answer.read() == b"processes 1 True"


@pytest.mark.fault(63)
@pytest.mark.parametrize(("user", "platform"), [(0, "linux"), (1000, "darwin")])
def test_a_limit_that_would_not_hold_starts_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, platform: str
) -> None:
    """Root may have as many processes as it likes: to promise less would be a lie."""
    monkeypatch.setattr("os.getuid", lambda: user)
    monkeypatch.setattr("sys.platform", platform)
    with pytest.raises(NotStarted, match="a limit of processes"):
        run("touch", "made", limits=Limits(processes=4))
    assert not (tmp_path / "made").exists()


@pytest.mark.fault(52)
def test_what_cannot_be_started_is_told_as_without_limits(run: Run, tmp_path: Path) -> None:
    """Nothing ran, and the attempt's file proves it: a wrapper's exit code is not taken for the program's."""
    (tmp_path / "text").write_text("no program\n")
    (tmp_path / "text").chmod(0o755)
    attempt = Attempt.create(tmp_path / "attempt")
    with pytest.raises(NotFound, match="no such program"):
        run("gone", executable=str(tmp_path / "gone"), limits=GENEROUS, attempt=attempt)
    attempt.close()
    assert Attempt.earlier(tmp_path / "attempt", boot_id()).look().never_started
    with pytest.raises(NotExecutable, match="126"):
        run("./text", limits=GENEROUS)


def test_a_stricter_limit_of_the_system_stays(run: Run) -> None:
    """A step cannot give itself more than the engine has."""
    argv = Limits(open_files=128).wrapped(2, "/bin/sh", ["sh", "-c", "ulimit -n"])
    done = run("sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *argv)
    assert done.stdout == b"64\n"
