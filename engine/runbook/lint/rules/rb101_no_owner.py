"""RB101: a runbook that nobody keeps: at night there is nobody to ask, and by day nobody who mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""


def check(about: About) -> Iterator[Finding]:
    """The runbook names an owner."""
    if not about.runbook.owners:
        message = f"nobody owns '{about.runbook.name}'"
        yield about.finding((), message, "add 'owners:' with the team that keeps it")


RULE = Rule(
    code="RB101",
    name="no-owner",
    severity=Severity.WARNING,
    title="A runbook without an owner",
    why=(
        "A step that no longer works is found at night, by somebody who did not write it. Without an owner there is "
        "nobody to tell, so the next person finds it broken again."
    ),
    instead="Name the team, or the group of your policy, that keeps the runbook true.",
    bad={"runbooks/queue-stuck.yaml": _BAD},
    good={"runbooks/queue-stuck.yaml": _BAD.replace("triage:\n", "owners: [payments]\ntriage:\n")},
    check=check,
)
