"""RB134: a freeze that is over, where the next one should stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.formats import instant
from runbook.document.model import Policy
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}}
freeze:
  - {starts: 2025-12-24T00:00:00Z, ends: 2025-12-27T00:00:00Z, reason: Holidays}
"""


def check(about: About) -> Iterator[Finding]:
    """Every freeze is still to end."""
    assert isinstance(about.document, Policy)  # noqa: S101 - `Rule.of` says so
    for i, freeze in enumerate(about.document.freeze):
        ends = instant(freeze.ends)
        if ends is not None and ends.date() < about.today:
            message = f"the freeze '{freeze.reason}' is over since {ends.date()}"
            yield about.finding(("freeze", i), message, "write the next one in its place, or remove it")


RULE = Rule(
    code="RB134",
    name="past-freeze",
    severity=Severity.WARNING,
    title="A freeze that is over",
    why=(
        "Last year's holidays still stand in the policy, so it looks as if holidays were covered. On the 24th of "
        "December nothing is frozen."
    ),
    instead="Write the dates of the next one when this one has passed.",
    bad={"policy.yaml": _BAD},
    good={"policy.yaml": _BAD.replace("2025", "2026")},
    check=check,
    of=(Policy,),
)
