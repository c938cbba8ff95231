"""RB135: an undo that cannot be."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE, VERIFICATION
from support.rulings import said

AGAIN = "{id: again, uses: kubernetes.rollout_restart, with: {deployment: a}}"
UP = "{id: up, uses: kubernetes.scale, with: {deployment: a, replicas: 3}}"


@pytest.mark.parametrize(
    ("keys", "steps", "found"),
    [
        (
            "when_not_helped: undo, ",
            f"{UP}, {AGAIN}",
            ["'when_not_helped: undo' cannot take 'again' back: kubernetes.rollout_restart has no undo"],
        ),
        (
            "on_failure: undo, ",
            "{id: gone, uses: kubernetes.delete_pod, with: {pod: a}}",
            ["'on_failure: undo' cannot take 'gone' back: kubernetes.delete_pod has no undo"],
        ),
        ("", AGAIN, []),
        ("when_not_helped: undo, ", UP, []),
        ("when_not_helped: keep, ", AGAIN, []),
    ],
)
def test_some_kinds_have_no_undo(keys, steps, found):
    """They say so by themselves when they are planned, which is too late."""
    assert said("RB135", TRIAGE, f"resolution: [{{id: o, {keys}steps: [{steps}]}}]\n", VERIFICATION) == found
