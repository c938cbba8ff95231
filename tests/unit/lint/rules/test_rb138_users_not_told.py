"""RB138: users notice it, and nobody is told."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said


def test_what_users_notice_is_told_to_somebody():
    """Anybody."""
    assert said("RB138", "user_facing: true\n", TRIAGE) == ["users notice it, and the runbook tells nobody"]
    told = "communication: [{at: resolved, to: console, text: Over.}]\n"
    assert said("RB138", "user_facing: true\n", TRIAGE, told) == []
    assert said("RB138", "user_facing: false\n", TRIAGE) == said("RB138", TRIAGE) == []
