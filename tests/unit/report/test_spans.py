"""Bars over a line of time."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from runbook.report.spans import Span, span_drawing

START = 1_795_402_800.0  # 03:00 UTC


def drawn(*spans: Span, now: float = START + 3600) -> str:
    made = span_drawing("d", spans, now)
    assert made is not None
    ElementTree.fromstring(made)
    return made


def test_nothing_is_drawn_of_nothing() -> None:
    """A page has no empty figure."""
    assert span_drawing("d", [], START) is None


def test_every_bar_is_named_and_told_with_its_length() -> None:
    """For who cannot see it, and who points at it."""
    made = drawn(Span("impact", START, START + 600), Span("rollback", START + 60, START + 180))
    assert "impact: 10m; rollback: 2m" in made
    assert made.count("<rect") == 2


def test_what_goes_on_ends_now_and_says_so() -> None:
    """An incident is looked at while it lasts."""
    assert "impact: 1h and goes on" in drawn(Span("impact", START, None))


@pytest.mark.parametrize("end", [START - 5, START, START + 40 * 365 * 86400.0])
def test_odd_lengths_stay_within_the_drawing(end: float) -> None:
    """Nothing, less than nothing, forty years."""
    made = drawn(Span("x", START, end))
    assert all(0 <= float(x) <= 900 for x in re.findall(r' x="([-0-9.]+)"', made))
    assert made.count("<text") <= 42


def test_times_below_are_round() -> None:
    """Minutes that people say."""
    assert re.findall(r">(\d\d:\d\d)<", drawn(Span("x", START + 61, START + 1500))) == [
        "03:05",
        "03:10",
        "03:15",
        "03:20",
        "03:25",
    ]
