"""PromQL that is read: what is in it, and what is too much to read."""

from __future__ import annotations

import pytest

from runbook.lint.contents.promql import read, unclosed, where
from runbook.lint.contents.promql_trees import Query, Selector


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "a" + ")" * 100,
        "(" * 500_000 + "a" + ")" * 500_000,
        "-" * 4000 + "a",
        "+".join(["a"] * 2000),
        "a" * 5000,
        "{{ params.query }}",
        "  {{ params.query }}\n",
        "a{b='{{ params.c'}",
    ],
    ids=lambda text: f"{text[:3]}{len(text)}",
)
def test_what_is_too_much_to_read_has_no_reading(text):
    """The parser would die of it, or its tree be deeper than our own stack."""
    assert read(text) is None


def test_a_template_keeps_its_words_wherever_they_stand():
    """In a value, a name, a label."""
    found = read('sum by ({{ params.l }}) (m_{{ params.m }}_total{a="{{ params.a }}", b=~"x{{ params.b }}"})')
    assert isinstance(found, Query)
    [selector] = found.selectors
    assert selector.metric == "m_{{ params.m }}_total"
    assert [(one.name, one.operator, one.value) for one in selector.matchers] == [
        ("a", "=", "{{ params.a }}"),
        ("b", "=~", "x{{ params.b }}"),
    ]
    assert found.labels is None


def test_a_name_may_be_a_matcher():
    """`{__name__="up"}` is `up`."""
    found = read('{__name__="up", job="a"}')
    assert isinstance(found, Query)
    assert [(one.metric, len(one.matchers)) for one in found.selectors] == [("up", 1)]


def test_each_selector_knows_its_range_and_the_function_over_it():
    """Those of both sides."""
    found = read("rate(a[5m]) / max_over_time(b[1h])")
    assert isinstance(found, Query)
    assert found.selectors == (
        Selector("a", range=300.0, function="rate"),
        Selector("b", range=3600.0, function="max_over_time"),
    )


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("a > 5", "> ", (1, 3)),
        ("a{b='> '}\n  > 5", "> ", (2, 3)),
        ('a{b="\\"> "} > 5', "> ", (1, 13)),
        ("a{b=`> `}", "> ", None),
    ],
)
def test_a_place_is_looked_for_outside_of_quotes(text, words, place):
    """What a label's value has is no operator."""
    assert where(text, words) == place


@pytest.mark.parametrize(
    ("text", "place"), [("sum(rate(a[5m])", (1, 4)), ("a{b='('}\n + (b", (2, 4)), ("(a) + b)", None), ("a", None)]
)
def test_the_bracket_that_is_never_closed_is_found(text, place):
    """The last one, outside of quotes."""
    assert unclosed(text) == place
