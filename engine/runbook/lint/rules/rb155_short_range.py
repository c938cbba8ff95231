"""RB155: a rate over so short a time that it often has no two samples to be made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.queries import queries
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Checkout is broken
triage:
  - {id: requests, uses: prometheus.query, with: {query: 'sum(rate(requests_total{job="checkout"}[30s]))'}}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Checkout is broken
triage:
  - {id: requests, uses: prometheus.query, with: {query: 'sum(rate(requests_total{job="checkout"}[5m]))'}}
"""


_OVER_SAMPLES: Final = frozenset(
    {"rate", "increase", "irate", "delta", "idelta", "deriv", "changes", "resets", "predict_linear"}
)
_SCRAPE: Final = 15.0  # seconds: the shortest interval that is common; Prometheus' own default is a minute
_SAMPLES: Final = 4  # two are needed, and one may be late and one lost ("rate() and increase()", Prometheus' blog)


def check(about: About) -> Iterator[Finding]:
    """A range has room for four samples."""
    for asked in queries(about):
        for selector in asked.query.selectors:
            short = selector.range is not None and selector.range < _SCRAPE * _SAMPLES
            if short and selector.function in _OVER_SAMPLES:
                message = f"{selector.function}(…[{selector.range:g}s]) in '{asked.name}' has hardly ever two samples"
                hint = "a range of four times the scrape interval at least: [1m] with 15 s, [5m] with a minute"
                yield about.finding(asked.place, message, hint)
                break


RULE = Rule(
    code="RB155",
    name="short-range",
    severity=Severity.WARNING,
    title="A range that is too short",
    why=(
        "A rate is made of at least two samples within its range. With one of them late or lost there is no "
        "answer, and no answer is *unknown*: the query works most of the time, and not when the target is slow "
        "because it is in trouble."
    ),
    instead=(
        "Four times the interval at which the target is scraped. Below a minute it is said here, which is four "
        "times 15 seconds."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
