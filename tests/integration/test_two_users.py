"""Two OS users on one machine: one starts a run, the gate names the other, and both share a store through their group.

Run as root, as which the tests may become other users; nothing is made outside a temporary folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.projects import Project, Said, applied

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(os.getuid() != 0, reason="only root may become the two OS users that this is about"),
]

AS_USER = Path(__file__).parents[1] / "support" / "as_user.py"
SHARING = 4242  # a group that nobody is in, but for these tests' processes


def known(*names: str) -> list[str]:
    """The first two of these users that the machine has."""
    there = {entry.pw_name for entry in pwd.getpwall()}
    return [name for name in names if name in there][:2]


class Desk:
    """One OS user at a terminal of their own, in the shared project."""

    def __init__(self, project: Project, user: str) -> None:
        self.user = user
        self.project = project

    def does(self, *words: str) -> Said:
        """Type a command where there is no terminal."""
        return self.project.does(*words, command=(sys.executable, *self._argv))

    def sits(self, *words: str) -> Any:
        """Type a command at a terminal, and stay there."""
        argv, where = [*self._argv, *words], str(self.project.folder)
        return pexpect.spawn(sys.executable, argv, cwd=where, encoding="utf-8", timeout=30, dimensions=(50, 100))

    @property
    def _argv(self) -> tuple[str, ...]:
        return (str(AS_USER), self.user)


@pytest.fixture
def desks() -> Iterator[tuple[Desk, Desk]]:
    """Who starts and who approves, in a project whose folder their group may write to."""
    names = known("daemon", "www-data", "nobody", "bin")
    if len(names) < 2:
        pytest.skip("the machine has not two OS users to become")
    folder = Path(tempfile.mkdtemp(prefix="two-users-"))
    folder.chmod(0o755)
    try:
        project = Project(folder / "project", "policy: policy.yaml\nstore: sqlite:///shared/journal.db\n")
        project.policy(POLICY.format(*names))
        project.runbook(RUNBOOK)
        (project.folder / "shared").mkdir()
        for path in (project.folder, project.folder / "shared"):
            os.chown(path, 0, SHARING)
            path.chmod(0o2770)
        yield Desk(project, names[0]), Desk(project, names[1])
    finally:
        shutil.rmtree(folder)


POLICY = """
people: {{starter: {{user: {0}}}, approver: {{user: {1}}}}}
groups: {{sre: [starter, approver]}}
run: {{from: [sre]}}
"""
RUNBOOK = """
name: shared
title: Two changes that the same person approves
owners: [tests]
resolution:
  - id: first
    title: Write one file
    approval: {from: [approver]}
    steps:
      - {id: one, uses: command.run, with: {argv: [touch, shared/one]}}
  - id: second
    title: Write another file
    approval: {from: [approver]}
    steps:
      - {id: two, uses: command.run, with: {argv: [touch, shared/two]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -e, shared/two], effect: read}}
"""


def started(desk: Desk, *words: str) -> dict[str, Any]:
    """A run that this user has started, and that waits for the other."""
    said = desk.does("run", "shared", *words, "--output", "json")
    assert (said.exit, said.run["status"]) == (6, "waiting"), said.err
    return said.run


def approved(desk: Desk, run: dict[str, Any]) -> Said:
    """Say yes off a terminal, to exactly what waits now."""
    return desk.does("approve", run["run"], "--digest", run["approvals"][-1]["digest"][:12])


def resumed(desk: Desk, run: dict[str, Any]) -> Said:
    """Go on with the run."""
    return desk.does("resume", run["run"], "--output", "json")


def test_who_is_not_named_is_refused_and_the_other_approves(desks: tuple[Desk, Desk]) -> None:
    """Who started it may not approve it, and is told who may (8); the other may, and the run is resolved."""
    starter, approver = desks
    run = started(starter, "--option", "second")
    refused = approved(starter, run)
    assert refused.exit == 8
    assert "starter may not answer this gate; it asks for 1 of approver" in refused.err
    assert approved(approver, run).exit == 0
    said = resumed(starter, run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["two"]), said.err
    assert said.run["approvals"][0]["by"] == ["approver"]


def test_at_two_terminals_the_run_goes_on_when_the_other_says_yes(desks: tuple[Desk, Desk]) -> None:
    """The one who started it cannot answer and is told who can; the other sees the change, and answers."""
    starter, approver = desks
    first = starter.sits("run", "shared", "--option", "second")
    first.expect(r"starter may not answer this gate; it asks for 1 of\s+approver")
    [run] = approver.does("runs", "--output", "json").json["runs"]
    second = approver.sits("approve", run["run"])
    second.expect("touch shared/two")
    second.expect("yes / no")
    second.sendline("yes")
    second.expect(pexpect.EOF)
    first.expect("Resolved by second")
    first.expect(pexpect.EOF)
    first.close()
    assert first.exitstatus == 0


def test_each_of_them_applies_a_change_of_the_run(desks: tuple[Desk, Desk]) -> None:
    """The record, and all that lies beside it, are their group's: who approved may also go on where the first left."""
    starter, approver = desks
    run = started(starter)
    assert approved(approver, run).exit == 0
    waiting = resumed(starter, run)
    assert (waiting.exit, applied(waiting.run)) == (6, ["one"]), waiting.err
    assert approved(approver, waiting.run).exit == 0
    said = resumed(approver, run)
    assert (said.exit, said.run["outcome"], applied(said.run)) == (0, "resolved", ["one", "two"]), said.err


def test_who_the_policy_does_not_know_starts_nothing(desks: tuple[Desk, Desk]) -> None:
    """Any OS user of the machine may read the project; the policy says who may run (8)."""
    starter, _ = desks
    stranger = Desk(starter.project, known("games", "nobody", "sync")[0])
    said = stranger.does("run", "shared", "--output", "json")
    assert said.exit == 8
    assert f"os:{stranger.user} may not start, resume or abort runs" in said.err
