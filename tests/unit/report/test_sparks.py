"""Bars in a line."""

from __future__ import annotations

import pytest

from runbook.report.sparks import arrow, bars
from runbook.report.style import Style

PLAIN = Style(blocks=False)


@pytest.mark.parametrize(
    ("values", "drawn", "plain"),
    [
        ([], "", ""),
        ([0, 0], "  ", "  "),
        ([5], "█", "@"),
        ([1, 0, 100], "▁ █", ". @"),
        ([None, 2, 4], "·▅█", "_+@"),
        ([0.001, 1e9], "▁█", ".@"),
    ],
)
def test_each_value_is_one_character_as_high_as_it_is(values, drawn, plain):
    """What is there shows, however small beside the rest; nothing is a space, what is not known a mark of its own."""
    assert bars(values, Style()) == drawn
    assert bars(values, PLAIN) == plain


def test_arrows_point_up_where_it_got_longer():
    """In ASCII as well."""
    assert [arrow(longer, style) for longer in (True, False) for style in (Style(), PLAIN)] == ["▲", "^", "▼", "v"]
