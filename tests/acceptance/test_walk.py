"""A Markdown runbook at a terminal: read, do, run a block, write down, go away, come back."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project
from support.terminals import Terminal

pytestmark = pytest.mark.acceptance

TEXT = """\
# Fix it

What this is about.

## Look

Look at the mount.

```sh
echo looking at <mount>
```

## Do

1. First
   ```bash
   echo one >> ledger; sleep 1; echo two >> ledger
   ```
2. Second
"""
BLOCK = "done / failed / skip / note / run / copy / wait / abort: "
PLAIN = "done / failed / skip / note / wait / abort: "
OVER = "yes / no / note / wait / abort: "
APPLY = r"Apply this\? .*abort: "


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    (made.folder / "fix.md").write_text(TEXT)
    return made


@pytest.fixture
def typing(project: Project) -> Callable[..., Terminal]:
    return lambda *words: Terminal(project.folder, *words, environ=project.environ)


def only_run(project: Project) -> str:
    [run] = project.does("runs", "--output", "json").json["runs"]
    return str(run["run"])


def told(project: Project) -> dict[str, Any]:
    return project.does("watch", only_run(project), "--output", "json").json


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_walk_from_its_first_step_to_its_end(project: Project, typing: Callable[..., Terminal]) -> None:
    """Steps are shown one after the other; a note, a reason and a block that was run stand in the record."""
    terminal = typing("walk", "fix.md", "--output", "json")
    shown = terminal.answers(BLOCK, "copy")
    assert "What this is about." in shown
    assert "Step 1 of 3: Look" in shown
    assert "\r\necho looking at <mount>\r\n" in terminal.answers(BLOCK, "n")
    terminal.answers("Note: ", "the disk is full")
    terminal.answers(BLOCK, "failed")
    terminal.answers("What went wrong", "no such mount")
    assert "Step 2 of 3: Do: First" in terminal.answers(BLOCK, "r")
    assert "echo one >> ledger" in terminal.answers(APPLY, "y")
    assert "ended with 0" in terminal.answers(BLOCK, "d")
    terminal.answers(PLAIN, "skip")
    terminal.answers("Why", "not needed")
    assert "Is the trouble over?" in terminal.answers(OVER, "yes")
    code, shown = terminal.ends()
    run = json.loads(shown.strip().splitlines()[-1])
    assert (code, run["outcome"], (project.folder / "ledger").read_text()) == (0, "resolved", "one\ntwo\n")
    assert [(n["text"], n["step"]) for n in run["notes"]] == [("the disk is full", "look")]
    assert [(e["step"], e["exit_code"]) for e in run["execs"]] == [("do_first", 0)]
    assert [s["status"] for s in run["steps"]] == ["failed", "succeeded", "skipped", "succeeded"]


def test_what_nobody_has_replaced_is_not_run_by_chance(project: Project, typing: Callable[..., Terminal]) -> None:
    """It is asked about first, before any gate; nothing is started without a yes."""
    terminal = typing("walk", "fix.md")
    terminal.answers(BLOCK, "run")
    assert "<mount>, which nobody has replaced" in terminal.answers("Run it exactly as it stands", "no")
    assert "Nothing was run" in terminal.answers(BLOCK, "wait")
    code, shown = terminal.ends()
    assert (code, told(project)["execs"]) == (6, [])
    assert "runbook resume" in shown


def test_a_walk_that_is_left_goes_on_at_the_same_step(project: Project, typing: Callable[..., Terminal]) -> None:
    """And knows what was run there: it is not run again without being asked about."""
    terminal = typing("walk", "fix.md")
    terminal.answers(BLOCK, "d")
    terminal.answers(BLOCK, "run")
    terminal.answers(APPLY, "y")
    terminal.answers(BLOCK, "wait")
    assert terminal.ends()[0] == 6
    again = typing("resume", only_run(project))
    shown = again.answers(BLOCK, "run")
    assert "Step 2 of 3" in shown
    assert "already by hand: run shell script: echo one" in shown
    assert "It was run already: ended with 0." in again.answers(r"Run it again\? yes / no: ", "no")
    again.answers(BLOCK, "done")
    again.answers(PLAIN, "done")
    again.answers(OVER, "no")
    again.answers("What is left", "all of it")
    assert again.ends()[0] == 5
    assert (project.folder / "ledger").read_text() == "one\ntwo\n"


def test_killed_at_a_step_it_is_resumed_there_and_nothing_is_done_twice(
    project: Project, typing: Callable[..., Terminal]
) -> None:
    """Also while a block of it runs: that has a record of its own, and goes on without us."""
    terminal = typing("walk", "fix.md")
    terminal.answers(BLOCK, "d")
    terminal.answers(BLOCK, "run")
    terminal.answers(APPLY, "y")
    until((project.folder / "ledger").exists)
    os.kill(terminal.pid, signal.SIGKILL)
    until(lambda: told(project)["execs"][0]["outcome"] is not None)
    again = typing("resume", only_run(project))
    shown = again.answers(BLOCK, "wait")
    assert "Step 2 of 3" in shown
    assert "already by hand" in shown
    assert again.ends()[0] == 6
    assert (project.folder / "ledger").read_text() == "one\ntwo\n"
    assert [step["status"] for step in told(project)["steps"]] == ["succeeded", "waiting"]
    assert project.does("log", "verify").exit == 0


def test_ctrl_c_while_a_block_runs_finishes_it_and_leaves_the_walk(
    project: Project, typing: Callable[..., Terminal]
) -> None:
    """Both can be gone on with; nothing is cut off."""
    terminal = typing("walk", "fix.md")
    terminal.answers(BLOCK, "d")
    terminal.answers(BLOCK, "run")
    terminal.answers(APPLY, "y")
    until((project.folder / "ledger").exists)
    terminal.interrupts()
    code, _ = terminal.ends()
    assert code in (6, 130)
    assert (project.folder / "ledger").read_text() == "one\ntwo\n"
    assert told(project)["execs"][0]["exit_code"] == 0


def test_a_step_that_is_answered_elsewhere_is_withdrawn(project: Project, typing: Callable[..., Terminal]) -> None:
    """The walk goes on to the next one."""
    terminal = typing("walk", "fix.md")
    terminal.asks(BLOCK)
    assert project.does("answer", only_run(project), "look", "done").exit == 0
    terminal.asks("decided elsewhere")
    assert "Step 2 of 3" in terminal.answers(BLOCK, "abort")
    terminal.answers("Why", "enough")
    assert terminal.ends()[0] == 7
