"""RB159: a rate of counters that were added up first."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rate(sum(a)[5m:])", 1),
        ("sum(increase((sum by (b) (a))[1h:1m]))", 1),
        ("sum(rate(a[5m]))", 0),
        ("max_over_time(sum(rate(a[5m]))[1h:])", 0),
        ("deriv(sum(a)[1h:])", 0),
        ("rate(a[5m:])", 0),
    ],
)
def test_a_sum_has_no_rate(query, found):
    """How fast a gauge grows is another question."""
    assert len(said("RB159", asked(query))) == found
