"""RB106: nobody is paged."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said


def test_a_runbook_without_options_calls_somebody_too():
    """It resolves nothing by itself, so it most of all."""
    assert said("RB106", TRIAGE) == ["nobody is paged when nothing in 'queue-stuck' helps"]
    assert said("RB106", TRIAGE, "escalation: {to: mail}\n") == []
