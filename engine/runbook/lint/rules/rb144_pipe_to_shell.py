"""RB144: something from the network that is run unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.document.source import Pointer
from runbook.lint.contents.commands import Command, commands
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_PIPED: Final = re.compile(
    r"\b(?:curl|wget)\b[^|\n;&]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/(?:usr/)?bin/)?(?:ba|z|da|k)?sh\b"
    r"|\b(?:kubectl|oc)\b[^|\n;&]*\b(?:apply|create|replace)\b[^|\n;&]*\s(?:-f|--filename)[= ]?https?:"
    r"|\b(?:(?:ba|z|da|k)?sh|source|eval|\.)\s+(?:-c\s+)?[\"']?(?:<\(|\$\()\s*(?:curl|wget)\b"
)

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: agent-gone
title: The agent does not report
resolution:
  - id: install
    title: Install it again
    steps:
      - id: fetch
        uses: shell.run
        with: {script: "curl -fsSL https://get.internal/agent | sudo sh"}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: agent.internal, port: 4317}}]}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: agent-gone
title: The agent does not report
resolution:
  - id: install
    title: Install it again
    steps:
      - id: fetch
        uses: command.run
        with: {argv: [./scripts/install-agent.sh]}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: agent.internal, port: 4317}}]}
"""


def check(about: About) -> Iterator[Finding]:
    """Nothing is fetched into a shell: not by a command, a script, nor by a person who is told to."""
    hint = "fetch it into the repository, review it there, and run that"
    for command in commands(about):
        place = _place(command)
        if place is not None:
            yield about.finding(place, f"'{command.site.step.id}' runs what it has just fetched", hint)
    for site in about.sites:
        told = site.step.inputs.get("text")
        if site.step.uses.startswith("manual.") and isinstance(told, str) and _PIPED.search(told):
            yield about.finding((*site.pointer, "with", "text"), f"'{site.step.id}' tells to run what is fetched", hint)


def _place(command: Command) -> Pointer | None:
    """Where a command runs what is fetched: the word that is code for a shell, or the whole of it."""
    if command.script is not None:
        return command.place if _PIPED.search(command.script) else None
    for i, word in enumerate(command.argv):
        if _PIPED.search(word):
            return (*command.place, i)
    return command.place if _PIPED.search(" ".join(command.argv)) else None


RULE = Rule(
    code="RB144",
    name="pipe-to-shell",
    severity=Severity.WARNING,
    title="Something fetched is run unread",
    why=(
        "What is run was reviewed by nobody, is another one tomorrow, and may be cut off in the middle of a line. "
        "Whoever holds that server, or the way to it, holds yours."
    ),
    instead=(
        "Keep the script, or the manifest, in the repository, where it is reviewed and part of the plan, and run that."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
