"""RB159: a rate of counters that were added up first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.queries import queries
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-slow
title: Checkout is slow
triage:
  - {id: requests, uses: prometheus.query, with: {query: 'rate(sum(requests_total{job="checkout"})[5m:])'}}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-slow
title: Checkout is slow
triage:
  - {id: requests, uses: prometheus.query, with: {query: 'sum(rate(requests_total{job="checkout"}[5m]))'}}
"""


def check(about: About) -> Iterator[Finding]:
    """What grows is measured of each counter, and added up then."""
    for asked in queries(about):
        if asked.query.summed:
            message = f"{asked.query.summed}(…) in '{asked.name}' is made of a sum"
            yield about.finding(asked.place, message, f"the other way round: `sum({asked.query.summed}(…[5m]))`")


RULE = Rule(
    code="RB159",
    name="rate-of-sum",
    severity=Severity.WARNING,
    title="A rate of a sum",
    why=(
        "A counter begins anew with its process, and `rate` knows that of each. In a sum of many one restart is a "
        "fall, which `rate` takes for a restart of all of them: a peak that never was, just when something was "
        "restarted."
    ),
    instead=("`sum(rate(…[5m]))`, never `rate(sum(…)[5m:])`."),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
