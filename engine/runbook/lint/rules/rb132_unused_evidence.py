"""RB132: evidence that is never collected, because nothing is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_PLAN = """\
apiVersion: runbook/v1
kind: EvidencePlan
name: mail-host
items:
  - {id: spool, uses: command.run, with: {argv: [ls, -lR, /var/spool/mail], effect: read}}
"""
_BY_HAND = """\
resolution:
  - id: restart
    steps:
      - {id: restart_worker, uses: manual.do, with: {text: Restart the worker.}}
"""
_FILES = {"runbooks/mail-host.yaml": _PLAN}


def check(about: About) -> Iterator[Finding]:
    """A runbook with an evidence plan has a gate at which it is collected."""
    if about.runbook.evidence is not None and not any(map(about.is_change, about.sites)):
        message = "this is never collected: it begins at the first gate, and nothing here passes one"
        yield about.finding(("evidence",), message, "put the reads into 'triage', or remove it", key=True)


RULE = Rule(
    code="RB132",
    name="unused-evidence",
    severity=Severity.WARNING,
    title="Evidence that is never collected",
    why=(
        "Evidence is collected while people decide about the first change. Where every step is done by hand there is "
        "no gate, and nothing is kept, though the runbook looks as if it were."
    ),
    instead="Read in `triage` what should be kept (it stands in the record), or let a kind make the change.",
    bad=runbook("evidence: mail-host\n", TRIAGE, _BY_HAND, VERIFICATION) | _FILES,
    good=runbook("evidence: mail-host\n", TRIAGE, "resolution:\n", RESTART, VERIFICATION) | _FILES,
    check=check,
)
