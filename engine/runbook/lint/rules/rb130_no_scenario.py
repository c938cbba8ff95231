"""RB130: a runbook that nobody has ever rehearsed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: queue-stuck
scenarios:
  - name: the provider does not answer
    given: {smarthost: {reachable: false}}
    expect: {outcome: not_resolved}
"""


def check(about: About) -> Iterator[Finding]:
    """The runbook has a scenario."""
    if not any(document.scenarios for document in about.scenarios):
        message = f"no scenario rehearses '{about.runbook.name}'"
        yield about.finding(
            (), message, f"write one into {about.entry.path.stem}.scenarios.yaml; `runbook test` plays it"
        )


RULE = Rule(
    code="RB130",
    name="no-scenario",
    severity=Severity.WARNING,
    title="A runbook without a scenario",
    why=(
        "A runbook is needed on the worst day of the quarter. Without a scenario that day is its first: nobody knows "
        "whether its conditions mean what they say, and whether a change of yesterday broke them."
    ),
    instead=(
        "Write [scenarios](../runbook-format.md#scenario) beside it: a good end, a bad one, and a world that does not "
        "answer. They take milliseconds in every pull request."
    ),
    bad=runbook(TRIAGE),
    good=runbook(TRIAGE) | {"runbooks/queue-stuck.scenarios.yaml": _SCENARIOS},
    check=check,
)
