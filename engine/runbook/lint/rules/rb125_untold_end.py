"""RB125: people who are told that it began, and never that it is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.words import Moment
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_OVER: Final = (Moment.RESOLVED, Moment.FINISHED)
_BAD = "communication:\n  - {at: start, to: console, template: initial}\n"


def check(about: About) -> Iterator[Finding]:
    """Every channel that hears of the beginning hears of a good end."""
    messages = about.runbook.communication
    told = {message.to for message in messages if message.at in _OVER}
    for i, message in enumerate(messages):
        if message.to not in told and (message.at is Moment.START or message.every is not None):
            told.add(message.to)
            text = f"'{message.to}' hears that it began, and never that it is over"
            yield about.finding(("communication", i, "to"), text, f"add {{at: resolved, to: {message.to}, …}}")


RULE = Rule(
    code="RB125",
    name="untold-end",
    severity=Severity.WARNING,
    title="A channel that never hears of the end",
    why=(
        "Who was told that something is broken waits for the word that it is not. Without it they ask, work around it "
        "for the rest of the day, or keep others awake."
    ),
    instead="Send one message `at: resolved`, or `at: finished`, to each channel that hears of the start.",
    bad=runbook(TRIAGE, _BAD),
    good=runbook(TRIAGE, _BAD, "  - {at: resolved, to: console, template: resolved}\n"),
    check=check,
)
