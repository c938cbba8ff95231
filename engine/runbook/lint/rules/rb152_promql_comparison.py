"""RB152: a comparison within a query, whose empty answer means both that all is well and that nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.promql import where
from runbook.lint.contents.promql_trees import Filter
from runbook.lint.contents.queries import queries
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Checkout is broken
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: 'sum(rate(checkout_errors_total[5m])) > 5'}
    expect: value > 0
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Checkout is broken
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: 'sum(rate(checkout_errors_total[5m]))'}
    expect: value > 5
"""


def check(about: About) -> Iterator[Finding]:
    """What is judged by `expect` is a value, not whether a comparison within the query left something over."""
    for asked in queries(about):
        if asked.judged and asked.query.filters:
            first = asked.query.filters[0]
            limit = f" {first.number:g}" if first.number is not None else " …"
            message = f"the query of '{asked.name}' compares (`{first.operator}{limit}`): an empty answer is 'unknown'"
            within = where(asked.text, f"{first.operator} ") if len(asked.query.filters) == 1 else None
            yield about.finding(asked.place, message, _hint(first, asked.query.filters), within=within)


def _hint(first: Filter, every: tuple[Filter, ...]) -> str:
    if len(every) == 1 and first.number is not None and len(first.left) <= 60 and "\n" not in first.left:
        return f"ask for `{first.left}` and compare in 'expect'; to count how many are so, write `… or vector(0)`"
    return "ask for the left side and compare in 'expect'; to count how many are so, write `… or vector(0)`"


RULE = Rule(
    code="RB152",
    name="promql-comparison",
    severity=Severity.WARNING,
    title="A comparison within the query",
    why=(
        "In PromQL a comparison takes series away. `errors > 5` gives no series when there are fewer, and none as "
        "well when the metric is gone, the target is renamed or Prometheus has lost it. The engine cannot tell "
        "these apart, and says *unknown*: a symptom never goes away, a verification never passes."
    ),
    instead=(
        "Query the left side and compare in `expect`. Where a count of those that are over a limit is meant, give "
        "it its zero: `count(up == 0) or vector(0)`, or `empty_means: 0` with `present`. A comparison with "
        "`bool`, within `absent()`, on the right of `and`, or in a divisor is not meant."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
