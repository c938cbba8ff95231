"""RB124: a message that says something else than its moment."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE
from support.rulings import said


@pytest.mark.parametrize(
    ("when", "template", "message"),
    [
        (
            "at: finished",
            "resolved",
            "the template 'resolved' says \"resolved and verified\", and goes out at 'finished'",
        ),
        ("at: start", "resolved", "the template 'resolved' says \"resolved and verified\", and goes out at 'start'"),
        ("every: 15m", "resolved", "the template 'resolved' says \"resolved and verified\", and goes out every 15m"),
        ("at: resolved", "initial", "the template 'initial' says \"investigating\", and goes out at 'resolved'"),
        ("at: finished", "update", "the template 'update' says \"being worked on\", and goes out at 'finished'"),
        ("at: resolved", "escalated", "the template 'escalated' says \"not resolved\", and goes out at 'resolved'"),
    ],
)
def test_the_built_in_words_are_only_true_in_their_time(when, template, message):
    """Whoever reads them believes them."""
    assert said("RB124", TRIAGE, f"communication: [{{{when}, to: console, template: {template}}}]\n") == [message]


@pytest.mark.parametrize(
    "message",
    [
        "at: start, to: console, template: initial",
        "at: start, to: console, template: update",
        "every: 5m, to: console, template: update",
        "every: 5m, to: console, template: initial",
        "at: resolved, to: console, template: resolved",
        "at: not_resolved, to: console, template: escalated",
        "at: finished, to: console, text: It is over.",
    ],
)
def test_these_fit(message):
    """Some better than others."""
    assert said("RB124", TRIAGE, f"communication: [{{{message}}}]\n") == []


def test_words_of_the_project_say_what_it_wrote():
    """A template of its own stands in for the built-in one."""
    files = {"runbook.yaml": "apiVersion: runbook/v1\nkind: Config\n", "templates/resolved.md": "It ended."}
    message = "communication: [{at: finished, to: console, template: resolved}]\n"
    assert said("RB124", TRIAGE, message, files=files) == []
