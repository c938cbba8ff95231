"""RB112: an option that changes something whatever triage found, before one that looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.rules.walk import Phase
from runbook.document.words import NotHelped
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_SECOND = """\
  - id: second_provider
    when: not steps.smarthost.reachable
    steps:
      - id: switch
        uses: command.run
        with: {argv: [mailctl, route, backup], undo: {argv: [mailctl, route, main]}}
"""


def check(about: About) -> Iterator[Finding]:
    """An option without `when` comes after those that have one, or takes back what did not help."""
    options = about.runbook.resolution
    changing = {site.pointer[1] for site in about.every_site if site.phase is Phase.OPTION and about.is_change(site)}
    for i, option in enumerate(options):
        if option.when is not None or i not in changing or option.when_not_helped is NotHelped.UNDO:
            continue
        later = next((one for one in options[i + 1 :] if one.when is not None), None)
        if later is not None:
            message = f"'{option.id}' is tried whatever was found, before '{later.id}', which asks"
            hint = f"give it a 'when', or move it behind '{later.id}'"
            yield about.finding(("resolution", i), message, hint)


RULE = Rule(
    code="RB112",
    name="unconditional-option",
    severity=Severity.WARNING,
    title="An option without `when` before one that has it",
    why=(
        "Options are tried in their order. One without `when` fits every cause, so it is tried first where the later "
        "one would have been right, and what it changed stays there. Somebody approves a change at night that was "
        "known to be the wrong one."
    ),
    instead=(
        "Put the options that know their cause first and the one for all others last. One that comes first because it "
        "harms nobody may say so with `when_not_helped: undo`."
    ),
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _SECOND, VERIFICATION),
    good=runbook(TRIAGE, "resolution:\n", _SECOND, RESTART, VERIFICATION),
    check=check,
)
