"""RB163: a verification that is content as soon as the symptom is not quite there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import Step, Verification
from runbook.document.rules.walk import verifications
from runbook.document.source import Pointer
from runbook.lint.contents.thresholds import Threshold, alternatives, demands
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-errors
title: The cart fails
signals:
  errors: {uses: prometheus.query, with: {query: 'sum(rate(cart_errors_total[5m]))'}}
symptoms: [{id: failing, signal: errors, expect: value > 5}]
resolution:
  - id: restart
    title: Restart it
    steps: [{id: restart_it, uses: kubernetes.rollout_restart, with: {deployment: cart, namespace: shop}}]
verification:
  checks: [{id: low, signal: errors, expect: value <= 5}]
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-errors
title: The cart fails
signals:
  errors: {uses: prometheus.query, with: {query: 'sum(rate(cart_errors_total[5m]))'}}
symptoms: [{id: failing, signal: errors, expect: value > 5}]
resolution:
  - id: restart
    title: Restart it
    steps: [{id: restart_it, uses: kubernetes.rollout_restart, with: {deployment: cart, namespace: shop}}]
verification:
  checks: [{id: low, signal: errors, expect: value < 1}]
"""


def check(about: About) -> Iterator[Finding]:
    """What began above one limit is over below a lower one, where both look at the same."""
    for place, verification in verifications(about.runbook):
        for symptom in about.runbook.symptoms:
            if symptom.probe is not None and symptom.probe.expect:
                yield from _of(about, place, verification, symptom.probe)


def _of(about: About, place: Pointer, verification: Verification, probe: Step) -> Iterator[Finding]:
    same = [(i, one) for i, one in enumerate(verification.checks) if _asks_the_same(one, probe) and one.expect]
    for limit in alternatives(str(probe.expect)):
        if limit is None or not same:
            continue
        held = [(i, _no_stricter(limit, str(one.expect))) for i, one in same]
        if all(found is not None for _, found in held):
            i = held[0][0]
            said = f"{limit.operator} {_shown(limit.limit)}"
            message = f"the check '{verification.checks[i].id}' is no stricter than the symptom '{probe.id}' ({said})"
            hint = "leave a distance between them, or it is resolved and back again in turns"
            yield about.finding((*place, "checks", i, "expect"), message, hint)


def _asks_the_same(check: Step, probe: Step) -> bool:
    if check.advisory:
        return False
    if check.signal or probe.signal:
        return check.signal == probe.signal
    return (check.uses, check.inputs, check.connection) == (probe.uses, probe.inputs, probe.connection)


def _no_stricter(symptom: Threshold, expect: str) -> Threshold | None:
    """The one demand of a check, if it holds of everything of which the symptom does not; None if it is stricter."""
    demanded = demands(expect)
    if len(demanded) != 1 or demanded[0] is None:
        return None
    check = demanded[0]
    if check.what != symptom.what or check.above is symptom.above:
        return None
    if isinstance(check.limit, str) or isinstance(symptom.limit, str):
        # `>= params.wanted` is the aim itself, of which there is nothing stricter
        return check if check.limit == symptom.limit and "=" not in check.operator else None
    if check.limit == symptom.limit:
        return check if check.limit not in (0, 1) else None  # none, all: there is nothing beyond
    return check if (check.limit > symptom.limit) is symptom.above else None


def _shown(limit: float | str) -> str:
    return f"{limit:g}" if isinstance(limit, float) else limit


RULE = Rule(
    code="RB163",
    name="verification-not-stricter",
    severity=Severity.WARNING,
    title="A verification no stricter than its symptom",
    why=(
        "It starts above 5 % and counts as resolved at 4.99 %. What hovers around the limit is then *resolved* by "
        "whatever was tried, and the alert comes back in the next minute."
    ),
    instead=(
        "A distance: above 5 % it begins, below 1 % for a minute it is over. `0` and `1`, and a limit that is "
        "aimed at (`>= params.wanted`), have nothing beyond them and are not meant."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
)
