"""RB153: a share of errors that ceases to exist when there are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Edit, Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.promql_trees import Matcher, Selector
from runbook.lint.contents.queries import Asked, queries
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
    with: {query: 'sum(rate(requests_total{code=~"5.."}[5m])) / sum(rate(requests_total[5m]))'}
    expect: value > 0.05
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: checkout-broken
title: Checkout is broken
symptoms:
  - id: errors
    uses: prometheus.query
    with: {query: '(sum(rate(requests_total{code=~"5.."}[5m])) or vector(0)) / sum(rate(requests_total[5m]))'}
    expect: value > 0.05
"""


_LABEL: Final = re.compile(
    r"(?:.*_)?(?:status|code|error|exception|rcode|result|outcome)(?:_.*)?|le_?vel", re.IGNORECASE
)
_ERROR: Final = re.compile(
    r"err|fail|5\.|5xx|\b50\d|unavail|unknown|timeout|exceeded|exhausted|refused|denied|reject|drop|exception|abort",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"[\^(?:\[]*[45]")  # 4.., [45].., (4|5)..
_WELL: Final = re.compile(r"[\^(?:\[]*[123]|ok\b|success|no.?err|none$|$", re.IGNORECASE)


_SUM: Final = r"sum\s*\(\s*{function}\s*\(\s*{metric}\s*{labels}\[{range}\]\s*\)\s*\)"
_PLAIN: Final = re.compile(
    r"\s*("
    + _SUM.format(function="(rate|increase)", metric=r"([\w:]+)", labels=r"\{([^{}]+)\}\s*", range=r"(\w+)")
    + r")\s*/\s*"
    + _SUM.format(function=r"\2", metric=r"\3", labels=r"(?:\{[^{}]*\}\s*)?", range=r"\5")
    + r"\s*(?:\*\s*100\s*)?"
)


def check(about: About) -> Iterator[Finding]:
    """Errors divided by everything have a zero for the hours without errors."""
    for asked in queries(about):
        part = next((part for part in asked.query.parts if _of_errors(part)), None) if asked.judged else None
        if part is not None:
            matchers = ", ".join(f'{one.name}{one.operator}"{one.value}"' for one in part.matchers)
            message = f"the share of {{{matchers}}} in '{asked.name}' has no series while there are no errors"
            hint = "write `(errors or vector(0)) / all`: no error is zero then, and a lost metric still no data"
            yield about.finding(asked.place, message, hint, fix=_with_zero(about, asked, part))


def _with_zero(about: About, asked: Asked, part: Selector) -> list[Edit | None]:
    """A zero for the errors, where both sums are one number of the same series: if these go, there is still no data."""
    found = _PLAIN.fullmatch(asked.text)
    if found is None or "{{" in asked.text or not all(map(_selects_errors, part.matchers)):
        return []
    start, end = found.span(1)
    begin = about.replacing_within(asked.place, start, start + 1, "(s")
    return [begin, about.replacing_within(asked.place, end - 1, end, ") or vector(0))")] if begin else []


def _of_errors(part: Selector) -> bool:
    return any(_selects_errors(matcher) for matcher in part.matchers)


def _selects_errors(matcher: Matcher) -> bool:
    labelled = _LABEL.fullmatch(matcher.name) is not None
    if matcher.positive:
        spoken = _ERROR.search(matcher.value) is not None and not matcher.value.startswith("/")
        return spoken or (labelled and _CODE.match(matcher.value) is not None)
    return labelled and _WELL.match(matcher.value) is not None


RULE = Rule(
    code="RB153",
    name="ratio-without-zero",
    severity=Severity.WARNING,
    title="An error ratio without its zero",
    why=(
        'A counter with the label `status="500"` does not exist until the first such error, and is gone again '
        "after a restart. Errors divided by all requests is then not 0 but nothing: *unknown*, and the "
        "verification that should say that all is well never passes."
    ),
    instead=(
        "`(sum(rate(errors[5m])) or vector(0)) / sum(rate(all[5m]))`. The zero stands on top only: when all "
        "requests are gone, there is still no data."
    ),
    mends=(
        "It adds the zero where errors and all are plain sums of one metric, `sum(rate(m{…}[5m])) / sum(rate(m[5m]))`, "
        "which differ only in what is an error: the metric cannot be lost on top only."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
