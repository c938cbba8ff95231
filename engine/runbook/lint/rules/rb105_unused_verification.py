"""RB105: a verification that is never looked at, because nothing leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_OWN = """\
    verification:
      checks:
        - {id: active, uses: command.run, with: {argv: [systemctl, is-active, mail-worker], effect: read}}
"""


def check(about: About) -> Iterator[Finding]:
    """Some option is verified by the runbook's verification."""
    book = about.runbook
    if book.verification is None or any(not (one.verification or one.continue_with) for one in book.resolution):
        return
    if not book.resolution:
        message, hint = "nothing is ever verified: the runbook has no option", "add 'resolution:', or remove it"
    else:
        message = "no option is verified by this: each has its own, or goes on with another runbook"
        hint = "remove it, or the 'verification' of an option that should be held to it"
    yield about.finding(("verification",), message, hint, key=True)


RULE = Rule(
    code="RB105",
    name="unused-verification",
    severity=Severity.WARNING,
    title="A verification that nothing leads to",
    why=(
        "The verification of an option stands in the place of the runbook's, it does not come on top. Where every "
        "option has its own, the strict checks at the end of the file look like a promise and are never asked. Options "
        "without any verification are an error already ([RB042](../errors.md#rb042))."
    ),
    instead=(
        "Keep the checks where they are asked: in the runbook for all options, in an option for what only it needs."
    ),
    bad=runbook("resolution:\n", RESTART, _OWN, VERIFICATION),
    good=runbook("resolution:\n", RESTART, VERIFICATION),
    check=check,
)
