"""RB123: a signal that nobody measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = "signals:\n  queue: {uses: prometheus.query, with: {query: 'sum(queue_depth{queue=\"mail\"})'}}\n"


def check(about: About) -> Iterator[Finding]:
    """Every signal is measured by some step."""
    if not about.runbook.signals:
        return
    measured = {site.step.signal for site in about.every_site}
    for name in about.runbook.signals:
        if name not in measured:
            message = f"no step measures the signal '{name}'"
            yield about.finding(("signals", name), message, f"say 'signal: {name}' in a step, or remove it", key=True)


RULE = Rule(
    code="RB123",
    name="unused-signal",
    severity=Severity.WARNING,
    title="A signal that no step measures",
    why=(
        "A signal is there so that symptom and verification measure the same thing. Where nobody measures it, one of "
        "them has most likely a query of its own, and the two drift apart."
    ),
    instead="Write `signal: NAME` in the steps that should measure it, or remove it.",
    bad=runbook(_BAD, TRIAGE),
    good=runbook(_BAD, TRIAGE, "  - {id: length, signal: queue}\n"),
    check=check,
)
