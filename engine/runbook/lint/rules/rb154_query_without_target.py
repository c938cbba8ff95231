"""RB154: a query that decides about one of many, and asks about all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook
from runbook.lint.contents.queries import Asked, queries
from runbook.lint.contents.values import references
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: errors-high
title: Too many errors
parameters:
  namespace: {type: string, from_alert: labels.namespace}
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: 'sum(rate(errors_total[5m]))'}
    expect: value > 5
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: errors-high
title: Too many errors
parameters:
  namespace: {type: string, from_alert: labels.namespace}
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: 'sum(rate(errors_total{namespace="{{ params.namespace }}"}[5m]))'}
    expect: value > 5
"""


# Labels that say what of a thing is counted, not which thing.
_ASPECTS: Final = re.compile(
    r"(?:.*_)?(?:status|code|le|quantile|method|mode|state|phase|condition"
    r"|reason|result|outcome|type|rcode|verb|handler)"
)


def check(about: About) -> Iterator[Finding]:
    """Symptoms and checks select the one that the run is about, where the runbook says that there are several."""
    book = about.runbook
    varies = _varies(book)
    if not varies and not book.service:
        return
    known = _known(book)
    for asked in queries(about):
        if not asked.decides or asked.query.error or not asked.query.selectors:
            continue
        if varies and not _selects(asked, known):
            message = f"the query of '{asked.name}' asks the same whatever {varies[0]} is"
            hint = f'select by it: {{{varies[0].rsplit(".", 1)[-1]}="{{{{ {varies[0]} }}}}"}}'
            yield about.finding(asked.place, message, hint)
        elif not varies and not _names(asked, str(book.service)):
            message = f"the query of '{asked.name}' does not select the service '{book.service}'"
            yield about.finding(asked.place, message, "select it by a label, such as service, job or namespace")


def _varies(book: Runbook) -> list[str]:
    """What says which one of many a run is about: labels of the alert, and a target that is made of them."""
    given = [f"params.{name}" for name, one in book.parameters.items() if (one.from_alert or "").startswith("labels.")]
    aimed = [f"target.{name}" for name, value in (book.target or {}).items() if "{{" in value]
    return aimed or given


def _known(book: Runbook) -> frozenset[str]:
    """Values by which a query can select what the runbook is about although they are written out."""
    defaults = [str(one.default) for one in book.parameters.values() if one.from_alert and not one.required]
    labels = [value for symptom in book.symptoms for value in symptom.labels.values() if "{{" not in value]
    aimed = [value for value in (book.target or {}).values() if "{{" not in value]
    return frozenset(filter(None, [book.service, *defaults, *labels, *aimed]))


def _selects(asked: Asked, known: frozenset[str]) -> bool:
    """Whether any label is selected by a value of the run, or by one that the runbook itself stands for."""
    if references(asked.text):
        return True
    values = [one.value for selector in asked.query.selectors for one in selector.matchers if one.positive]
    return any(value in known or known & {*re.split(r"[|()]", value)} for value in values)


def _names(asked: Asked, service: str) -> bool:
    """Whether it selects anything by what it is, or the metric is the service's own."""
    if references(asked.text):
        return True
    spelt = re.sub(r"[^a-z0-9]", "", service.lower())
    for selector in asked.query.selectors:
        if spelt in re.sub(r"[^a-z0-9]", "", (selector.metric or "").lower()):
            return True
        if any(one.positive and not _ASPECTS.fullmatch(one.name) for one in selector.matchers):
            return True
    return False


RULE = Rule(
    code="RB154",
    name="query-without-target",
    severity=Severity.WARNING,
    title="A query without its target",
    why=(
        "The alert is about one namespace, one host, one database; the query adds up all of them. A broken one "
        "among a hundred healthy ones is not seen, or the runbook is *not needed* while its own is down, or it "
        "verifies what somebody else has repaired."
    ),
    instead=(
        "Select by what says which one it is: a parameter from the alert, the target, the service. Said of "
        "symptoms and checks only: of every query without any template where a parameter is taken from the "
        "alert's labels (or a `target` is made of templates), unless a label has the service, a default or a "
        "label of the symptom as its value; and, with a `service` alone, of a query whose only labels are such as "
        "`status`, `method` or `le`."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
)
