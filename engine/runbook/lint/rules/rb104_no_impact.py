"""RB104: a runbook that does not say what the trouble means to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About


def check(about: About) -> Iterator[Finding]:
    """The runbook has an impact."""
    if about.runbook.impact is None:
        message = f"'{about.runbook.name}' does not say what the trouble means to users"
        yield about.finding((), message, "add 'impact:' with what users notice; messages tell it")


RULE = Rule(
    code="RB104",
    name="no-impact",
    severity=Severity.WARNING,
    title="A runbook without an impact",
    why=(
        "Whoever decides at a gate weighs the change against the harm that goes on meanwhile. Without it they ask in "
        "the channel, and the messages that go out say *not known yet*."
    ),
    instead="One sentence from the users' side: what they notice, how many of them, what it costs.",
    bad=runbook(TRIAGE),
    good=runbook("impact: Password resets do not arrive.\n", TRIAGE),
    check=check,
)
