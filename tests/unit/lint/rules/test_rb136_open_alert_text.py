"""RB136: text from an alert without a pattern."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE
from support.rulings import said


@pytest.mark.parametrize(
    ("parameter", "found"),
    [
        ("type: string, from_alert: labels.a", ["'a' is whatever the alert says in 'labels.a'"]),
        (
            "type: string, from_alert: annotations.a, maxLength: 5",
            ["'a' is whatever the alert says in 'annotations.a'"],
        ),
        ("type: string, from_alert: labels.a, pattern: '[a-z]+'", []),
        ("type: string, from_alert: labels.a, enum: [x, y]", []),
        ("type: integer, from_alert: labels.a", []),
        ("type: string", []),
    ],
)
def test_text_from_outside_has_a_form(parameter, found):
    """Numbers have one; what a person types they have seen."""
    assert said("RB136", f"parameters: {{a: {{{parameter}}}}}\n", TRIAGE) == found
