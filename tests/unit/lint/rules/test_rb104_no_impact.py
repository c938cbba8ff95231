"""RB104: no impact."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said


def test_a_description_is_no_impact():
    """Background for people is not what messages tell."""
    assert said("RB104", "description: Mails wait.\n", TRIAGE) == [
        "'queue-stuck' does not say what the trouble means to users"
    ]
