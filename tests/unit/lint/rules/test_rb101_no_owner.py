"""RB101: no owner."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said


def test_a_runbook_belongs_to_somebody():
    """One name is enough."""
    assert said("RB101", TRIAGE) == ["nobody owns 'queue-stuck'"]
    assert said("RB101", "owners: [team-mail]\n", TRIAGE) == []
