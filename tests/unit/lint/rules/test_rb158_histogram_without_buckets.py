"""RB158: a quantile of sums that have lost their buckets."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("histogram_quantile(0.9, sum(rate(a_bucket[5m])))", 1),
        ("histogram_quantile(0.9, sum by (pod) (rate(a_bucket[5m]))) > bool 1", 1),
        ("histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m])))", 0),
        ("histogram_quantile(0.9, sum by (le, pod) (rate(a_bucket[5m])))", 0),
        ("histogram_quantile(0.9, sum without (pod) (rate(a_bucket[5m])))", 0),
        ("histogram_quantile(0.9, rate(a_bucket[5m]))", 0),
        ("histogram_quantile(0.9, sum(rate(a[5m])))", 0),
        ("quantile(0.9, sum by (pod) (rate(a_bucket[5m])))", 0),
    ],
)
def test_a_quantile_needs_its_buckets(query, found):
    """Those of a native histogram are within it."""
    assert len(said("RB158", asked(query))) == found
