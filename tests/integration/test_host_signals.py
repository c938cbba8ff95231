"""Ctrl-C, SIGTERM and SIGHUP, in each phase of a run: what is under way, what the exit code is, and that it resumes."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook.core.history import history
from runbook.errors import Exit
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from support.crash import place
from support.crash.alone import ended, process, until

RUN = place.run_id(7)
CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.HANGUP}
EACH = pytest.mark.parametrize("number", list(CODES), ids=lambda number: number.name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return place.project(tmp_path / "p", runbook=place.phases())


def types(folder: Path) -> list[str]:
    journal = place.opened(folder).journal
    return [record.type for record in journal.read(stream_of(RUN))] if journal.head(stream_of(RUN)) else []


def running(folder: Path, holds: Callable[[], object], *words: str) -> subprocess.Popen[str]:
    runner = process(folder, RUN, "begin", *words)
    until(holds, runner)
    return runner


def resumes(folder: Path) -> None:
    """It goes on to its end, with every change once."""
    for name in ("slow", "slow-look"):
        (folder / name).unlink(missing_ok=True)
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart"]


@pytest.mark.fault(65)
@EACH
def test_during_a_read_the_run_ends_soon(folder: Path, number: signal.Signals) -> None:
    """A probe is dropped, and done again at the resume; when the terminal hung up it is finished first."""
    (folder / "slow-look").write_text("2" if number is signal.SIGHUP else "60")
    runner = running(folder, (folder / "begun-look").exists)
    runner.send_signal(number)
    assert ended(runner)[0] == CODES[number]
    assert ("step.observed" in types(folder)) == (number is signal.SIGHUP)
    resumes(folder)


@pytest.mark.fault(65)
@EACH
def test_at_a_gate_a_ctrl_c_lets_the_run_wait(folder: Path, number: signal.Signals) -> None:
    """Ctrl-C at a gate is `waiting` (6); the other two say which signal it was."""
    runner = running(folder, lambda: "gate.opened" in types(folder), "ask", "sit")
    runner.send_signal(number)
    code = Exit.WAITING if number is signal.SIGINT else CODES[number]
    assert ended(runner)[0] == code
    resumes(folder)


@pytest.mark.fault(65)
@EACH
def test_during_a_change_its_result_is_recorded_first(folder: Path, number: signal.Signals) -> None:
    """The command is let end, its result stands in the journal, and nothing further is begun."""
    (folder / "slow").write_text("1")
    runner = running(folder, (folder / "begun-restart").exists)
    runner.send_signal(number)
    assert ended(runner)[0] == CODES[number]
    assert types(folder)[-1] == "change.resulted"
    resumes(folder)


@EACH
def test_while_waiting_the_run_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    """Nobody waits for a settle time of an hour to be over."""
    folder = place.project(tmp_path / "p", runbook=place.phases(settle="1h"))
    runner = running(folder, lambda: "change.resulted" in types(folder))
    begun = time.monotonic()
    runner.send_signal(number)
    assert ended(runner)[0] == CODES[number]
    assert time.monotonic() - begun < 5


@pytest.mark.fault(65)
def test_a_second_ctrl_c_ends_the_change_and_leaves_a_doubt(folder: Path) -> None:
    """Whoever insists gets out; what became of the command is asked, not guessed."""
    (folder / "slow").write_text("60")
    runner = running(folder, (folder / "begun-restart").exists)
    runner.send_signal(signal.SIGINT)
    time.sleep(0.3)  # two signals of one kind that come at once are one
    runner.send_signal(signal.SIGINT)
    assert ended(runner)[0] == Exit.INTERRUPTED
    told = history(place.opened(folder).journal.read(stream_of(RUN)))
    assert list(told.doubts) == ["resolution/again/restart:apply#1"]
    assert exit_of(place.go_on(place.opened(folder), RUN)) is Exit.IN_DOUBT
    assert place.ledger(folder) == []
