"""RB162: a check that passes while the trouble is still there, in every scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.core.changes import Observation
from runbook.core.verdicts import judge
from runbook.core.words import Verdict
from runbook.document.findings import Finding, Severity
from runbook.document.model import Runbook, ScenarioCase, Step
from runbook.document.parameters import values_from_alert
from runbook.document.rules.walk import verifications
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: cart-stuck
scenarios:
  - name: a restart helps
    given:
      silent: {{reachable: false}}
      {check}
    approvals: {{restart: {{granted_by: [ada]}}}}
    expect: {{outcome: resolved}}
"""
_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-stuck
title: The cart answers nobody
symptoms:
  - {id: silent, uses: tcp.connect, with: {host: cart.internal, port: 8080}, expect: not reachable}
resolution:
  - id: restart
    title: Restart it
    steps: [{id: restart_it, uses: kubernetes.rollout_restart, with: {deployment: cart, namespace: shop}}]
verification:
  checks:
    - {id: pods, uses: kubernetes.get, with: {kind: Deployment, name: cart, namespace: shop}, expect: exists}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-stuck
title: The cart answers nobody
symptoms:
  - {id: silent, uses: tcp.connect, with: {host: cart.internal, port: 8080}, expect: not reachable}
resolution:
  - id: restart
    title: Restart it
    steps: [{id: restart_it, uses: kubernetes.rollout_restart, with: {deployment: cart, namespace: shop}}]
verification:
  checks:
    - {id: answers, uses: tcp.connect, with: {host: cart.internal, port: 8080}}
"""


_WELL: Final = ("not_needed", "undetermined", "planned")  # outcomes of scenarios in which nothing is known to be bad
_MOMENTS: Final = frozenset({"at", "after"})
_ABOUT: Final = frozenset({"verdict", "error"})


def check(about: About) -> Iterator[Finding]:
    """For each check there is a scenario that begins with it failing. Runbooks without scenarios are not asked.

    The one rule that evaluates: what scenarios give is judged by the engine's own verdict, or it would be another one.
    """
    cases = [case for one in about.scenarios for case in one.scenarios if case.expect.outcome not in _WELL]
    for place, verification in verifications(about.runbook) if cases else ():
        for i, step in enumerate(verification.checks):
            seen = [] if step.advisory else [v for case in cases for v in _at_first(about, step, case)]
            if seen and all(verdict is Verdict.PASS for verdict in seen):
                often = "the scenario" if len(seen) == 1 else f"each of {len(seen)} scenarios"
                message = f"the check '{step.id}' passes in {often} before anything is done: it proves nothing there"
                hint = "give it in a scenario as it is while the trouble lasts, then `after:` the change"
                yield about.finding((*place, "checks", i), message, hint)


def _at_first(about: About, step: Step, case: ScenarioCase) -> Iterator[Verdict | None]:
    """What the check says at the beginning of a scenario that gives it an answer, by each name that it has there."""
    for name, given in case.given.items():
        if name != step.id and not name.endswith(f"verification/{step.id}"):
            continue
        entries = [one for one in (given if isinstance(given, list) else [given]) if not _MOMENTS & one.keys()]
        if entries:
            yield _verdict(about, step, case, entries[-1])


def _verdict(about: About, step: Step, case: ScenarioCase, entry: Mapping[str, Any]) -> Verdict | None:
    spec = about.specs.get(step.uses)
    if spec is None or "error" in entry:
        return Verdict.UNKNOWN
    if "verdict" in entry:
        return Verdict(entry["verdict"])
    if not step.outputs.keys() <= entry.keys():
        return None  # it would have to be read out of a text first
    output = dict.fromkeys(spec.output_names) | {name: value for name, value in entry.items() if name not in _ABOUT}
    scope = {"params": _parameters(about.runbook, case), "alert": case.alert or {}}
    return judge(step.expect or spec.expect, step.series, Observation(output=output), scope)[0]


def _parameters(book: Runbook, case: ScenarioCase) -> dict[str, Any]:
    defaults = {name: one.default for name, one in book.parameters.items() if not one.required}
    return {**defaults, **(values_from_alert(book.parameters, case.alert) if case.alert else {}), **case.parameters}


RULE = Rule(
    code="RB162",
    name="check-passes-already",
    severity=Severity.WARNING,
    title="A check that passes already",
    why=(
        "A verification is believed because it fails as long as the trouble lasts. A check that passes from the "
        "beginning passes whatever is done: the run is *resolved* by the first option, helpful or not."
    ),
    instead=(
        "Let each check fail at the beginning of one scenario at least, and pass `after` the change that mends "
        "it. If that cannot be written, the check measures something else: replace it, or mark it `advisory: "
        "true`."
    ),
    bad={
        "runbooks/example.yaml": _BAD,
        "runbooks/example.scenarios.yaml": _SCENARIOS.format(check="pods: {exists: true}"),
    },
    good={
        "runbooks/example.yaml": _GOOD,
        "runbooks/example.scenarios.yaml": _SCENARIOS.format(
            check="answers: [{reachable: false}, {after: restart_it, reachable: true}]"
        ),
    },
    check=check,
    compares=True,
)
