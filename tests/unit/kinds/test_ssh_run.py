"""ssh.run on paper: how it reads, what a person would type, and what a rehearsal shows. The rest needs an sshd."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from runbook.core.changes import Change
from runbook.document.words import Effect
from runbook.errors import NotConfigured, ParameterError
from runbook.kinds import ssh_commands, ssh_run
from runbook.testing.world import FakeWorld


def test_a_step_reads_as_one_short_line() -> None:
    """With its host, where it names one."""
    assert ssh_run.describe({"host": "db-1", "argv": ["uptime"]}) == "on db-1 run uptime"
    assert ssh_run.describe({"argv": ["systemctl", "restart", "x y"]}) == "over ssh run systemctl restart 'x y'"
    assert len(ssh_run.describe({"argv": ["x" * 100]})) == 60


def test_the_line_to_type_by_hand_quotes_twice() -> None:
    """Once for the shell here, once for the one there."""
    line = ssh_run.by_hand({"host": "db-1", "argv": ["echo", "a b"], "cwd": "/x y", "stdin": "in"})
    assert line.startswith("printf %s in | ssh db-1 ")
    assert shlex.split(shlex.split(line)[-1]) == ["cd", "/x y", "&&", "echo", "a b"]
    assert ssh_run.by_hand({"argv": "{{ params.argv }}"}) == "ssh \"$HOST\" '{{ params.argv }}'"


def test_a_rehearsal_opens_nothing() -> None:
    """The change comes from its inputs alone, and its undo with it."""
    change = ssh_run.rehearse({"host": "db-1", "argv": ["a"], "cwd": "/x", "undo": {"argv": ["b"]}}, {})
    assert isinstance(change, Change)
    assert (change.target.connection, change.effect, change.request["argv"]) == ("rehearsal", Effect.CHANGE, ["a"])
    assert change.undo
    assert change.undo.inputs == {"host": "db-1", "cwd": "/x", "argv": ["b"]}


@pytest.mark.parametrize("argv", [[], "uptime", [["a"]], ["a", None], ["a\0b"]])
def test_what_is_no_list_of_arguments_is_refused(argv: object, tmp_path: Path) -> None:
    """Before any connection is opened."""
    with pytest.raises(ParameterError, match="argv"):
        ssh_run.rehearse({"argv": argv}, {})
    with pytest.raises(NotConfigured):
        ssh_run.observe({"argv": argv}, FakeWorld(tmp_path))


def test_another_attempt_has_another_name_on_the_host(tmp_path: Path) -> None:
    """All attempts share the intent; one that was proven not to have begun must not stand in the way of the next."""
    one = ssh_commands.key_of(FakeWorld(tmp_path, intent="run/a:apply#1"))
    assert one == ssh_commands.key_of(FakeWorld(tmp_path, intent="run/a:apply#1"))
    assert one != ssh_commands.key_of(FakeWorld(tmp_path, intent="run/a:apply#2"))
