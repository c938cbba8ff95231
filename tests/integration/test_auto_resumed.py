"""A run with `--auto` that somebody goes on with: the policy decides by what is observed, not by what they say."""

from __future__ import annotations

from pathlib import Path

from runbook.policy.identity import os_user
from support.projects import Project, applied

BOOK = """name: touched
title: Touch
symptoms: [{id: gone, uses: command.run, with: {argv: [test, -e, gone], effect: read}}]
resolution: [{id: touch, steps: [{id: make, uses: command.run, with: {argv: [touch, made]}}]}]
verification:
  within: 1s
  every: 1s
  checks: [{id: there, uses: command.run, with: {argv: [test, -e, made], effect: read}}]
"""
POLICY = """people: {me: {user: USER}}
commands: {read: [[test, -e, gone], [test, -e, made]]}
auto: {runbooks: [another], effects: [read, change], cooldown: 0s}
"""


def test_nobodys_word_stands_for_what_was_not_observed(tmp_path: Path) -> None:
    """The run waits at a gate; with its check attested the policy could be brought to say yes to the next one."""
    project = Project(tmp_path / "project", "policy: policy.yaml\n")
    project.runbook(BOOK)
    project.policy(POLICY.replace("USER", os_user()))
    (project.folder / "gone").touch()
    waits = project.run("touched", "--auto")
    assert (waits.exit, applied(waits.run)) == (6, []), waits.err
    for words in (("--attest", "gone=pass", "--reason", "I see it"), ("--confirm-symptoms", "I see it")):
        said = project.does("resume", waits.run["run"], *words)
        assert said.exit == 2, said.err
        assert "nobody's word stands for" in said.err
    assert not (project.folder / "made").exists()
