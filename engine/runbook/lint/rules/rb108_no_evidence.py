"""RB108: a change that destroys what would explain the trouble, and nothing is kept before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase, Site
from runbook.document.words import Effect
from runbook.lint.rule import Rule
from runbook.lint.samples import VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_RESTARTS: Final = frozenset({"kubernetes.rollout_restart"})  # no effect says so, but every pod and its memory is gone

_BAD = """\
resolution:
  - id: empty_spool
    steps:
      - id: delete_spool
        uses: command.run
        with: {argv: [rm, -rf, /var/spool/mail/stuck], effect: destructive}
        irreversible: The mails are lost.
"""
_PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: mail-host
items:
  - {id: spool, uses: command.run, with: {argv: [ls, -lR, /var/spool/mail/stuck], effect: read}}
"""


def check(about: About) -> Iterator[Finding]:
    """Before something is destroyed, evidence is collected."""
    if about.runbook.evidence is not None:
        return
    for site in about.sites:
        if site.phase is Phase.OPTION and about.is_change(site) and _destroys(about, site):
            message = f"'{site.step.id}' destroys what could explain the trouble, and no evidence is kept before"
            hint = "add 'evidence:' with a plan of what to keep; it is collected while people decide"
            yield about.finding(site.pointer, message, hint)
            return


def _destroys(about: About, site: Site) -> bool:
    inputs = site.step.inputs
    to_zero = site.step.uses == "kubernetes.scale" and inputs.get("replicas") == 0
    said = about.effect(site) is Effect.DESTRUCTIVE or inputs.get("destructive") is True
    return said or to_zero or site.step.uses in _RESTARTS


RULE = Rule(
    code="RB108",
    name="no-evidence",
    severity=Severity.WARNING,
    title="A change before evidence is kept",
    why=(
        "The pod that is deleted takes its logs along, the restarted process its memory, the emptied folder its files. "
        "The trouble is over, and next week it comes back, because nobody can find out why."
    ),
    instead=(
        "Name an [EvidencePlan](../runbook-format.md#evidenceplan). It is collected while people decide at the gate, "
        "and the first change waits for it."
    ),
    bad=runbook(_BAD, VERIFICATION),
    good=runbook("evidence: mail-host\n", _BAD, VERIFICATION) | {"runbooks/mail-host.yaml": _PLAN},
    check=check,
)
