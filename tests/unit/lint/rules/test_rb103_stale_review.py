"""RB103: a review that is too long ago; examples are looked at on 2026-06-01."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE
from support.rulings import BOOK, findings, said

CONFIG = "apiVersion: runbook/v1\nkind: Config\nlint: {limits: {review: 30d}}\n"


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2026-03-03", []),
        ("2026-03-02", ["the last review was 91 days ago, and 90d is the limit"]),
        ("2026-06-01", []),
        ("2026-06-02", []),
        ("2026-06-03", ["the review of 2026-06-03 has not taken place yet"]),
    ],
)
def test_a_review_lasts_ninety_days_and_begins_when_it_has_taken_place(day, message):
    """The last day counts; tomorrow is today in another time zone; the day after is a mistake."""
    assert said("RB103", f"reviewed: {day}\n", TRIAGE) == message


def test_a_runbook_without_a_day_is_another_rules():
    """One finding about one thing."""
    assert said("RB103", TRIAGE) == []


def test_a_project_says_how_long_a_review_lasts():
    """`limits.review` of the config."""
    files = {"runbook.yaml": CONFIG}
    assert said("RB103", "reviewed: 2026-05-01\n", TRIAGE, files=files) == [
        "the last review was 31 days ago, and 30d is the limit"
    ]


def test_the_place_is_the_day():
    """Who mends it changes this line."""
    (found,) = findings("RB103", "reviewed: 2026-01-01\n", TRIAGE)
    assert (found.path, found.line, found.column) == (BOOK, 5, 11)
