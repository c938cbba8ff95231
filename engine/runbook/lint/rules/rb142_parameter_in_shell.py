"""RB142: a value put into text that another program reads as code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.commands import commands
from runbook.lint.contents.scripts import Call, code
from runbook.lint.contents.values import parameters_of, unsafe
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

_CODE: Final = {  # programs that read code from an argument, and the options before it
    **dict.fromkeys(("python", "python3"), ("-c",)),
    **dict.fromkeys(("perl", "ruby"), ("-e", "-E")),
    "node": ("-e", "--eval"),
    **dict.fromkeys(("psql", "cockroach"), ("-c", "--command")),
    **dict.fromkeys(("mysql", "mariadb"), ("-e", "--execute")),
}

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: disk-filling
title: A disk fills up
parameters:
  mount: {type: string, from_alert: labels.mountpoint}
triage:
  - id: largest
    uses: command.run
    with: {argv: [sh, -c, "du -x {{ params.mount }} | sort -n | tail -20"], effect: read}
"""
_GOOD = """\
apiVersion: runbook/v1
kind: Runbook
name: disk-filling
title: A disk fills up
parameters:
  mount: {type: string, from_alert: labels.mountpoint}
triage:
  - id: largest
    uses: command.run
    with: {argv: [sh, -c, 'du -x -- "$1" | sort -n | tail -20', sh, "{{ params.mount }}"], effect: read}
"""


def check(about: About) -> Iterator[Finding]:
    """What a shell, an interpreter or a database reads as code holds no value that could be more than one word."""
    parameters = parameters_of(about.document)
    for command in commands(about):
        for call in command.calls if command.argv else ():
            for i, reader in _read_as_code(call):
                name = unsafe(call.argv[i], parameters)
                if name is not None and call.offset is not None:
                    message = f"{name} is put into text that {reader} reads as code"
                    yield about.finding(command.at(call, i), message, _way_out(call))


def _read_as_code(call: Call) -> Iterator[tuple[int, str]]:
    found = code(call)
    if found:
        yield found[0], call.program
    elif call.program == "eval":
        yield from ((i, "a shell") for i in range(1, len(call.argv)))
    elif call.program == "ssh":
        yield from ((i, "the shell over there") for i in range(2, len(call.argv)))
    options = _CODE.get(call.program, ())
    spelt = tuple(f"{option}=" for option in options if option.startswith("--"))
    for i, word in enumerate(call.argv[1:], start=1):
        if (call.argv[i - 1] in options and i > 1) or (spelt and word.startswith(spelt)):
            yield i, call.program


def _way_out(call: Call) -> str:
    if call.program in ("psql", "cockroach", "mysql", "mariadb"):
        return "give it as a variable of the client (psql: `--set=name=…` and `:'name'`), or the parameter a 'pattern'"
    if call.program == "ssh":
        return "use ssh.run, whose arguments stay arguments, or give the parameter a 'pattern' or an 'enum'"
    return "pass it as an argument behind the code, \"$1\" there, or give the parameter a 'pattern' or an 'enum'"


RULE = Rule(
    code="RB142",
    name="parameter-in-shell",
    severity=Severity.WARNING,
    title="A value within a shell's code",
    why=(
        "An alert's label or what somebody typed becomes part of a program. A space, a quote or a `;` in it runs "
        "something else, with your credentials, in the middle of an incident. In the script of `shell.run` that is an "
        "error, RB045."
    ),
    instead=(
        'Keep values arguments: `argv` without a shell, `"$1"` behind the code, or `values` of `shell.run`. A '
        "parameter that is a number, has an `enum`, or a `pattern` of letters, digits and `_@%+=:,./-`, can do no "
        "harm and is not meant."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
