"""Every word of the engine has its word for people."""

from __future__ import annotations

import pytest

from runbook.core.words import Ended, RunOutcome, StepStatus, Verdict
from runbook.document.words import Effect
from runbook.report import phrases
from runbook.report.phrases import Mark, seen_as

TABLES = [
    (phrases.STATUS, StepStatus),
    (phrases.EFFECT, Effect),
    (phrases.OUTCOME, RunOutcome),
    (phrases.MEANING, RunOutcome),
    (phrases.ENDED, Ended),
    (phrases.VERDICT, [*Verdict, None]),
    (phrases.SYMPTOM, [*Verdict, None]),
]


@pytest.mark.parametrize(("table", "words"), TABLES)
def test_no_word_is_forgotten(table, words):
    """A new status, outcome or verdict without its phrase fails here, not at night."""
    assert set(table) == set(words)


def test_every_mark_has_a_word():
    """Signs and colours only repeat what is said."""
    marks = [mark for table, _ in TABLES for mark in table.values() if isinstance(mark, Mark)]
    assert all(mark.word and mark.sign for mark in marks)


def test_a_symptom_that_passes_is_no_good_news():
    """`pass` of a symptom means that the trouble is there; it is never a green tick."""
    assert seen_as("symptoms", Verdict.PASS, read=True).word == "is there"
    assert seen_as("triage", Verdict.PASS, read=True).word == "pass"


def test_what_could_not_be_read_is_not_an_answer():
    """Without a verdict a failed read is `not read`; with one, the verdict stands."""
    assert seen_as("triage", None, read=False).word == "not read"
    assert seen_as("triage", Verdict.UNKNOWN, read=False).word == "unknown"
