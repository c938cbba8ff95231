"""RB103: a review that is too long ago, or has not taken place yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from runbook.document.durations import spoken
from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_SOMEWHERE_ELSE: Final = timedelta(days=1)  # where the day begins before it does here
_HINT: Final = "read it as if it were night, mend what is not true any more, then set 'reviewed' to that day"


def check(about: About) -> Iterator[Finding]:
    """The last review lies within `limits.review`, and not in the future."""
    if about.runbook.reviewed is None:
        return
    reviewed = date.fromisoformat(about.runbook.reviewed)
    if reviewed > about.today + _SOMEWHERE_ELSE:
        message = f"the review of {reviewed} has not taken place yet"
        yield about.finding(("reviewed",), message, "write the day on which somebody read it")
    elif about.today - reviewed > timedelta(seconds=about.settings.review):
        days, limit = (about.today - reviewed).days, spoken(about.settings.review)
        yield about.finding(("reviewed",), f"the last review was {days} days ago, and {limit} is the limit", _HINT)


RULE = Rule(
    code="RB103",
    name="stale-review",
    severity=Severity.WARNING,
    title="A review that is too long ago",
    why=(
        "What was true in spring is half true in autumn: a deployment has another name, a dashboard has moved, the "
        "team was split. A date in the future counts as none at all, since nobody has looked yet."
    ),
    instead=(
        "Read the runbook, play its scenarios (`runbook test`), hold it to the world (`runbook doctor`), and set the "
        "day. How long a review lasts is `lint: {limits: {review: 90d}}` of the config. Run lint once a week too, not "
        "only in pull requests: time passes without a commit."
    ),
    bad=runbook("reviewed: 2025-11-03\n", TRIAGE),
    good=runbook("reviewed: 2026-05-20\n", TRIAGE),
    check=check,
)
