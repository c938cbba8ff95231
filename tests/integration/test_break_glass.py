"""Breaking the glass opens a gate that asks for somebody else, and tells whom the policy names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.cli.main import carried_out
from runbook.policy.identity import os_user

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///journal.db
policy: policy.yaml
channels:
  incidents: {file: {path: incidents.md}}
"""
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people:
  me: {user: USER}
  other: {user: somebody-else}
groups: {sre: [me, other]}
approvals: {change: {from: [sre], exclude_initiator: true}}
break_glass: {from: [sre], notify: [incidents]}
"""
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: touched
title: Touch
owners: [me]
severity: SEV4
reviewed: 2026-11-01
impact: none
parameters: {reason: {type: string, default: "{{ 7 * 7 }}"}}
resolution:
  - id: touch
    steps:
      - {id: make, uses: command.run, with: {argv: [touch, made]}}
      - {id: say, uses: notify.send, with: {to: incidents, message: "made, because {{ params.reason }}"}}
verification:
  within: 3s
  every: 1s
  checks: [{id: there, uses: command.run, with: {argv: [test, -e, made], effect: read}}]
"""


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch, capsys) -> dict[str, str]:
    """A run that waits for somebody else, and the digest of its gate."""
    for name, text in {"runbook.yaml": CONFIG, "policy.yaml": POLICY.replace("USER", os_user())}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "touched.yaml").write_text(BOOK)
    monkeypatch.chdir(tmp_path)
    assert carried_out(["run", "touched", "--output", "json"]) == 6
    seen = json.loads(capsys.readouterr().out)
    return {"run": seen["run"], "digest": seen["approvals"][0]["digest"]}


def approve(waiting: dict[str, str], *more: str) -> int:
    return carried_out(["approve", waiting["run"], "--digest", waiting["digest"], *more])


def test_who_started_it_may_not_say_yes(tmp_path: Path, waiting: dict[str, str]) -> None:
    """The gate asks for somebody else, and a yes that does not count is refused at once."""
    assert approve(waiting) == 8
    assert carried_out(["resume", waiting["run"]]) == 6
    assert not (tmp_path / "made").exists()


@pytest.mark.fault(50)
def test_a_broken_glass_opens_the_gate_and_is_told(tmp_path: Path, waiting: dict[str, str]) -> None:
    """With a reason, and only with one; the channel hears who did it and why."""
    assert approve(waiting, "--break-glass") == 2
    assert approve(waiting, "--break-glass", "--reason", "the shop burns {{ 6 * 7 }}") == 0
    assert carried_out(["resume", waiting["run"]]) == 0
    said = (tmp_path / "incidents.md").read_text()
    assert "me broke the glass at resolution/touch of touched: the shop burns {{ 6 * 7 }}" in said
    assert said.count("broke the glass") == 1


@pytest.mark.fault(23)
def test_a_value_in_a_message_is_never_rendered_again(tmp_path: Path, waiting: dict[str, str]) -> None:
    """What looks like a template in a parameter is told as it stands."""
    approve(waiting, "--break-glass", "--reason", "fire")
    carried_out(["resume", waiting["run"]])
    assert "made, because {{ 7 * 7 }}" in (tmp_path / "incidents.md").read_text()


def test_a_name_makes_nobody_somebody_else(tmp_path: Path, monkeypatch, capsys) -> None:
    """Whoever the policy calls `alert` has started the run all the same, and does not say yes to it."""
    policy = POLICY.replace("me", "alert").replace("USER", os_user())
    for name, text in {"runbook.yaml": CONFIG, "policy.yaml": policy}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "touched.yaml").write_text(BOOK.replace("[me]", "[alert]"))
    monkeypatch.chdir(tmp_path)
    assert carried_out(["run", "touched", "--yes"]) == 6
    assert not (tmp_path / "made").exists()
