"""RB119: a condition over a verdict that is never given."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, VERIFICATION
from support.rulings import said

TRIAGE = "triage:\n  - {id: lag, uses: %s}\n"
QUERY = "prometheus.query, with: {query: max(lag)}"


def when(text: str, uses: str) -> tuple[str, ...]:
    return TRIAGE % uses, "resolution:\n", RESTART, f"    when: {text}\n", VERIFICATION


@pytest.mark.parametrize(
    "text",
    [
        "steps.lag.verdict == 'pass'",
        "steps.lag.verdict != 'fail'",
        "not (steps.lag.verdict in ['pass', 'unknown'])",
        "run.mode == 'auto' and 'pass' == steps.lag.verdict",
    ],
)
def test_a_probe_that_judges_nothing_never_passes(text):
    """However it is asked."""
    assert said("RB119", *when(text, QUERY)) == [
        "'when' of 'restart': 'lag' has no 'expect', so it never passes and never fails"
    ]


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("steps.lag.verdict == 'pass'", QUERY + ", expect: value < 5"),
        ("steps.lag.verdict == 'unknown'", QUERY),
        ("steps.lag.value < 5", QUERY),
        ("steps.lag.verdict == 'pass'", "tcp.connect, with: {host: a.example.com, port: 1}"),
        ("steps.lag.verdict == 'pass'", "command.run, with: {argv: [a], effect: read}"),
        ("steps.lag.status == 'succeeded'", QUERY),
    ],
)
def test_kinds_with_an_expectation_of_their_own_and_other_questions_are_fine(text, uses):
    """A command is expected to exit with 0, a port to be reachable."""
    assert said("RB119", *when(text, uses)) == []


def test_a_repeated_step_is_judged_by_its_items():
    """What its whole says is not looked into."""
    uses = QUERY + ", for_each: {items: [a, b]}"
    assert said("RB119", *when("steps.lag.verdict == 'pass'", uses)) == []
