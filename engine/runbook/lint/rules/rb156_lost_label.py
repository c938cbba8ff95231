"""RB156: a label that is used of an answer whose query adds it up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.expressions import ExpressionError, parse
from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.queries import Asked, queries
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: pod-leaks
title: A pod takes more and more memory
triage:
  - id: largest
    uses: prometheus.query
    with: {query: 'max(container_memory_working_set_bytes{namespace="shop"})'}
  - id: log
    uses: kubernetes.logs
    with: {namespace: shop, pod: "{{ steps.largest.labels.pod }}"}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: pod-leaks
title: A pod takes more and more memory
triage:
  - id: largest
    uses: prometheus.query
    with: {query: 'topk(1, max by (pod) (container_memory_working_set_bytes{namespace="shop"}))'}
  - id: log
    uses: kubernetes.logs
    with: {namespace: shop, pod: "{{ steps.largest.labels.pod }}"}
"""


_ELSEWHERE: Final = re.compile(rb"steps\.([a-z][a-z0-9_]*)\.labels\.([A-Za-z_]\w*)")


def check(about: About) -> Iterator[Finding]:
    """The labels that expressions use are left in the query's answer."""
    named = _named(about.entry.data)
    for asked in queries(about):
        kept = asked.query.labels
        if kept is None or asked.query.error:
            continue
        used = {label for _, step in asked.users for label in (*named.get(step.id, ()), *_judged(asked))}
        for label in sorted(used - kept):
            left = f"only {', '.join(sorted(kept))}" if kept else "no label"
            message = f"the answer of '{asked.name}' has {left}, and 'labels.{label}' is used of it"
            yield about.finding(asked.place, message, f"keep it: `sum by ({', '.join(sorted({*kept, label}))}) (…)`")


def _named(data: bytes) -> dict[str, set[str]]:
    """Labels by the step of whose answer they are used, wherever in the document."""
    found: dict[str, set[str]] = {}
    for step, label in _ELSEWHERE.findall(data) if b".labels." in data else ():
        found.setdefault(step.decode(), set()).add(label.decode())
    return found


def _judged(asked: Asked) -> Iterator[str]:
    """Labels that the steps' own expectations use."""
    for _, step in asked.users:
        if step.expect and "labels" in step.expect:
            try:
                yield from (path[1] for path in parse(step.expect).references if path[0] == "labels" and path[1:])
            except ExpressionError:
                continue


RULE = Rule(
    code="RB156",
    name="lost-label",
    severity=Severity.WARNING,
    title="A label that the query adds up",
    why=(
        "`sum(…)` without `by` gives one series without labels. What is read from `labels` of it is nothing, so "
        "the expression is *unknown*, and the step that needs it cannot run."
    ),
    instead=("Name the labels that are needed: `sum by (pod) (…)`."),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
