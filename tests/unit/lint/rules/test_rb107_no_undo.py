"""RB107: a change that nothing takes back."""

from __future__ import annotations

import pytest

from runbook.lint.samples import VERIFICATION
from support.rulings import said


def option(step: str, *keys: str) -> str:
    further = "".join(f"    {key}\n" for key in keys)
    return f"resolution:\n  - id: o\n{further}    steps:\n      - {{id: s, {step}}}\n{VERIFICATION}"


@pytest.mark.parametrize(
    "step",
    [
        "uses: command.run, with: {argv: [a]}",
        "uses: shell.run, with: {script: a}",
        "uses: http.request, with: {method: PUT, url: 'https://example.com/a'}",
        "uses: command.run, with: {argv: [a], effect: destructive}",
        "uses: kubernetes.exec, with: {pod: a, argv: [a]}",
    ],
)
def test_kinds_that_take_an_undo_lack_one(step):
    """What nobody can know but the author."""
    assert said("RB107", option(step)) == ["nothing takes 's' back"]


@pytest.mark.parametrize(
    "step",
    [
        "uses: command.run, with: {argv: [a], undo: {argv: [b]}}",
        "uses: command.run, irreversible: It is sent., with: {argv: [a]}",
        "uses: command.run, with: {argv: [a], effect: read}",
        "uses: kubernetes.scale, with: {deployment: a, replicas: 3}",
        "uses: kubernetes.rollout_restart, with: {deployment: a}",
        "uses: kubernetes.delete_pod, with: {pod: a}",
        "uses: manual.do, with: {text: Do it.}",
        "uses: wait.until, with: {for: 10s}",
        "uses: notify.send, with: {to: console, message: Now.}",
    ],
)
def test_what_is_no_change_or_brings_its_own_is_left_alone(step):
    """Kinds that know the state before plan the way back, or say by themselves that there is none."""
    assert said("RB107", option(step)) == []


@pytest.mark.parametrize("key", ["on_failure", "when_not_helped"])
def test_an_option_that_wants_to_undo_is_said(key):
    """There it is more than missing: it was promised."""
    text = option("uses: command.run, with: {argv: [a]}", f"{key}: undo")
    assert said("RB107", text) == [f"nothing takes 's' back, but '{key}: undo' wants to"]
