"""RB120: an expectation that does not look at what was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.expressions import ExpressionError, parse
from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook, Steps
from runbook.document.rules.walk import Phase
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
verification:
  checks:
    - {id: answers, uses: tcp.connect, with: {host: mail.example.com, port: 25}, expect: steps.smarthost.reachable}
"""


def check(about: About) -> Iterator[Finding]:
    """Every `expect` names an output of its step."""
    for site in about.sites:
        spec, expect = about.spec(site), site.step.expect
        if spec is None or expect is None or site.phase in (Phase.SIGNAL, Phase.ITEM):
            continue
        own = spec.output_names | site.step.outputs.keys()
        if not own or spec.outputs.get("additionalProperties"):
            continue
        try:
            named = {path[0] for path in parse(expect).references}
        except ExpressionError:
            continue
        if named and not named & own:
            message = f"'expect' of '{site.step.id}' looks at nothing that the step reads"
            hint = f"name one of its outputs: {', '.join(sorted(own)[:6])}"
            yield about.finding((*site.pointer, "expect"), message, hint)


RULE = Rule(
    code="RB120",
    name="blind-expectation",
    severity=Severity.WARNING,
    title="An expectation that does not look at what was read",
    why=(
        "The step reads one thing and is judged by another, mostly because a line was copied from a `when`. A check of "
        "this kind says *resolved* by what was true before anything was changed."
    ),
    instead="In `expect` the step's own outputs are bare names: `reachable`, `value < 0.01`, `exit_code == 0`.",
    bad=runbook(TRIAGE, "resolution:\n  - id: o\n    steps: [{id: s, uses: manual.do, with: {text: Do it.}}]\n", _BAD),
    good=runbook(
        TRIAGE,
        "resolution:\n  - id: o\n    steps: [{id: s, uses: manual.do, with: {text: Do it.}}]\n",
        _BAD.replace("steps.smarthost.reachable", "reachable"),
    ),
    check=check,
    of=(Runbook, Steps),
)
