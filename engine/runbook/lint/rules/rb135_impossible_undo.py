"""RB135: an option that takes back what its kind can never take back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase
from runbook.document.words import NotHelped, OnFailure
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
resolution:
  - id: restart
%s    steps:
      - {id: restart_worker, uses: kubernetes.rollout_restart, with: {deployment: mail-worker}}
"""


def check(about: About) -> Iterator[Finding]:
    """Where an option undoes, none of its changes is of a kind without an undo."""
    for site in about.sites:
        spec = about.spec(site)
        if site.phase is not Phase.OPTION or spec is None or not spec.irreversible or not about.is_change(site):
            continue
        option = about.runbook.resolution[int(site.pointer[1])]
        asked = "on_failure" if option.on_failure is OnFailure.UNDO else None
        asked = "when_not_helped" if option.when_not_helped is NotHelped.UNDO else asked
        if asked:
            message = f"'{asked}: undo' cannot take '{site.step.id}' back: {spec.name} has no undo"
            hint = f"remove '{asked}', or put the step into an option of its own"
            yield about.finding(("resolution", site.pointer[1], asked), message, hint, key=True)


RULE = Rule(
    code="RB135",
    name="impossible-undo",
    severity=Severity.WARNING,
    title="An undo that cannot be",
    why=(
        "A deleted pod and a restarted process do not come back as they were. An option that undoes and comes to such "
        "a change gives up there: what was changed before it stays, no further option is tried, and people are called."
    ),
    instead="Keep what can be taken back and what cannot in options of their own.",
    bad=runbook(TRIAGE, _BAD % "    when_not_helped: undo\n", VERIFICATION),
    good=runbook(TRIAGE, _BAD % "", VERIFICATION),
    check=check,
)
