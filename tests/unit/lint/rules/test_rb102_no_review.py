"""RB102: no review date."""

from __future__ import annotations

from runbook.lint.samples import TRIAGE
from support.rulings import said


def test_a_runbook_without_a_day_is_named():
    """Whoever reads a list of findings sees which runbook."""
    assert said("RB102", TRIAGE) == ["nobody says when 'queue-stuck' was last reviewed"]


def test_any_day_will_do():
    """How old it is, another rule asks."""
    assert said("RB102", "reviewed: 1999-01-01\n", TRIAGE) == []
