"""RB149: a wait inside of a command, which nobody sees and no crash survives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.commands import commands
from runbook.lint.contents.scripts import Call
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORT: Final = 5.0  # seconds: less is a program that settles, not a wait

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
resolution:
  - id: restart
    title: Restart the consumer
    steps:
      - {id: restart_it, uses: command.run, with: {argv: [systemctl, restart, consumer]}}
      - {id: wait, uses: command.run, with: {argv: [sleep, "120"]}}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: consumer.internal, port: 8080}}]}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
resolution:
  - id: restart
    title: Restart the consumer
    steps:
      - {id: restart_it, uses: command.run, with: {argv: [systemctl, restart, consumer]}}
    settle: 2m
verification: {checks: [{id: up, uses: tcp.connect, with: {host: consumer.internal, port: 8080}}]}
"""


def check(about: About) -> Iterator[Finding]:
    """No command sleeps for longer than a breath."""
    for command in commands(about):
        for call in command.calls:
            if call.program == "sleep" and _is_long(call):
                message = f"'{command.site.step.id}' waits inside of a command: {' '.join(call.argv)}"
                hint = "to wait for something, 'until' on a probe; for a while, wait.until, or 'settle' of the option"
                yield about.finding(command.at(call), message, hint)


def _is_long(call: Call) -> bool:
    lengths = [re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", word) for word in call.argv[1:]]
    known = sum(float(length[1]) * _UNITS[length[2]] for length in lengths if length)
    return call.looped or known >= _SHORT or not all(lengths)


RULE = Rule(
    code="RB149",
    name="sleep-in-command",
    severity=Severity.WARNING,
    title="A wait inside of a command",
    why=(
        "A wait of the engine is shown with its end, can be cut short or aborted, survives a restart, and passes in "
        "no time in `runbook test`. A `sleep` is a process: it is killed with its timeout, and begins anew."
    ),
    instead=("`until` on a probe waits for something; `wait.until` and an option's `settle` wait for a while."),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
