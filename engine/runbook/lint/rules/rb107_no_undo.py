"""RB107: a change that nobody can take back, and nobody says why.

Kinds that know the state before plan their own undo, and say by themselves what cannot be undone; only a kind that
takes an `undo` from its author can lack one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import Option
from runbook.document.rules.walk import Phase
from runbook.document.words import NotHelped, OnFailure
from runbook.lint.rule import Rule
from runbook.lint.samples import VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
resolution:
  - id: second_provider
    steps:
      - id: switch
        uses: command.run
        with: {argv: [mailctl, route, backup]}
"""
_GOOD = """\
resolution:
  - id: second_provider
    steps:
      - id: switch
        uses: command.run
        with:
          argv: [mailctl, route, backup]
          undo: {argv: [mailctl, route, main]}
  - id: flush
    steps:
      - id: flush_queue
        uses: command.run
        with: {argv: [mailctl, flush]}
        irreversible: What was sent cannot be called back.
"""


def check(about: About) -> Iterator[Finding]:
    """Every change that takes an undo has one, or says why not."""
    for site in about.sites:
        spec = about.spec(site)
        if site.phase is not Phase.OPTION or spec is None or not about.is_change(site):
            continue
        if "undo" in site.step.inputs or site.step.irreversible or "undo" not in spec.inputs.get("properties", {}):
            continue
        asked = _asked(about.runbook.resolution[int(site.pointer[1])])
        but = f", but '{asked}: undo' wants to" if asked else ""
        message = f"nothing takes '{site.step.id}' back{but}"
        yield about.finding(site.pointer, message, "add 'undo:' under 'with:', or 'irreversible:' with the reason")


def _asked(option: Option) -> str | None:
    if option.on_failure is OnFailure.UNDO:
        return "on_failure"
    return "when_not_helped" if option.when_not_helped is NotHelped.UNDO else None


RULE = Rule(
    code="RB107",
    name="no-undo",
    severity=Severity.WARNING,
    title="A change without an undo",
    why=(
        "A command or a request says nothing about how it is taken back. When it made things worse, somebody invents "
        "the way back at three in the morning; `runbook undo` and `when_not_helped: undo` have nothing to do. Kinds "
        "that know the state before (`kubernetes.scale`, `kubernetes.set_env`, …) bring their own undo."
    ),
    instead=(
        "Write the `undo` beside the command: it is shown at the gate and approved with the change. Where there is "
        "none, say so with `irreversible:` and what is lost: whoever approves reads it."
    ),
    bad=runbook(_BAD, VERIFICATION),
    good=runbook(_GOOD, VERIFICATION),
    check=check,
)
