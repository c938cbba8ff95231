"""Queries are compared as they are parsed."""

from __future__ import annotations

import pytest

from runbook.authoring.diff.promql import differences, same

RATE = 'sum by (job, code) (rate(http_total{code=~"5..", job="api"}[5m]))'


@pytest.mark.parametrize(
    "other",
    [
        'sum by (code,job)(rate(http_total{job="api",code=~"5.."}[5m]))',
        "sum by (job, code) (rate(http_total{code=~'5..', job='api'}[300s]))",
        'sum(\n  rate(http_total{ code =~ "5..", job = "api" }[5m])\n) by (job, code)',
    ],
)
def test_another_spelling_asks_the_same(other: str) -> None:
    """White space, quotes, the order of labels, the unit of a window, where `by` stands."""
    assert same(RATE, other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('up{job="a"}', 'up{job="b"}'),
        ('up{job="a"}', 'up{job=~"a"}'),
        ('up{job="a, b"}', 'up{job="b, a"}'),
        ("rate(a[5m])", "rate(a[1m])"),
        ("a / b", "b / a"),
        ("sum by (x) (a)", "sum without (x) (a)"),
        ('up{job="{{ params.a }}"}', 'up{job="{{ params.b }}"}'),
        ("rate(a[{{ params.a }}])", "rate(a[{{ params.b }}])"),
        ("this does not (parse", "this does not (parse either"),
    ],
)
def test_another_question_is_another(before: str, after: str) -> None:
    """However little differs."""
    assert not same(before, after)


def test_templates_within_are_left_as_they_are() -> None:
    """Also where a number or a duration stands, and with other white space inside of the braces."""
    assert same('rate(a{b="{{ params.x }}"}[{{ params.w }}])', 'rate(a{ b="{{params.x}}" }[{{ params.w }}])')


def test_what_differs_is_said_in_words() -> None:
    """The label that is gone, no data that counts as a number, another window."""
    before, after = 'rate(a{b="1",n="{{ params.n }}"}[5m])', 'rate(a{b="1"}[15m]) or vector(0)'
    assert list(differences(before, after)) == [
        'it no longer asks for n="{{ params.n }}"',
        "no data now counts as a number (or vector)",
        "its window was [5m] and is [15m]",
    ]
