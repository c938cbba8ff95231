"""Every value has its place between the ends of its axis, and labels do not stand on each other."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.report import axes, svg

LENGTHS = st.lists(st.floats(0, 1e11, allow_nan=False), max_size=20)


@given(LENGTHS)
def test_every_length_of_time_stands_on_the_axis_in_its_order(values):
    """From nothing to three thousand years, one value, none, all the same."""
    axis = axes.durations(values, 50, 450)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(50 <= place <= 450 for place in places)


@given(LENGTHS)
def test_labels_stand_apart(values):
    """Two labels on each other can be read by nobody."""
    ticks = axes.durations(values, 50, 450).ticks
    axis = axes.durations(values, 50, 450)
    for (one, left), (two, right) in itertools.pairwise(ticks):
        assert axis.at(two) - axis.at(one) > (svg.breadth(left) + svg.breadth(right)) / 2


def test_a_decade_is_as_long_everywhere():
    """The scale is logarithmic: from 1 to 10 minutes as far as from 10 to 100."""
    axis = axes.durations([1, 86400], 0, 100)
    assert math.isclose(axis.at(600) - axis.at(60), axis.at(6000) - axis.at(600))


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0], [90.0], [5e9, 5e9]])
def test_an_axis_of_little_still_has_two_ends(values):
    """One value, or none, is drawn as well."""
    axis = axes.durations(values, 0, 100)
    assert axis.low < axis.high
    assert axis.ticks or not values


def test_shares_run_from_none_to_all():
    """In quarters."""
    assert [label for _, label in axes.shares(0, 100).ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
