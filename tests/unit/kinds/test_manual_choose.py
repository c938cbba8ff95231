"""`manual.choose` offers what was found; it picks nothing itself."""

from __future__ import annotations

from runbook.document.words import Role
from runbook.kinds import manual_choose


def test_a_choice_shows_what_can_be_picked_where_that_is_known() -> None:
    """A list is, a template is not yet."""
    assert manual_choose.by_hand({"question": "Which?", "choices": ["a", 2]}) == "Which? (a, 2)"
    assert manual_choose.by_hand({"question": "Which?", "choices": "{{ steps.members.names }}"}) == "Which?"
    assert manual_choose.describe({"question": "Which?"}) == "choose: Which?"


def test_the_core_asks() -> None:
    """It is a manual step whose pick is an output, and choices are never left out."""
    assert manual_choose.SPEC.role is Role.MANUAL
    assert manual_choose.SPEC.output_names == {"value", "note"}
    assert manual_choose.SPEC.inputs["required"] == ["question", "choices"]
    assert not hasattr(manual_choose, "observe") and not hasattr(manual_choose, "apply")
