"""RB150: a command that says the same as a kind of step, without what the kind knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.kinds import kubectl
from runbook.lint.contents.commands import Command, commands
from runbook.lint.contents.effects import verbs
from runbook.lint.contents.scripts import calls
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-stuck
title: The cart answers nobody
resolution:
  - id: rollback
    title: Return to the last revision
    steps:
      - {id: undo, uses: command.run, with: {argv: [kubectl, -n, shop, rollout, undo, deployment/cart]}}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: cart.internal, port: 8080}}]}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: cart-stuck
title: The cart answers nobody
resolution:
  - id: rollback
    title: Return to the last revision
    steps:
      - {id: undo, uses: kubernetes.rollout_undo, with: {deployment: cart, namespace: shop}}
verification: {checks: [{id: up, uses: tcp.connect, with: {host: cart.internal, port: 8080}}]}
"""


_HOLE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ADDRESS: Final = re.compile(r"https?://\S+")
_QUIET: Final = frozenset(
    (
        "-s",
        "-S",
        "-sS",
        "-Ss",
        "-f",
        "-fs",
        "-sf",
        "-fsS",
        "-i",
        "-I",
        "-v",
        "--silent",
        "--show-error",
        "--fail",
        "--include",
        "--head",
    )
)


def check(about: About) -> Iterator[Finding]:
    """No `command.run` says what a kind of step says, to its last word."""
    for command in commands(about):
        plain = not (command.part or command.inputs.get("stdin") or command.inputs.get("env"))
        if command.site.step.uses != "command.run" or not command.argv or not plain:
            continue
        found = _same(command)
        if found is not None and found[0] in about.specs:
            kind, shown = found
            message = f"'{command.site.step.id}' does by `{shown}` what {kind} does"
            hint = f"a kind knows its plan, its undo and whether it was done; see `runbook explain {kind}`"
            yield about.finding(command.place, message, hint)


def _same(command: Command) -> tuple[str, str] | None:
    """The kind, and the beginning of the command; None where it is more than a kind does."""
    call = calls(command.argv)[0]
    words = [_HOLE.sub("$VALUE", word) for word in call.argv]
    if call.program in ("kubectl", "oc"):
        steps = kubectl.recognised(words)
        shown = " ".join([call.program, *(word for word in verbs(call)[:2] if "{{" not in word)])
        return (steps[0].uses, shown) if len(steps) == 1 else None
    if call.program == "ssh" and len(call.words) > 1:
        return "ssh.run", "ssh"
    if call.program == "curl":
        said = [word for word in words[1:] if word not in _QUIET]
        return ("http.get", "curl") if len(said) == 1 and _ADDRESS.fullmatch(said[0]) else None
    return None


RULE = Rule(
    code="RB150",
    name="command-with-kind",
    severity=Severity.WARNING,
    title="A command where a kind exists",
    why=(
        "To the engine a command is a text. A kind knows what it looks at: its plan shows the exact change and "
        "the fields that it touches, its undo is worked out, a lost answer is settled by looking, and its outputs "
        "have names. `kubectl rollout undo` run twice brings back the broken version; `kubernetes.rollout_undo` "
        "cannot."
    ),
    instead=("The kind that the hint names. A command with flags that the kind does not have is not meant."),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
