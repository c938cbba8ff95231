"""RB124: a message whose words say something else than its moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.words import Moment
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_ENDS: Final = frozenset({Moment.RESOLVED, Moment.NOT_RESOLVED, Moment.FINISHED})
# what the built-in words claim, and the moments at which that cannot be so; None is `every`
_CLAIMS: Final = {
    "initial": ("investigating", _ENDS),
    "update": ("being worked on", _ENDS),
    "resolved": ("resolved and verified", frozenset({Moment.START, Moment.NOT_RESOLVED, Moment.FINISHED, None})),
    "escalated": ("not resolved", frozenset({Moment.START, Moment.RESOLVED, Moment.FINISHED})),
}
_BETTER: Final[dict[Moment | None, str]] = {
    Moment.START: "use 'initial'",
    Moment.RESOLVED: "use 'resolved'",
    Moment.NOT_RESOLVED: "use 'escalated'",
    Moment.FINISHED: "send 'resolved' at 'resolved' and 'escalated' at 'not_resolved', or write a 'text'",
    None: "use 'update'",
}
_BAD = "communication:\n  - {at: finished, to: console, template: resolved}\n"


def check(about: About) -> Iterator[Finding]:
    """The built-in templates are sent when what they say is so."""
    for i, message in enumerate(about.runbook.communication):
        claim, wrong = _CLAIMS.get(message.template or "", ("", frozenset()))
        if message.at in wrong and not about.library.template(str(message.template), about.entry.path):
            when = f"at '{message.at}'" if message.at else f"every {message.every}"
            text = f"the template '{message.template}' says \"{claim}\", and goes out {when}"
            yield about.finding(("communication", i, "template"), text, _BETTER[message.at])


RULE = Rule(
    code="RB124",
    name="untimely-message",
    severity=Severity.WARNING,
    title="A message that says something else than its moment",
    why=(
        "`finished` is every end: also the one at which nothing helped. Whoever reads *resolved and verified* in the "
        "channel goes back to bed."
    ),
    instead=(
        "Send `resolved` at `resolved` and `escalated` at `not_resolved`; for any end write a `text` that fits both."
    ),
    bad=runbook(TRIAGE, _BAD),
    good=runbook(TRIAGE, _BAD.replace("at: finished", "at: resolved")),
    check=check,
)
