"""RB151: PromQL that does not parse."""

from __future__ import annotations

import pytest

from support.contents import asked, parameters, step
from support.rulings import findings, said

FREE = parameters(x={"type": "string", "default": "a"})


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(a[5m])",
        "rate(a)",
        "rte(a[5m])",
        "rate(a[5x])",
        "a > > 1",
        "a b",
        "{}",
        'a{b=~"5(.."}',
        'sum by pod (a{b="{{ params.x }}"})',
        "rate(a[{{ params.x }}]",
    ],
)
def test_what_no_server_answers_is_an_error(query):
    """The document cannot do what it says."""
    [found] = findings("RB151", FREE, asked(query))
    assert found.severity == "error"
    assert found.message.startswith("the query of 'one' is no PromQL: ")


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(a{b="{{ params.x }}", c!~"{{ params.x }}.*"}[5m])) or vector(0)',
        "rate(a[{{ params.x }}])",
        "rate(a[{{ params.x }}:1m] offset {{ params.x }})",
        "a offset {{ params.x }} > {{ params.x }}",
        "topk({{ params.x }}, sum by ({{ params.x }}) (a))",
        "a_{{ params.x }}_total / {{ params.x }}",
        "quantile_over_time({{ params.x }}, a[5m]) > bool {{ params.x }}",
        "{{ params.x }}",
        'a  # {{ params.x }} is "what it is\n/ b',
        "a / on (b) group_left (c) d @ end()",
        '{"my.metric", a="b"}',
        "a{b='\\'', c=`[{`}",
    ],
)
def test_a_template_may_stand_for_whatever_makes_it_parse(query):
    """A text, a duration, a number, a vector, a label; or the whole of it."""
    assert said("RB151", FREE, asked(query)) == []


def test_a_message_shows_the_template_and_not_what_stood_for_it():
    """Nobody wrote that."""
    assert "{{ params.x }}" in said("RB151", FREE, asked('a{b=~"({{ params.x }}"}'))[0]


def test_every_kind_of_query_is_looked_at_and_so_is_present():
    """A range, a comparison with before, what says that there is data."""
    assert len(said("RB151", step("prometheus.range", {"query": "a(", "for": "1h"}))) == 1
    assert len(said("RB151", step("prometheus.compare", {"query": "a(", "before": "1d"}))) == 1
    assert said("RB151", asked("a", empty_means=0, present="a(")) == [
        "'present' of 'one' is no PromQL: unclosed left parenthesis"
    ]


def test_a_signal_is_told_once_however_many_ask_it():
    """Where it is written."""
    signals = "signals: {s: {uses: prometheus.query, with: {query: 'a('}}}\n"
    steps = "triage: [{id: one, signal: s, expect: value > 1}, {id: two, signal: s, expect: value > 2}]\n"
    assert len(said("RB151", signals, steps)) == 1
