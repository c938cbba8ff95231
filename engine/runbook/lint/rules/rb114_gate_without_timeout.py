"""RB114: a gate of which nobody has said how long it may wait.

None waits for ever: without a word it closes after 15 minutes and pages. What is asked here is whether somebody chose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase
from runbook.lint.gates import written_timeout
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_GATE = "    approval: {required: 1, from: [sre]}\n"


def check(about: About) -> Iterator[Finding]:
    """The gate of an option with an approval has a timeout, its own or the policy's."""
    changing = {site.pointer[1] for site in about.every_site if site.phase is Phase.OPTION and about.is_change(site)}
    bare = any(config.policy is None for _, config in about.library.surroundings(about.entry.path))
    for i, option in enumerate(about.runbook.resolution):
        if option.approval is None or option.approval.timeout is not None or i not in changing:
            continue
        if bare or written_timeout(option, about.policies, about.specs) is None:
            message = f"nobody says how long the gate of '{option.id}' may wait; it closes after 15m"
            hint = "add 'timeout:', as long as the trouble may go on before somebody else is paged"
            yield about.finding(("resolution", i, "approval"), message, hint, key=True)


RULE = Rule(
    code="RB114",
    name="gate-without-timeout",
    severity=Severity.WARNING,
    title="A gate without a timeout",
    why=(
        "A gate that nobody answers closes after 15 minutes: it counts as not approved, the escalation is paged, and "
        "the next option is tried. For an outage that is long, for a change that three people in two time zones must "
        "approve it is short. A time that nobody chose is wrong in one of the two ways."
    ),
    instead=(
        "Say it in the option's `approval`, or for all runbooks under `approvals` of the policy; the shorter holds."
    ),
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _GATE, VERIFICATION),
    good=runbook(TRIAGE, "resolution:\n", RESTART, _GATE.replace("]", "], timeout: 10m"), VERIFICATION),
    check=check,
)
