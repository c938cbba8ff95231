"""RB140: a secret among the arguments of a command, where everybody on the machine can read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.document.source import Pointer
from runbook.lint.contents.commands import Command, commands
from runbook.lint.contents.credentials import in_words
from runbook.lint.contents.values import parameters_of, references
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: replica-lags
title: The replica lags
triage:
  - id: lag
    uses: command.run
    with: {argv: [mysql, --host=db-2, --password=tr0ub4dor, -e, SHOW REPLICA STATUS], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: replica-lags
title: The replica lags
triage:
  - id: lag
    uses: command.run
    with:
      argv: [mysql, --host=db-2, -e, SHOW REPLICA STATUS]
      env: {MYSQL_PWD: {env: MYSQL_PWD}}
      effect: read
"""


def check(about: About) -> Iterator[Finding]:
    """No argument is a credential, nor made of a secret parameter."""
    secrets = {name for name, parameter in parameters_of(about.document).items() if parameter.secret}
    for command in commands(about):
        for place, kind in {**dict(_written(command)), **dict(_given(command, secrets))}.items():
            message = f"{kind} stands among the arguments of '{command.site.step.id}'"
            hint = "every process list shows arguments; give it by `env: {NAME: {env: NAME}}`, or on stdin"
            yield about.finding(place, message, hint)


def _written(command: Command) -> Iterator[tuple[Pointer, str]]:
    for i, kind in in_words(command.argv):
        yield (*command.place, i), kind
    for call in command.calls:
        for i, kind in in_words(call.argv):
            yield command.at(call, i), kind


def _given(command: Command, secrets: set[str]) -> Iterator[tuple[Pointer, str]]:
    for i, word in enumerate(command.argv):
        for path in sorted(references(word)):
            if path[0] == "params" and path[1:2] and path[1] in secrets:
                yield (*command.place, i), f"the secret parameter '{path[1]}'"


RULE = Rule(
    code="RB140",
    name="secret-in-argv",
    severity=Severity.WARNING,
    title="A secret in an argument",
    why=(
        "The arguments of a process are shown to everybody on the machine (`ps`, `/proc`), land in audit logs and "
        "shell histories, and are part of the plan that people read at the gate."
    ),
    instead=(
        "Let the program read it: from its environment, where `env` takes a reference (`{env: NAME}`, `{file: PATH}`, "
        "`{command: [argv]}`), from a file of its own (`.pgpass`, a netrc), or on stdin."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
