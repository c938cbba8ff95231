"""RB108: a change that destroys what would explain the trouble."""

from __future__ import annotations

import pytest

from runbook.lint.samples import VERIFICATION
from support.rulings import said

PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: kept
items:
  - {id: files, uses: command.run, with: {argv: [ls], effect: read}}
"""


def option(*steps: str) -> str:
    listed = "".join(f"      - {{id: s{i}, {step}}}\n" for i, step in enumerate(steps))
    return f"resolution:\n  - id: o\n    steps:\n{listed}{VERIFICATION}"


@pytest.mark.parametrize(
    "step",
    [
        "uses: command.run, with: {argv: [rm], effect: destructive}",
        "uses: kubernetes.delete_pod, with: {pod: a}",
        "uses: kubernetes.rollout_restart, with: {deployment: a}",
        "uses: kubernetes.scale, with: {deployment: a, replicas: 0}",
    ],
)
def test_what_loses_pods_or_data_comes_after_evidence(step):
    """Said once for a runbook, at the first of them."""
    assert said("RB108", option(step, step)) == [
        "'s0' destroys what could explain the trouble, and no evidence is kept before"
    ]


@pytest.mark.parametrize(
    "step",
    [
        "uses: command.run, with: {argv: [systemctl, restart, x]}",
        "uses: kubernetes.scale, with: {deployment: a, replicas: 3}",
        "uses: kubernetes.scale, with: {deployment: a, replicas: '{{ 0 }}'}",
        "uses: alertmanager.silence, with: {matchers: {a: b}, duration: 1h, comment: x}",
    ],
)
def test_other_changes_need_no_evidence(step):
    """What can be undone, and what nobody can tell before it is planned."""
    assert said("RB108", option(step)) == []


def test_a_plan_is_enough():
    """What it keeps is its author's to know."""
    step = "uses: command.run, with: {argv: [rm], effect: destructive}"
    assert said("RB108", "evidence: kept\n", option(step), files={"runbooks/kept.yaml": PLAN}) == []
