"""RB157: a counter that is held to a limit as it stands: it only ever grows."""

from __future__ import annotations

import re
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
name: mail-fails
title: Mail is not delivered
symptoms:
  - id: bounced
    uses: prometheus.query
    with: {query: 'sum(mail_bounced_total{job="mail"})'}
    expect: value > 100
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: mail-fails
title: Mail is not delivered
symptoms:
  - id: bounced
    uses: prometheus.query
    with: {query: 'sum(increase(mail_bounced_total{job="mail"}[10m]))'}
    expect: value > 100
"""


# Names that are counters wherever they are seen. `_total` alone is not enough: many gauges are called so.
_COUNTS: Final = re.compile(
    r"(?:requests|errors|failures|exceptions|retries|restarts|timeouts"
    r"|failed|rejected|dropped|received|sent|bounced)_total$"
)


def check(about: About) -> Iterator[Finding]:
    """What counts requests, errors and the like is judged by how fast it grows."""
    for asked in queries(about):
        if not asked.judged:
            continue
        changing = {selector.metric for selector in asked.query.selectors if not selector.raw}
        for selector in asked.query.selectors:
            metric = selector.metric or ""
            if selector.raw and _COUNTS.search(metric) and metric not in changing:
                message = f"{metric} in '{asked.name}' is a counter, and is judged as it stands"
                hint = f"ask how fast it grows: `rate({metric}[5m])`, or `increase({metric}[1h])`"
                yield about.finding(asked.place, message, hint)
                break


RULE = Rule(
    code="RB157",
    name="counter-without-rate",
    severity=Severity.WARNING,
    title="A counter without a rate",
    why=(
        "A counter grows as long as its process lives and begins anew with it. Held to a limit, it is over it for "
        "ever once it was, and a restart looks like a cure."
    ),
    instead=(
        "`rate(…[5m])` for how fast, `increase(…[1h])` for how many. Said of metrics that count "
        "requests, errors, failures and the like (`requests_total`): not all that is called `_total` is a counter. "
        "`changes`, `resets`, `count` and differences with an `offset` are not meant."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
