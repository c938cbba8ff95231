"""RB158: a quantile of sums that have lost their buckets."""

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
  - id: latency
    uses: prometheus.query
    with: {query: 'histogram_quantile(0.95, sum(rate(checkout_seconds_bucket[5m])))'}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-slow
title: Checkout is slow
triage:
  - id: latency
    uses: prometheus.query
    with: {query: 'histogram_quantile(0.95, sum by (le) (rate(checkout_seconds_bucket[5m])))'}
"""


def check(about: About) -> Iterator[Finding]:
    """The label `le` is left in what a quantile is made of."""
    for asked in queries(about):
        if asked.query.bucketless:
            message = f"histogram_quantile in '{asked.name}' gets sums without their buckets"
            yield about.finding(asked.place, message, "keep the label le: `sum by (le) (rate(…_bucket[5m]))`")


RULE = Rule(
    code="RB158",
    name="histogram-without-buckets",
    severity=Severity.WARNING,
    title="A quantile without buckets",
    why=(
        "`histogram_quantile` reads the label `le` of each bucket. `sum(…)` without it leaves one number, of "
        "which there is no quantile: the answer is always empty, so always *unknown*."
    ),
    instead=(
        "`histogram_quantile(0.95, sum by (le) (rate(…_bucket[5m])))`. Native histograms, whose names do not end "
        "in `_bucket`, are not meant."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
