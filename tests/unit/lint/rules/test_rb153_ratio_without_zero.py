"""RB153: a share of errors without its zero."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import said


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(a{status=~"5.."}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{job="b", code="500"}[5m])) / sum(rate(a{job="b"}[5m]))',
        'sum by (c) (rate(a{result="error"}[5m])) / sum by (c) (rate(a[5m]))',
        '100 * (sum(rate(a{grpc_code!="OK"}[5m])) / sum(rate(a[5m])))',
        'rate(a{rcode="SERVFAIL"}[5m]) / rate(a[5m])',
        'sum(rate(a{status=~"^4.."}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{code=~"(4|5).."}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{rcode!="No Error"}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{class="failure"}[5m])) / sum(rate(a[5m]))',
    ],
)
def test_a_part_of_a_whole_that_is_errors_is_found(query):
    """The same metric on both sides, and one of them with less of it."""
    assert len(said("RB153", asked(query))) == 1


@pytest.mark.parametrize(
    "query",
    [
        '(sum(rate(a{status=~"5.."}[5m])) or vector(0)) / sum(rate(a[5m]))',
        'sum(rate(a{path="/checkout"}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{path="/errors"}[5m])) / sum(rate(a[5m]))',
        'sum(rate(a{type!="available"}[5m])) / sum(rate(a[5m]))',
        '1 - sum(rate(a{status=~"2.."}[5m])) / sum(rate(a[5m]))',
        "sum(rate(errors[5m])) / sum(rate(requests[5m]))",
        'sum(rate(a{status=~"5..", job="b"}[5m])) / sum(rate(a{job="c"}[5m]))',
        "sum(rate(a[5m])) / sum(rate(a[1h]))",
        'sum(rate(a{status=~"5.."}[5m]))',
        'histogram_quantile(0.9, sum by (le) (rate(a{code="500"}[5m]))) / 2',
    ],
)
def test_other_divisions_are_left_alone(query):
    """With a zero, of something else, of two metrics."""
    assert said("RB153", asked(query)) == []


def test_what_is_not_judged_may_be_empty():
    """So may one that says what no answer means."""
    query = 'sum(rate(a{status=~"5.."}[5m])) / sum(rate(a[5m]))'
    assert said("RB153", asked(query, expect=None)) == []
    assert said("RB153", asked(query, empty_means=0, present="a")) == []
