"""RB160: a symptom that waits for an alert which no rule gives."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.suggest import did_you_mean
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_RULES = """\
groups:
  - name: queues
    rules:
      - {alert: QueueStuck, expr: 'queue_depth > 1000', for: 5m}
"""
_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
symptoms:
  - alert: QueueStuk
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
symptoms:
  - alert: QueueStuck
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""


def check(about: About) -> Iterator[Finding]:
    """Every alert that a symptom names is one of the rules that were given."""
    known = about.alerts or {}
    for i, symptom in enumerate(about.runbook.symptoms):
        if symptom.alert is not None and symptom.alert not in known:
            message = f"no rule gives an alert '{symptom.alert}'"
            hint = did_you_mean(symptom.alert, _alike(symptom.alert, known), what="the rules give")
            yield about.finding(("symptoms", i, "alert"), message, hint or "correct its name, or add the rule")


def _alike(alert: str, known: Collection[str]) -> Collection[str]:
    """Those of many alerts that are worth comparing: a slip of the hand leaves the first letter and the length."""
    if len(known) <= 20:
        return known
    return [one for one in known if one[:1].lower() == alert[:1].lower() and abs(len(one) - len(alert)) <= 3]


RULE = Rule(
    code="RB160",
    name="unknown-alert",
    severity=Severity.WARNING,
    title="An alert that no rule gives",
    why=(
        "The alert was renamed, or never existed: nothing starts the runbook, and on the night in which the real "
        "one fires nobody finds it. Asked with `--rules FILE` only."
    ),
    instead=("The name as the rule has it, capitals included; or the rule, if it is missing."),
    bad={"runbooks/example.yaml": _BAD, "queues.rules.yaml": _RULES},
    good={"runbooks/example.yaml": _GOOD, "queues.rules.yaml": _RULES},
    check=check,
    needs_alerts=True,
)
