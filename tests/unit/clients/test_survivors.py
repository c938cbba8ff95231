"""Processes that outlived their runner are found by the file that they hold, and ended when somebody says so."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from runbook.clients import survivors
from runbook.clients.attempts import Attempt, boot_id, born

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux shows who holds a file")


def orphan(path: Path, script: str) -> subprocess.Popen[str]:
    """A process that holds an attempt which its runner has let go of; it says when it is ready."""
    attempt = Attempt.create(path)
    child = subprocess.Popen(
        ["sh", "-c", script], pass_fds=[attempt.fd], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    attempt.close()
    assert child.stdout and child.stdout.readline() == "ready\n"
    child.stdout.close()
    return child


def test_those_who_hold_the_file_are_found(tmp_path: Path) -> None:
    """The process itself, and nobody else, this process included."""
    child = orphan(tmp_path / "attempt", "echo ready; exec sleep 60")
    with (tmp_path / "attempt").open():
        assert survivors.holders(tmp_path / "attempt") == (child.pid,)
    child.kill()
    child.wait()
    assert survivors.holders(tmp_path / "attempt") == ()
    assert survivors.holders(tmp_path / "missing") == ()


@pytest.mark.parametrize("script", ["exec sleep 60", "trap '' TERM; sleep 60", "kill -STOP $$; sleep 60"])
def test_what_survived_is_ended(tmp_path: Path, script: str) -> None:
    """With its children, whether or not it listens to SIGTERM, stopped or not."""
    child = orphan(tmp_path / "attempt", f"echo ready; {script}")
    attempt = Attempt.earlier(tmp_path / "attempt", boot_id())
    assert attempt.look().locked
    assert survivors.end(attempt, grace=0.2)
    assert not attempt.look().locked
    assert child.wait() != 0  # killed, or a shell that saw its child killed first


def test_one_that_closed_the_file_is_ended_too(tmp_path: Path) -> None:
    """The first process is known by when it was born, if not by what it holds."""
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    attempt = Attempt.create(tmp_path / "attempt")
    attempt.mark({"pid": child.pid, "group": child.pid, "born": born(child.pid)})
    attempt.close()
    assert survivors.end(attempt, grace=5.0)
    assert child.wait() == -signal.SIGTERM


def test_an_attempt_that_is_over_is_left_alone(tmp_path: Path) -> None:
    """Nobody holds the lock: nothing is sent to anybody."""
    Attempt.create(tmp_path / "attempt").close()
    with (tmp_path / "attempt").open() as file:
        reader = subprocess.Popen(["sleep", "60"], pass_fds=[file.fileno()], start_new_session=True)
    assert survivors.holders(tmp_path / "attempt") == (reader.pid,)
    assert survivors.end(Attempt.earlier(tmp_path / "attempt", boot_id()), grace=0.2)
    assert reader.poll() is None
    reader.kill()
    reader.wait()
