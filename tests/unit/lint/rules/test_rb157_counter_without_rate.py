"""RB157: a counter that is judged as it stands."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import said


@pytest.mark.parametrize(
    "query", ["a_requests_total", "sum(errors_total) / 2", 'max(failed_total{b="c"}) or vector(0)', "abs(sent_total)"]
)
def test_a_counter_only_grows(query):
    """What is over a limit stays there."""
    assert len(said("RB157", asked(query))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "rate(errors_total[5m])",
        "sum(increase(errors_total[1h]))",
        "errors_total - errors_total offset 5m",
        "count(errors_total)",
        "absent(errors_total)",
        "time() - timestamp(errors_total)",
        "changes(errors_total[1h])",
        "sum(rate(b[5m])) and on () errors_total",
        "deriv(sum(errors_total)[5m:1m])",
        "memory_total_bytes",
        "errors_totals",
        "pending_total",
        "processes_total",
        "max_over_time(errors_total[5m])",
    ],
)
def test_how_it_changes_or_whether_it_is_there_may_be_asked(query):
    """That is what it is for."""
    assert said("RB157", asked(query)) == []


def test_what_is_not_judged_may_be_shown():
    """A person sees that it is large."""
    assert said("RB157", asked("errors_total", expect=None)) == []
