"""RB118: a condition that is always the same."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import findings, said


def when(text: str) -> tuple[str, ...]:
    return TRIAGE, "resolution:\n", RESTART, f"    when: {text}\n", VERIFICATION


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps.smarthost.verdict == 'pass' or 'unknown'", "'when' of 'restart' is always true"),
        ("steps.smarthost.reachable and true", "'when' of 'restart': this part is always true by itself"),
        ("'true'", "'when' of 'restart' is always true"),
        ("steps.smarthost.verdict", "'when' of 'restart': steps.smarthost.verdict is a word, and every word is true"),
        (
            "not steps.smarthost.status",
            "'when' of 'restart': steps.smarthost.status is a word, and every word is true",
        ),
    ],
)
def test_a_part_that_decides_by_itself_is_told(text, message):
    """Whole conditions, sides of `and` and `or`, and words that are taken for answers."""
    assert said("RB118", *when(text)) == [message]


@pytest.mark.parametrize(
    "text",
    [
        "steps.smarthost.verdict == 'pass'",
        "steps.smarthost.verdict in ['pass', 'unknown']",
        "steps.smarthost.reachable",
        "steps.smarthost.reachable or steps.smarthost.verdict is known",
        "run.mode == 'auto' or alert.labels.severity == 'page'",
    ],
)
def test_what_hangs_on_the_world_is_left_alone(text):
    """It can be true, and it can be false."""
    assert said("RB118", *when(text)) == []


def test_an_option_that_is_never_tried_is_another_rules():
    """One finding about one thing."""
    assert said("RB118", *when("'false'")) == []


def test_checks_and_meanings_are_conditions_too():
    """`expect` and the `if` of `means`."""
    triage = TRIAGE.replace("}}", "}, expect: reachable or 1, means: [{if: not 0, say: It is.}]}")
    assert said("RB118", triage) == ["'expect' of 'smarthost' is always true", "an 'if' of 'smarthost' is always true"]


def test_the_place_is_the_part():
    """The caret stands under what is constant."""
    (found,) = findings("RB118", *when("steps.smarthost.reachable and true"))
    assert (found.line, found.column) == (14, 11 + len("steps.smarthost.reachable and "))


def test_the_constant_that_decides_the_whole_is_pointed_at():
    """Not the comparison beside it, which is right."""
    (found,) = findings("RB118", *when("steps.smarthost.verdict == 'pass' or 'unknown'"))
    assert found.column == 11 + len("steps.smarthost.verdict == 'pass' or ")
    assert "in [a, b]" in str(found.hint)
