"""What can be said of a condition without knowing the world."""

from __future__ import annotations

import pytest

from runbook.document.expressions import parse
from runbook.lint.conditions import always


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "'unknown'",
        "not false",
        "a == 1 or 'b'",
        "not (a and false)",
        "a != 'x' or a != 'y'",
        "a > 3 or a < 5",
        "a > 3 or a <= 3",
        "a.b != 1 or a.b == 1",
    ],
)
def test_these_are_always_true(text):
    """Whatever is read."""
    assert always(parse(text).tree) is True


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "''",
        "0",
        "a and false",
        "a == 'x' and a == 'y'",
        "a == 1 and a != 1",
        "a > 5 and a < 3",
        "a > 3 and a < 3",
        "a >= 3 and a < 3",
        "3 < a and 2 > a",
        "a == 4 and a > 5",
        "b and (a > 5 and c) and a < 3",
        "not (a != 'x' or a != 'y')",
    ],
)
def test_these_are_never_true(text):
    """Two conditions of one value leave nothing between them."""
    assert always(parse(text).tree) is False


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a == 'x' or a == 'y'",
        "a != 'x' and a != 'y'",
        "a > 3 and a < 5",
        "a >= 3 and a <= 3",
        "a < 3 or a > 5",
        "a < 3 or a > 3",
        "a == 1 and b == 2",
        "a[0] == 1 and a[1] == 2",
        "(a | int) == 1 and a == 2",
        "a == '5' and a > 3",
        "a == b and a == c",
        "a is known",
        "a in ['x'] and a in ['y']",
        "a == 1 and not (a == 2)",
        "1 if a else 0",
    ],
)
def test_of_these_nothing_is_said(text):
    """They hang on what is read, or are not looked into."""
    assert always(parse(text).tree) is None
