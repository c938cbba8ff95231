"""RB109: a change before anything but the symptom was looked at."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, SYMPTOM, TRIAGE, VERIFICATION
from support.rulings import said

CHANGE = "{id: change, uses: command.run, with: {argv: [a]}}"
PART = """\
apiVersion: runbook/v1
kind: Steps
name: look
steps:
  - {id: there, uses: tcp.connect, with: {host: a.example.com, port: 1}}
"""


def option(*steps: str) -> str:
    return "resolution:\n  - id: o\n    steps:\n" + "".join(f"      - {step}\n" for step in steps) + VERIFICATION


def test_a_symptom_alone_tells_no_cause():
    """Only the first change is named."""
    other = RESTART.replace("restart", "start")
    assert said("RB109", SYMPTOM, "resolution:\n", RESTART, other, VERIFICATION) == [
        "'restart_worker' changes something before anything but the symptom was looked at"
    ]


def test_without_a_symptom_nothing_at_all_was_looked_at():
    """It begins with the change."""
    assert said("RB109", option(CHANGE)) == ["'change' changes something before anything was looked at"]


@pytest.mark.parametrize(
    "first",
    [
        "{id: look, uses: tcp.connect, with: {host: a.example.com, port: 1}}",
        "{id: ask, uses: manual.ask, with: {question: Is it there?}}",
        "{id: do, uses: manual.do, with: {text: Look for it.}}",
        "{include: look, as: at}",
    ],
)
def test_who_looks_first_in_the_option_has_looked(first):
    """A probe, a person, or the steps of another document."""
    assert said("RB109", option(first, CHANGE), files={"runbooks/look.yaml": PART}) == []


@pytest.mark.parametrize(
    "first",
    [
        "{id: pause, uses: wait.until, with: {for: 10s}}",
        "{id: tell, uses: notify.send, with: {to: console, message: Now.}}",
    ],
)
def test_waiting_and_telling_is_not_looking(first):
    """Nothing is known after it that was not before."""
    assert len(said("RB109", option(first, CHANGE))) == 1


def test_triage_has_looked():
    """That of another document too."""
    assert said("RB109", TRIAGE, option(CHANGE)) == []
    include = "triage:\n  - {include: look, as: at}\n"
    assert said("RB109", include, option(CHANGE), files={"runbooks/look.yaml": PART}) == []
