"""RB146: a command that claims only to read, and changes something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.document.words import Effect
from runbook.lint.contents.commands import Command, commands
from runbook.lint.contents.effects import changes
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_TIDYING: Final = frozenset({"rm", "rmdir", "mv", "unlink", "chmod", "kill"})  # of a script, after itself

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: consumer
    uses: command.run
    with: {argv: [sudo, systemctl, restart, consumer], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - id: consumer
    uses: command.run
    with: {argv: [systemctl, is-active, consumer], effect: read}
"""


def check(about: About) -> Iterator[Finding]:
    """What is observed changes nothing: steps with `effect: read`, `confirm` and `preview`."""
    for command in commands(about):
        if command.effect is not Effect.READ:
            continue
        for call in command.calls:
            what = None if _tidies(call) else changes(call, _stdin(command, call))
            if what is not None:
                whose = f"'{command.part}' of '{command.site.step.id}'" if command.part else f"'{command.site.step.id}'"
                hint = "say what it does: remove 'effect: read', and let it stand in an option behind a gate"
                if command.part:
                    hint = "ask only; what changes something belongs into the step itself"
                yield about.finding(
                    command.at(call), f"{whose} only reads, it says, but {what} changes something", hint
                )
                break


def _tidies(call: Call) -> bool:
    return call.offset is None and call.program in _TIDYING


def _stdin(command: Command, call: Call) -> str | None:
    given = command.inputs.get("stdin")
    return given if isinstance(given, str) and call.offset is not None else None


RULE = Rule(
    code="RB146",
    name="change-called-read",
    severity=Severity.WARNING,
    title="A change that is called a read",
    why=(
        "Reads pass no gate. They are run while the runbook is planned, by `doctor`, in every round of a "
        "verification, and again when a run is resumed. A change among them is made unseen, and many times."
    ),
    instead=(
        "Leave `effect: read` out and move the step into an option. If the command really only reads, say so in a "
        "comment with a reason."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
