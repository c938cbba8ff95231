"""RB137: a parameter to be given that nothing explains."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE
from support.rulings import said


@pytest.mark.parametrize(
    ("parameter", "found"),
    [
        ("type: string", ["'a' must be given, and nothing says what it is"]),
        ("type: string, pattern: '[a-z]+', from_alert: labels.a", ["'a' must be given, and nothing says what it is"]),
        ("type: string, description: Its name.", []),
        ("type: string, examples: [mail-1]", []),
        ("type: string, enum: [x, y]", []),
        ("type: string, default: x", []),
    ],
)
def test_who_must_type_it_is_told_what(parameter, found):
    """By hand an alert does not give it."""
    assert said("RB137", f"parameters: {{a: {{{parameter}}}}}\n", TRIAGE) == found
