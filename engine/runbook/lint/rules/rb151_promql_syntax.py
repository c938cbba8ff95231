"""RB151: PromQL that no server will answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.promql import read, unclosed, where
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
    with: {query: 'histogram_quantile(0.95, sum by (le) (rate(checkout_seconds_bucket[5m]))'}
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

_HINT: Final = (
    "try it where you ask Prometheus; a server with functions of its own: switch the rule off in runbook.yaml"
)
_NAMED: Final = re.compile(r"function (?:with name )?'(\w+)'")  # the parser names a function, and no place


def check(about: About) -> Iterator[Finding]:
    """Every query parses, with anything in the place of its templates; what it is held against, too."""
    for asked in queries(about):
        if asked.query.error:
            message = f"the query of '{asked.name}' is no PromQL: {asked.query.error}"
            yield about.finding(asked.place, message, _HINT, within=_within(asked.text, asked.query.error))
    for site in about.sites:
        present = None if site.step.signal else site.step.inputs.get("present")
        said = read(present) if isinstance(present, str) else None
        if said is not None and said.error:
            message = f"'present' of '{site.step.id}' is no PromQL: {said.error}"
            yield about.finding((*site.pointer, "with", "present"), message, _HINT)


def _within(text: str, error: str) -> tuple[int, int] | None:
    """Where in the query that is, as far as the parser's words tell."""
    if error.startswith("unclosed left"):
        return unclosed(text)
    named = _NAMED.search(error)
    return where(text, named[1]) if named else None


RULE = Rule(
    code="RB151",
    name="promql-syntax",
    severity=Severity.ERROR,
    title="PromQL that does not parse",
    why=(
        "The server refuses the query, so the step is *unknown*: a symptom that nobody can see, or a verification "
        "that never ends. It is found out in the night in which it is needed."
    ),
    instead=(
        "A query that parses. Templates stand for a text, a duration, a number or a vector, whichever fits. "
        "Queries for a server with a language of its own (MetricsQL) are not judged fairly here: switch the rule "
        "off in `runbook.yaml`."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
