from __future__ import annotations

import pytest

from runbook.kinds import quantities


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("2", 2),
        ("-1", -1),
        ("1.5", 1.5),
        ("250m", 0.25),
        ("156340n", 0.00015634),
        ("5u", 0.000005),
        ("1k", 1000),
        ("12E", 12e18),
        ("12e3", 12000),
        ("128Mi", 134217728),
        ("1Ei", 2**60),
    ],
)
def test_a_quantity_is_a_number(text: str, number: float) -> None:
    """Decimal and binary suffixes, and exponents."""
    assert quantities.number(text) == number


@pytest.mark.parametrize("text", ["", "Mi", "1Xi", "1 Gi", "a1", "1mm"])
def test_what_is_no_quantity_is_said(text: str) -> None:
    """It is not taken for zero."""
    with pytest.raises(ValueError, match="no quantity"):
        quantities.number(text)
