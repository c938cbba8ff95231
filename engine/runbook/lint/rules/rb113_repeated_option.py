"""RB113: an option that does once more what did not help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runbook.document.findings import Finding, Severity
from runbook.document.model import Option
from runbook.lint.rule import Rule
from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_AGAIN = RESTART.replace("id: restart", "id: again").replace("again_worker", "restart_again")
_SECOND = """\
  - id: second_provider
    steps:
      - id: switch
        uses: command.run
        with: {argv: [mailctl, route, backup], undo: {argv: [mailctl, route, main]}}
"""


def check(about: About) -> Iterator[Finding]:
    """No two options do the same under the same condition."""
    options = about.runbook.resolution
    if len(options) < 2:
        return
    included = {include.place[:2] for include in about.runbook.includes}
    alike = Counter(map(_kinds, options))
    first: dict[str, Option] = {}
    for i, option in enumerate(options):
        if ("resolution", i) in included or alike[_kinds(option)] < 2:
            continue
        done = repr(_done(option))
        if done in first:
            message = f"'{option.id}' does once more, word for word, what '{first[done].id}' did"
            yield about.finding(("resolution", i), message, "remove it, or say what makes it another way to resolve")
        first.setdefault(done, option)


def _kinds(option: Option) -> tuple[str, ...]:
    return tuple(step.uses for step in option.steps)


def _done(option: Option) -> tuple[Any, ...]:
    """All that decides what is done; not what its parts are called."""
    steps = [
        (step.uses, step.inputs, step.connection, step.when, step.expect, step.until, step.for_each)
        for step in option.steps
    ]
    return option.when, option.continue_with, option.for_each, steps


RULE = Rule(
    code="RB113",
    name="repeated-option",
    severity=Severity.WARNING,
    title="An option that repeats another one",
    why=(
        "When the first time did not help, the second is likely a copy of which somebody meant to change a line. It "
        "costs a gate and a verification, minutes in which nothing new is tried."
    ),
    instead="Change what was meant to be changed, or remove it. To wait longer, give the first a longer `settle`.",
    bad=runbook(TRIAGE, "resolution:\n", RESTART, _AGAIN, VERIFICATION),
    good=runbook(TRIAGE, "resolution:\n", RESTART, _SECOND, VERIFICATION),
    check=check,
)
