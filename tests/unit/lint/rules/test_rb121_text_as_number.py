"""RB121: text compared like a number."""

from __future__ import annotations

import pytest

from support.rulings import said

STEPS = """\
triage:
  - {id: a, uses: command.run, with: {argv: [a], effect: read}, outputs: {n: {line: 1}, i: {line: 1, type: integer}}}
  - {id: b, uses: command.run, with: {argv: [a], effect: read}, when: "%s"}
"""


@pytest.mark.parametrize(
    "text",
    [
        "steps.a.stdout > '1000'",
        "'5' <= steps.a.n",
        "steps.a.stdout < steps.a.stderr",
        "alert.labels.count > ' 5 '",
        "run.mode == 'x' or steps.a.n < '0.5'",
    ],
)
def test_text_has_another_order_than_numbers(text):
    """One side is digits in quotes, or both are texts that a command printed."""
    assert len(said("RB121", STEPS % text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "(steps.a.stdout | int) > 1000",
        "steps.a.i > 5",
        "steps.a.stdout == '5'",
        "alert.startsAt > '2026-01-01T00:00:00Z'",
        "alert.labels.tier < 'b'",
        "steps.a.stdout > params.word",
        "'5' in steps.a.stdout",
    ],
)
def test_numbers_equality_and_other_text_are_left_alone(text):
    """Days and names have an order of letters on purpose."""
    assert said("RB121", "parameters: {word: {type: string, default: m}}\n", STEPS % text) == []
