"""RB147: a command that loses something for good, and is approved as a change that could be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.words import Effect
from runbook.lint.contents.commands import commands
from runbook.lint.contents.effects import loses
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: cache-corrupt
title: The cache is corrupt
resolution:
  - id: empty
    title: Empty the cache
    steps:
      - {id: remove, uses: command.run, with: {argv: [rm, -rf, /var/cache/shop]}}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: shop.internal, port: 443}}]}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: cache-corrupt
title: The cache is corrupt
resolution:
  - id: empty
    title: Empty the cache
    steps:
      - id: remove
        uses: command.run
        with: {argv: [rm, -rf, /var/cache/shop], effect: destructive}
        irreversible: The cache is gone; pages are slow until it has filled again.
verification: {checks: [{id: up, uses: tcp.connect, with: {host: shop.internal, port: 443}}]}
"""


def check(about: About) -> Iterator[Finding]:
    """What loses data says `effect: destructive`, unless the step can take it back."""
    for command in commands(about):
        if command.part or command.effect is not Effect.CHANGE or command.inputs.get("undo"):
            continue
        for call in command.calls:
            given = command.inputs.get("stdin")
            what = loses(call, given if isinstance(given, str) and call.offset is not None else None)
            if what is not None:
                message = (
                    f"{what} in '{command.site.step.id}' loses what nothing brings back, and counts as a change only"
                )
                yield about.finding(
                    command.at(call), message, "add 'effect: destructive', or an 'undo' that brings it back"
                )
                break


RULE = Rule(
    code="RB147",
    name="loss-not-destructive",
    severity=Severity.WARNING,
    title="A loss that is not called destructive",
    why=(
        "A destructive step is approved by somebody else than whoever started the run, never in `--auto`, and the "
        "gate asks for the name of what is lost. An ordinary change needs one yes, also from oneself."
    ),
    instead=(
        "`effect: destructive` on the step, with an `irreversible` that says what is lost; or an `undo`, where there "
        "is one."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
)
