"""RB155: a range in which there are hardly two samples."""

from __future__ import annotations

import pytest

from support.contents import asked, parameters
from support.rulings import said


@pytest.mark.parametrize("query", ["rate(a[30s])", "sum(increase(a[15s])) / 2", "irate(a[59s])", "changes(a[30s])"])
def test_less_than_a_minute_is_too_short(query):
    """Four times fifteen seconds, which is the shortest interval that is common."""
    assert len(said("RB155", asked(query))) == 1


@pytest.mark.parametrize(
    "query", ["rate(a[1m])", "rate(a[5m])", "max_over_time(a[30s])", "rate(a[{{ params.w }}])", "a offset 10s"]
)
def test_long_enough_unknown_or_of_one_sample_is_left_alone(query):
    """A maximum is there with one."""
    assert said("RB155", parameters(w={"type": "string", "default": "10s"}), asked(query)) == []
