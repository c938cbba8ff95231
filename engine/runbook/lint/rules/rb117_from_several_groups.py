"""RB117: several people of several groups, where one of each may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = "    approval: {required: 2, from: [sre, dba], timeout: 10m}\n"
_GOOD = "    approval: {from_each: [sre, dba], timeout: 10m}\n"
_POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}, ben: {user: ben}, cleo: {user: cleo}}
groups: {sre: [ada, ben], dba: [cleo]}
"""
_CONFIG = "apiVersion: runbook/v1\nkind: Config\npolicy: policy.yaml\n"
_PROJECT = {"policy.yaml": _POLICY, "runbook.yaml": _CONFIG}


def check(about: About) -> Iterator[Finding]:
    """Where several people of several groups are asked for, the runbook says of which."""
    groups = {group for policy in about.policies for group in policy.groups}
    for i, option in enumerate(about.runbook.resolution):
        terms = option.approval
        if terms is None or terms.from_ is None or terms.from_each or (terms.required or 1) < 2:
            continue
        named = [name for name in terms.from_ if name in groups]
        if len(named) > 1:
            message = f"{terms.required} people of {', '.join(named)}: all of them may be of one group"
            hint = f"for one of each, write 'from_each: [{', '.join(named)}]'"
            yield about.finding(("resolution", i, "approval", "from"), message, hint)


RULE = Rule(
    code="RB117",
    name="from-several-groups",
    severity=Severity.WARNING,
    title="`from` with several groups, where `from_each` may be meant",
    why=(
        "`from` is one pot: two people `from: [sre, dba]` are two of either, so two of one team may approve what the "
        "other one answers for. Whoever wrote both names down mostly wanted both teams to look."
    ),
    instead=(
        "`from_each` asks one of each group. If any two will do, keep `from` and say so with a comment; a group of its "
        "own in the policy says it better."
    ),
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _BAD, VERIFICATION) | _PROJECT,
    good=runbook(TRIAGE, "resolution:\n", RESTART, _GOOD, VERIFICATION) | _PROJECT,
    check=check,
)
