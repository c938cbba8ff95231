"""RB171: a link that only opens on the machine of whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Link, Runbook, Steps
from runbook.document.source import Pointer
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
links:
  - {title: Dashboard, url: "http://localhost:3000/d/queues"}
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
links:
  - {title: Dashboard, url: "https://grafana.acme-web.io/d/queues"}
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""


_LOCAL: Final = re.compile(
    r"file:|[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])(?=[:/?#]|$)", re.I
)


def check(about: About) -> Iterator[Finding]:
    """Every link opens for everybody."""
    for place, link in _links(about):
        if _LOCAL.match(link.url):
            message = f"the link '{link.title}' opens on one machine only"
            yield about.finding((*place, "url"), message, "link to where everybody finds it")


def _links(about: About) -> Iterator[tuple[Pointer, Link]]:
    if isinstance(about.document, Runbook):
        yield from ((("links", i), link) for i, link in enumerate(about.document.links))
        for i, option in enumerate(about.document.resolution):
            yield from ((("resolution", i, "links", j), link) for j, link in enumerate(option.links))
    for site in about.sites:
        yield from (((*site.pointer, "links", j), link) for j, link in enumerate(site.step.links))


RULE = Rule(
    code="RB171",
    name="link-for-one",
    severity=Severity.WARNING,
    title="A link that opens for one",
    why=(
        "`http://localhost:3000/d/api` is the port-forward of whoever wrote it. At night it is a dead page, and "
        "the dashboard has to be looked for."
    ),
    instead=("The address under which everybody finds it."),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
