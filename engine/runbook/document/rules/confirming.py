"""The `confirm` of a command: its `expect` is an expression of the reviewed file, and its program one that can answer.

Asked after a crash whether a change is there, a `no` sends the change again. So nothing from outside is ever put into
the `expect`, and a program is warned of whose exit code says too little to be the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.document.expressions import Expression, ExpressionError, parse
from runbook.document.findings import Severity
from runbook.document.rules.walk import Checked, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding

NAMES: Final = {"exit_code": {"type": "integer"}, "stdout": {"type": "string"}, "stderr": {"type": "string"}}
_COMMANDS: Final = {"command.run": "argv", "shell.run": "script", "ssh.run": "argv"}
_PLACES: Final = (("confirm",), ("undo", "confirm"))
_BRACES: Final = re.compile(r"\{\{|\{%|\{#")

# What exits alike for "it is not there" and for "nobody answered", or, as curl, with 0 whatever the server said.
_AMBIGUOUS: Final = frozenset({
    "aws", "az", "consul", "curl", "docker", "etcdctl", "gcloud", "gh", "helm", "kubectl", "mongosh", "mysql", "nomad",
    "oc", "podman", "psql", "rabbitmqctl", "redis-cli", "ssh", "vault", "wget",
})  # fmt: skip
_ALONE: Final = re.compile(r"^\s*([\w./-]+)[^\n;|&]*$")  # a script that is one plain command


def held(inputs: Any, path: Pointer) -> Any:
    """What stands there in a step's inputs; None where nothing does."""
    for part in path:
        inputs = inputs.get(part) if isinstance(inputs, Mapping) else None
    return inputs


def expectations(kind: str, inputs: Any, place: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Every `expect` of a `confirm` in the inputs of a command that stand at `place`."""
    for path in _PLACES if kind in _COMMANDS else ():
        said = held(inputs, (*path, "expect"))
        if isinstance(said, str):
            yield (*place, *path, "expect"), said


def parsed(text: str) -> Expression:
    """As any other `expect`. A value put into it would be read as an expression, even between its quotes."""
    braces = _BRACES.search(text)
    if braces:
        hint = "compare it in the command, which a value can be given to"
        raise ExpressionError.at("a template inside an expression would be run as code", text, braces.start(), hint)
    return parse(text)


def answerable(doc: Checked) -> Iterator[Finding]:
    """A warning where the exit code of a `confirm` cannot tell *not there* from *nobody answered*."""
    for site in doc.sites:
        inputs = doc.raw(site.pointer).get("with", {})
        for path in _PLACES if site.step.uses in _COMMANDS else ():
            asked = held(inputs, path)
            program = _program(asked) if isinstance(asked, dict) and "expect" not in asked else None
            if program in _AMBIGUOUS:
                message = f"the exit code of {program} does not say whether the change is there"
                hint = "add 'expect' over what it prints, such as \"stdout | trim == 'drained'\""
                place = (*site.pointer, "with", *path)
                yield doc.source.finding(place, "RB072", message, hint, key=True, severity=Severity.WARNING)


def _program(asked: Mapping[str, Any]) -> str | None:
    """The name of the program that a `confirm` runs; None for a script that is more than one command."""
    argv, script = asked.get("argv"), asked.get("script")
    if isinstance(argv, list) and argv:
        words = [str(word) for word in argv]
        first = words[1:] if words[0] in ("sudo", "env") else words
        return first[0].rpartition("/")[2] if first else None
    alone = _ALONE.match(script.strip()) if isinstance(script, str) else None
    return alone[1].rpartition("/")[2] if alone else None
