"""RB163: a verification no stricter than its symptom."""

from __future__ import annotations

import pytest

from support.rulings import said

STEPS = "resolution: [{id: o, steps: [{id: d, uses: manual.do, with: {text: Do.}}]}]\n"
GIVEN = "parameters: {n: {type: number, default: 5}, m: {type: number, default: 3}}\n"
SIGNAL = "signals: {s: {uses: prometheus.query, with: {query: a}}, t: {uses: prometheus.query, with: {query: b}}}\n"


def judged(symptom: str, *checks: str, signal: str = "s") -> list[str]:
    listed = ", ".join(f"{{id: c{i}, signal: {signal}, expect: {check!r}}}" for i, check in enumerate(checks))
    began = f"symptoms: [{{id: one, signal: s, expect: {symptom!r}}}]\n"
    return said("RB163", GIVEN, SIGNAL, began, STEPS, f"verification: {{checks: [{listed}]}}\n")


@pytest.mark.parametrize(
    ("symptom", "check"),
    [
        ("value > 5", "value < 5"),
        ("value > 5", "value <= 5"),
        ("value > 5", "6 > value"),
        ("value >= 0.05", "value < 0.05"),
        ("value < -2", "value > -3"),
        ("value > params.n", "value < params.n"),
        ("count == 1 or value > 5", "value < 5"),
        ("(value | int) > 5", "(value | int) <= 5"),
    ],
)
def test_a_check_that_is_content_at_the_symptoms_edge_is_found(symptom, check):
    """The same limit, or beyond it."""
    assert len(judged(symptom, check)) == 1


@pytest.mark.parametrize(
    ("symptom", "check"),
    [
        ("value > 5", "value < 4"),
        ("value < 5", "value > 6"),
        ("value > 0", "value <= 0"),
        ("value > 0", "value == 0"),
        ("value < 1", "value >= 1"),
        ("value > 5", "value < params.n"),
        ("value < params.n", "value >= params.n"),
        ("value > params.n", "value < params.m"),
        ("value > params.n", "value < params.n / 2"),
        ("value > 5", "value < 5 and count == 1"),
        ("value > 5", "value > 5"),
        ("value > 5", "count < 5"),
        ("value", "not value"),
    ],
)
def test_a_distance_an_aim_and_what_cannot_be_compared_are_left_alone(symptom, check):
    """None is none, and all are all."""
    assert judged(symptom, check) == []


def test_another_check_of_the_same_may_be_the_stricter_one():
    """All must hold."""
    assert judged("value > 5", "value < 5", "value < 1") == []


def test_what_measures_something_else_is_not_compared():
    """Nor is an advisory check."""
    assert judged("value > 5", "value < 5", signal="t") == []


def test_a_probe_written_twice_is_the_same():
    """A signal would name it once."""
    probe = "uses: prometheus.query, with: {query: a}"
    began = f"symptoms: [{{id: one, {probe}, expect: value > 5}}]\n"
    assert len(said("RB163", began, STEPS, f"verification: {{checks: [{{id: c, {probe}, expect: value < 5}}]}}\n")) == 1
