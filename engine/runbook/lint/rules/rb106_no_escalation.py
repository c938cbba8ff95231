"""RB106: a runbook that ends at night and calls nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import ESCALATION, RESTART, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About


def check(about: About) -> Iterator[Finding]:
    """The runbook says who is paged."""
    if about.runbook.escalation is None:
        message = f"nobody is paged when nothing in '{about.runbook.name}' helps"
        yield about.finding((), message, "add 'escalation:' with 'to:' who takes over, and 'after:' a time")


RULE = Rule(
    code="RB106",
    name="no-escalation",
    severity=Severity.WARNING,
    title="A runbook without an escalation",
    why=(
        "Every option can fail, every gate can expire, and a verification can stay unknown. Then a run without an "
        "escalation ends, says so in its record, and nobody wakes up."
    ),
    instead=(
        "Name who takes over, and let `after` page them while the run still tries. `contacts` say who else can help."
    ),
    bad=runbook("resolution:\n", RESTART, VERIFICATION),
    good=runbook("resolution:\n", RESTART, VERIFICATION, ESCALATION),
    check=check,
)
