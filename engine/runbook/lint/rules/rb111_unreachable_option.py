"""RB111: an option that no run ever comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import HandOver
from runbook.document.templates import references_of
from runbook.lint.conditions import always, conditions
from runbook.lint.rule import Rule
from runbook.lint.samples import HEAD, RESTART, TRIAGE, VERIFICATION, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_OTHER = HEAD.replace("queue-stuck", "provider-down") + TRIAGE
_OVER = "  - {id: provider, continue_with: {runbook: provider-down}}\n"
_WHEN = "  - {id: provider, when: not steps.smarthost.reachable, continue_with: {runbook: provider-down}}\n"


def check(about: About) -> Iterator[Finding]:
    """No option is never true, and none comes after one with which every run goes elsewhere."""
    never: set[int] = set()
    ever: set[int] = set()
    for one in conditions(about):
        if one.option is not None and (said := always(one.tree)) is not None:
            (ever if said else never).add(one.option)
    options = about.runbook.resolution
    for i in sorted(never):
        message = f"'{options[i].id}' is never tried: its 'when' cannot be true"
        yield about.finding(("resolution", i, "when"), message, "correct the condition, or remove the option")
    for i, option in enumerate(options[:-1]):
        over, taken = option.continue_with, option.when is None or i in ever
        if over is not None and taken and _is_certain(over):
            message = f"nothing is tried after '{option.id}': every run goes on with '{over.runbook}' there"
            hint = f"give it a 'when', or move it behind '{options[-1].id}'"
            yield about.finding(("resolution", i + 1), message, hint)
            return


def _is_certain(over: HandOver) -> bool:
    """Whether what the other runbook is given is known in every run: where it is not, the next option is tried."""
    return all(path[0] == "params" for path in references_of(over.parameters))


RULE = Rule(
    code="RB111",
    name="unreachable-option",
    severity=Severity.WARNING,
    title="An option that is never reached",
    why=(
        "It was written, reviewed and counted on, and no run ever tries it: its condition contradicts itself, or an "
        "option before it goes on with another runbook whatever was found, which ends the run."
    ),
    instead="Correct the condition; keep a hand-over to its cause with `when`, or let it be the last option.",
    bad=runbook(TRIAGE, "resolution:\n", _OVER, RESTART, VERIFICATION) | {"runbooks/provider-down.yaml": _OTHER},
    good=runbook(TRIAGE, "resolution:\n", _WHEN, RESTART, VERIFICATION) | {"runbooks/provider-down.yaml": _OTHER},
    check=check,
)
