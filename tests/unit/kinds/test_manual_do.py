"""`manual.do` tells a person what to do; it does nothing itself."""

from __future__ import annotations

from runbook.document.words import Effect, Role
from runbook.kinds import manual_do


def test_a_person_is_told_what_to_do_and_what_to_see() -> None:
    """The line for a page has both, the short one is one line."""
    inputs = {"text": "Turn off\nthe provider.", "expect": "degraded mode"}
    assert manual_do.by_hand(inputs) == "Turn off\nthe provider. (expect: degraded mode)"
    assert manual_do.by_hand({"text": "Turn it off."}) == "Turn it off."
    assert manual_do.describe(inputs) == "by hand: Turn off the provider."


def test_the_core_asks() -> None:
    """It is a manual step without functions of its own, and is given an hour."""
    assert (manual_do.SPEC.role, manual_do.SPEC.effect, manual_do.SPEC.timeout) == (Role.MANUAL, Effect.READ, "1h")
    assert manual_do.SPEC.output_names == {"done", "note"}
    assert not hasattr(manual_do, "observe") and not hasattr(manual_do, "apply")
