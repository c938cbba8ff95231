"""RB102: a runbook of which nobody knows when it was last true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About


def check(about: About) -> Iterator[Finding]:
    """The runbook says when it was last reviewed."""
    if about.runbook.reviewed is None:
        message = f"nobody says when '{about.runbook.name}' was last reviewed"
        yield about.finding((), message, "read it once as if it were night, then add 'reviewed:' with that day")


RULE = Rule(
    code="RB102",
    name="no-review",
    severity=Severity.WARNING,
    title="A runbook without a review date",
    why=(
        "Clusters, hosts and owners change, and a runbook does not notice. Without a date, whoever opens it at night "
        "cannot tell whether its commands were right last week or three years ago."
    ),
    instead="Have somebody read it who did not write it, and write down the day: `reviewed: 2026-05-20`.",
    bad=runbook(TRIAGE),
    good=runbook("reviewed: 2026-05-20\n", TRIAGE),
    check=check,
)
