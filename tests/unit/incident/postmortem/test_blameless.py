"""Words that look for somebody instead of something."""

from __future__ import annotations

import pytest

from runbook.incident.postmortem.blameless import judged, unwritten

PEOPLE = {"ana": "the commander", "bo": "operations", "j.doe": "an approver"}


def codes(line: str) -> list[str]:
    return [finding.code for finding in judged([(1, line)], PEOPLE, "p.md")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("The operator should have looked at the graph.", "RB212"),
        ("We shouldn't have deployed on Friday.", "RB212"),
        ("In hindsight the alert was clear.", "RB212"),
        ("It was human error.", "RB213"),
        ("The engineer failed to check.", "RB213"),
        ("The root cause was a missing index.", "RB214"),
        ("Obviously the pool was too small.", "RB215"),
        ("Ana restarted the pods.", "RB211"),
        ("Then @j.doe approved.", "RB211"),
    ],
)
def test_what_looks_for_somebody_is_found(line: str, code: str) -> None:
    """One finding, of the kind that it is."""
    assert codes(line) == [code]


@pytest.mark.parametrize(
    "line",
    [
        "The pool was exhausted after 40 connections.",
        "We will have moved by then.",
        "The banana service was down.",
        "`ana should have` stands in code.",
        "> a customer wrote: this is your fault, ana",
        "See [ana's page](https://wiki.example.com/ana).",
        "<!-- ana: should have -->",
        "bo is too short a name to be told from a word.",
    ],
)
def test_what_is_harmless_is_left_alone(line: str) -> None:
    """A list of words that cries at everything is switched off."""
    assert codes(line) == []


def test_code_blocks_are_not_prose() -> None:
    """Logs say `failed to` all the time."""
    text = ["```", "error: failed to connect", "```", "It was careless."]
    assert [finding.line for finding in judged(enumerate(text, 1), PEOPLE, "p.md")] == [4]


def test_a_finding_says_where_and_what_to_write() -> None:
    """Line, column, and the role that stands for the name."""
    (finding,) = judged([(12, "Then Ana came.")], PEOPLE, "docs/p.md")
    assert str(finding).startswith("docs/p.md:12:6: RB211: 'Ana' is a person's name; write 'the commander'")


def test_what_nobody_has_written_yet_is_found() -> None:
    """A postmortem with gaps says where they are."""
    (finding,) = unwritten([(3, "TODO: what did users see?"), (4, "They waited.")], "p.md")
    assert (finding.line, finding.code, finding.message) == (3, "RB216", "not written yet: what did users see?")
