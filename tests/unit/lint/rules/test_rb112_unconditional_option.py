"""RB112: an option without `when` before one that has it."""

from __future__ import annotations

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

ASKS = RESTART.replace("restart", "start") + "    when: steps.smarthost.reachable\n"
BY_HAND = "  - {id: look, steps: [{id: by_hand, uses: manual.do, with: {text: Look.}}]}\n"


def test_a_change_for_every_cause_comes_first():
    """It names the one that would have asked."""
    assert said("RB112", TRIAGE, "resolution:\n", RESTART, ASKS, VERIFICATION) == [
        "'restart' is tried whatever was found, before 'start', which asks"
    ]


def test_the_last_resort_needs_no_condition():
    """Nor do options of which none has one."""
    assert said("RB112", TRIAGE, "resolution:\n", ASKS, RESTART, VERIFICATION) == []
    other = RESTART.replace("restart", "start")
    assert said("RB112", TRIAGE, "resolution:\n", RESTART, other, VERIFICATION) == []


def test_what_leaves_nothing_behind_may_come_first():
    """It takes itself back, or changes nothing."""
    step = "{id: up, uses: kubernetes.scale, with: {deployment: a, replicas: 3}}"
    scale = f"  - {{id: o, when_not_helped: undo, steps: [{step}]}}\n"
    assert said("RB112", TRIAGE, "resolution:\n", scale, ASKS, VERIFICATION) == []
    assert said("RB112", TRIAGE, "resolution:\n", BY_HAND, ASKS, VERIFICATION) == []
