"""RB138: users notice it, and nobody is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_TOLD = """\
communication:
  - {at: start, to: console, template: initial}
  - {at: resolved, to: console, template: resolved}
"""


def check(about: About) -> Iterator[Finding]:
    """What users notice is told to somebody."""
    if about.runbook.user_facing and not about.runbook.communication:
        message = "users notice it, and the runbook tells nobody"
        yield about.finding(
            ("user_facing",), message, "add 'communication:', at least one message to the team's channel"
        )


RULE = Rule(
    code="RB138",
    name="users-not-told",
    severity=Severity.WARNING,
    title="What users notice, told to nobody",
    why=(
        "Support hears of it from users, asks in three channels, and somebody who should repair it answers. A message "
        "at the start saves the first twenty minutes of everybody else."
    ),
    instead="Tell the team's channel at the start and at the end; for long troubles also `every: 20m`.",
    bad=runbook("user_facing: true\n", TRIAGE),
    good=runbook("user_facing: true\n", TRIAGE, _TOLD),
    check=check,
)
