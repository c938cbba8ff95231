"""RB128: something is meant for a while only, and there is nothing that could be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.document.rules.walk import Site
    from runbook.lint.rule import About

_BAD = """\
resolution:
  - id: scale_up
    temporary: 24h
    steps:
      - {id: scale, uses: manual.do, with: {text: Scale the mail workers up to 10 for today.}}
"""
_GOOD = """\
resolution:
  - id: scale_up
    temporary: 24h
    steps:
      - {id: scale, uses: kubernetes.scale, with: {deployment: mail-worker, replicas: 10}}
"""


def check(about: About) -> Iterator[Finding]:
    """What is temporary changes something, and something of it can be taken back."""
    for i, option in enumerate(about.runbook.resolution):
        if option.temporary is None:
            continue
        changes = [site for site in about.sites if site.pointer[:2] == ("resolution", i) and about.is_change(site)]
        place = ("resolution", i, "temporary")
        if not changes:
            message = f"'{option.id}' changes nothing, so nobody is reminded to take anything back"
            yield about.finding(place, message, "remove it; of what a person does, let a ticket remind", key=True)
        elif not any(_can_be_undone(about, site) for site in changes):
            message = f"nothing that '{option.id}' changes can be taken back when its time is over"
            yield about.finding(place, message, "give a change an 'undo', or remove 'temporary'", key=True)


def _can_be_undone(about: About, site: Site) -> bool:
    spec = about.spec(site)
    return spec is None or not (spec.irreversible or site.step.irreversible)


RULE = Rule(
    code="RB128",
    name="temporary-nothing",
    severity=Severity.WARNING,
    title="`temporary` where nothing can be taken back",
    why=(
        "`temporary` records a follow-up for what the option *changed*, with the command that undoes it. What a person "
        "does by hand is no change of ours, and what is irreversible has no undo: the reminder never comes, or asks "
        "for what cannot be done."
    ),
    instead="Let a kind do it whose change can be undone, or write the way back into the text of the manual step.",
    bad=runbook(TRIAGE, _BAD, VERIFICATION),
    good=runbook(TRIAGE, _GOOD, VERIFICATION),
    check=check,
)
