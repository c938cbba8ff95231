"""RB152: a comparison within a query that is judged."""

from __future__ import annotations

import pytest

from support.contents import asked
from support.rulings import findings, said


@pytest.mark.parametrize(
    "query",
    [
        "a > 5",
        "(a > 5)",
        "sum(rate(a[5m])) > 5",
        "sum(up == 0)",
        "count(a > 5)",
        "a > 5 or b > 5",
        "a > 5 and b",
        "abs(a > 5)",
        "a > b",
        "a > -1",
        "max by (c) (a < 0.5)",
    ],
)
def test_a_comparison_that_can_leave_nothing_is_found(query):
    """On top, within a sum, on either side of `or`."""
    assert len(said("RB152", asked(query))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "a",
        "a > bool 5",
        "count(up == 0) or vector(0)",
        "sum(a > 5) or on () vector(0)",
        "a / (b > 0)",
        "a and on () (b > 10)",
        "a unless b > 5",
        "absent(a > 5)",
        "(a > bool 5) * 100",
        "sum_over_time((a > bool 5)[1h:])",
        'a{b=">"}',
    ],
)
def test_what_always_answers_or_is_meant_is_left_alone(query):
    """A divisor that may be zero, enough traffic to judge by, a zero of its own."""
    assert said("RB152", asked(query)) == []


def test_what_nobody_judges_may_list_what_is_over_a_limit():
    """And so may one that says what no answer means."""
    assert said("RB152", asked("up == 0", expect=None)) == []
    assert said("RB152", asked("count(up == 0)", empty_means=0, present="up")) == []


def test_the_hint_has_the_left_side():
    """What is to be asked instead."""
    [found] = findings("RB152", asked('sum(rate(a{b="{{ run.id }}"}[5m])) > 0.5'))
    assert '`sum(rate(a{b="{{ run.id }}"}[5m]))`' in str(found.hint)


def test_a_signal_is_judged_where_it_is_asked():
    """It has no expectation of its own."""
    signals = "signals: {s: {uses: prometheus.query, with: {query: a > 5}}}\n"
    assert len(said("RB152", signals, "triage: [{id: one, signal: s, expect: value > 5}]\n")) == 1
    assert said("RB152", signals, "triage: [{id: one, signal: s}]\n") == []


def test_the_place_is_that_of_the_comparison():
    """In the line of the query, and not within its quotes."""
    query = "triage:\n  - id: one\n    uses: prometheus.query\n    expect: value > 1\n    with:\n      query: >-\n"
    [found] = findings("RB152", f"{query}        sum(rate(a{{b='> '}}[5m]))\n        > 5\n")
    assert (found.line, found.column) == (12, 9)
