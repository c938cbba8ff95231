"""RB157: a counter that is judged as it stands."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import said


@pytest.mark.parametrize("query", ["a_total", "sum(a_total) / 2", 'max(a_total{b="c"}) or vector(0)', "abs(a_total)"])
def test_a_counter_only_grows(query):
    """What is over a limit stays there."""
    assert len(said("RB157", asked(query))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "rate(a_total[5m])",
        "sum(increase(a_total[1h]))",
        "a_total - a_total offset 5m",
        "count(a_total)",
        "absent(a_total)",
        "time() - timestamp(a_total)",
        "changes(a_total[1h])",
        "sum(rate(b[5m])) and on () a_total",
        "deriv(sum(a_total)[5m:1m])",
        "memory_total_bytes",
        "a_totals",
        "max_over_time(a_total[5m])",
    ],
)
def test_how_it_changes_or_whether_it_is_there_may_be_asked(query):
    """That is what it is for."""
    assert said("RB157", asked(query)) == []


def test_what_is_not_judged_may_be_shown():
    """A person sees that it is large."""
    assert said("RB157", asked("a_total", expect=None)) == []
