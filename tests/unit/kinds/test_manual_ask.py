"""`manual.ask` puts a question; it answers nothing itself."""

from __future__ import annotations

from runbook.document.words import Role
from runbook.kinds import manual_ask


def test_a_question_shows_its_choices() -> None:
    """Whoever reads the page knows what is taken for an answer."""
    assert manual_ask.by_hand({"question": "Which?", "choices": ["a", 2]}) == "Which? (a, 2)"
    assert manual_ask.by_hand({"question": "Which?"}) == "Which?"
    assert manual_ask.by_hand({"question": "Which?", "choices": "{{ params.regions }}"}) == "Which?"
    assert manual_ask.describe({"question": "Which?"}) == "ask: Which?"


def test_the_core_asks() -> None:
    """It is a manual step whose answer is an output."""
    assert manual_ask.SPEC.role is Role.MANUAL
    assert manual_ask.SPEC.output_names == {"value", "note"}
    assert not hasattr(manual_ask, "observe") and not hasattr(manual_ask, "apply")
