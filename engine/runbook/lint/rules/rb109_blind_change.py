"""RB109: a change before anything but the symptom was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase
from runbook.document.words import Role
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, SYMPTOM, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About


def check(about: About) -> Iterator[Finding]:
    """Triage, a probe or a question comes before the first change."""
    for site in about.every_site:
        spec = about.spec(site)
        if site.phase is Phase.TRIAGE:
            return
        if site.phase is not Phase.OPTION or spec is None or spec.role is Role.PAUSE or spec.role is Role.NOTICE:
            continue
        if about.is_change(site):
            but = " but the symptom" if about.runbook.symptoms else ""
            message = f"'{site.step.id}' changes something before anything{but} was looked at"
            hint = "add 'triage:' with what tells this cause from others, or a probe with 'expect' before it"
            yield about.finding(site.pointer, message, hint)
        return


RULE = Rule(
    code="RB109",
    name="blind-change",
    severity=Severity.WARNING,
    title="A change before anybody has looked",
    why=(
        "One symptom has many causes. A restart that is right for one of them hides another, or makes it worse: the "
        "queue that does not move because the provider is down is not helped by a new worker."
    ),
    instead=(
        "A few reads under `triage` cost seconds, run side by side and stand at the gate where people decide. `means` "
        "says what each reading speaks for, and `when` keeps an option to its cause."
    ),
    bad=runbook(SYMPTOM, "resolution:\n", RESTART, VERIFICATION),
    good=runbook(SYMPTOM, TRIAGE, "resolution:\n", RESTART, VERIFICATION),
    check=check,
)
