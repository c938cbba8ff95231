"""Work by hand within a run, as somebody on call has it: at a terminal, beside a live runner, through a crash."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project
from support.terminals import Terminal

pytestmark = pytest.mark.acceptance

RUNBOOK = """\
name: practice
title: The practice service is broken
resolution:
  - id: by_hand
    steps:
      - {id: turn_off, uses: manual.do, with: {text: Turn it off.}}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: fine, uses: command.run, with: {argv: ["true"], effect: read}}
"""
SLOW = 'echo began >> ledger; sleep 2; echo ended >> ledger; echo "said $?"'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.runbook(RUNBOOK)
    return made


def waiting(project: Project) -> str:
    return str(project.run("practice").run["run"])


def told(project: Project, run: str) -> dict[str, Any]:
    return project.does("watch", run, "--output", "json").json


def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_at_a_terminal_the_change_is_shown_and_done_after_a_yes(project: Project) -> None:
    """As at any gate; the output comes when it has ended."""
    run = waiting(project)
    terminal = Terminal(project.folder, "exec", run, "--", "sh", "-c", "echo done | tee made", environ=project.environ)
    shown = terminal.answers(r"Apply this\? yes / no / skip / wait / abort: ", "y")
    assert "echo done | tee made" in shown
    code, shown = terminal.ends()
    assert (code, (project.folder / "made").read_text()) == (0, "done\n")
    assert "ended with 0" in shown


def test_beside_a_live_runner_it_is_noted_in_its_run(project: Project) -> None:
    """The one who drives the run sees what another does by hand."""
    terminal = Terminal(project.folder, "run", "practice", environ=project.environ)
    terminal.asks("done / failed / wait / abort: ")
    run = project.does("runs", "--output", "json").json["runs"][0]["run"]
    assert project.does("exec", run, "--read", "--", "echo", "seen").exit == 0
    terminal.types("done")
    code, shown = terminal.ends()
    assert code == 0
    assert "by hand: run echo seen: ended with 0" in shown


def test_killed_while_it_runs_it_is_resumed_and_nothing_happens_twice(project: Project) -> None:
    """The command outlives its runner; how it ended nobody saw, so a person says it, and it is not run again."""
    run = waiting(project)
    ledger = project.folder / "ledger"
    with project.typing("exec", run, "--yes", "--shell", SLOW) as command:
        until(ledger.exists)
        command.send_signal(signal.SIGKILL)
    [begun] = told(project, run)["execs"]
    assert begun["outcome"] is None
    assert project.does("resume", begun["run"]).exit == 9
    settled = project.does("resume", begun["run"], "--settle", "command=applied", "--reason", "the ledger says so")
    assert (settled.exit, ledger.read_text()) == (0, "began\nended\n")
    [ended] = told(project, run)["execs"]
    assert (ended["outcome"], ended["exit_code"]) == ("resolved", None)
    assert project.does("log", "verify").exit == 0


def test_killed_before_it_could_say_that_it_ended_it_says_so_when_it_is_resumed(project: Project) -> None:
    """Once, however often it is resumed."""
    run = waiting(project)
    done = project.does("exec", run, "--read", "--output", "json", "--", "true").json["run"]
    ended = [r for r in project.records(run, "note.added") if r["data"].get("state") == "ended"]
    for _ in range(2):
        assert project.does("resume", done).exit == 0
    assert [r for r in project.records(run, "note.added") if r["data"].get("state") == "ended"] == ended


def test_an_interrupted_command_is_finished_and_the_run_around_it_goes_on(project: Project) -> None:
    """Ctrl-C while something is being changed finishes the change."""
    run = waiting(project)
    with project.typing("exec", run, "--yes", "--shell", SLOW) as command:
        until((project.folder / "ledger").exists)
        command.send_signal(signal.SIGINT)
        command.wait(timeout=20)
        assert command.returncode in (0, 130)
    assert (project.folder / "ledger").read_text() == "began\nended\n"
    assert project.does("answer", run, "turn_off", "done").exit == 0
    assert project.does("resume", run).exit == 0
