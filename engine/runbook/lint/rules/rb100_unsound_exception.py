"""RB100: an exception that allows nothing, or does not say why. Found where exceptions are applied, not by a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
# lint: allow(RB101)
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""


def check(about: About) -> tuple[Finding, ...]:
    """Nothing: whether an exception was needed is known when every other rule was asked."""
    del about
    return ()


RULE = Rule(
    code="RB100",
    name="unsound-exception",
    severity=Severity.WARNING,
    title="An exception that does not hold",
    why=(
        "An exception is believed by everybody who reads the runbook later. One without a reason cannot be questioned, "
        "one that allows what is no longer there hides the next mistake, and one with a misspelt code allows nothing."
    ),
    instead=(
        "Write `# lint: allow(CODE): reason`, with the code or the name of the rule, several with commas. It holds for "
        "its own line; alone on a line, for the line below; above the first key, for the whole file. Remove it when it "
        "is no longer needed. What makes a document unusable, `RB0xx`, is not excepted."
    ),
    mends="It removes what is no longer needed: the comment, or a name of several in it.",
    bad={"runbooks/queue-stuck.yaml": _BAD},
    good={"runbooks/queue-stuck.yaml": _BAD.replace("(RB101)", "(RB101): moves to the payments team in May")},
    check=check,
    of=(Runbook, Steps, Scenarios, EvidencePlan, Policy, Config),
)
