"""RB143: a value that a script does not quote, so that the shell cuts it into words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.contents.commands import Command, commands
from runbook.lint.contents.quoting import is_one_word, quoting
from runbook.lint.contents.scripts import LONGEST
from runbook.lint.contents.values import parameters_of, unsafe
from runbook.lint.rule import Rule

if TYPE_CHECKING:
    from runbook.lint.rule import About

# What a shell does not cut into words: quotes, tests, sums, here-documents, comments, assignments, `case` and `for`.
_WHOLE: Final = re.compile(
    r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|\[\[.*?\]\]|\$?\(\(.*?\)\)|(?<!\S)\#[^\n]*"""
    r"""|<<-?[ \t]*['"]?(\w+)['"]?[^\n]*\n.*?^[ \t]*\1[ \t]*$"""
    r"""|(?<![\w-])\w+=\S*|\bcase\s+\S+\s+in\b|\bfor\s+\w+\s+in\b[^;\n]*""",
    re.DOTALL | re.MULTILINE,
)

_BAD = """\
apiVersion: runbook/v1
kind: Runbook
name: disk-filling
title: A disk fills up
parameters:
  mount: {type: string, from_alert: labels.mountpoint}
triage:
  - id: largest
    uses: shell.run
    with:
      script: du -x $MOUNT | sort -n | tail -20
      values: {MOUNT: "{{ params.mount }}"}
      effect: read
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
    uses: shell.run
    with:
      script: du -x -- "$MOUNT" | sort -n | tail -20
      values: {MOUNT: "{{ params.mount }}"}
      effect: read
"""


def check(about: About) -> Iterator[Finding]:
    """A script quotes each of its values that could be more than one word."""
    for command in commands(about):
        values = command.inputs.get("values") or command.site.step.inputs.get("values")
        if command.script is not None and len(command.script) <= LONGEST and isinstance(values, Mapping):
            yield from _of_script(about, command, {**values})


def _of_script(about: About, command: Command, values: Mapping[str, object]) -> Iterator[Finding]:
    script = str(command.script)
    bare = _WHOLE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), script)
    parameters = parameters_of(about.document)
    for name, value in values.items():
        used = re.search(rf"\$(?:{name}\b|\{{{name}\b)", bare)
        if used and isinstance(value, str) and unsafe(value, parameters):
            line = script.count("\n", 0, used.start()) + 1
            column = used.start() - (script.rfind("\n", 0, used.start()) + 1) + 1
            message = f"${name} is not quoted in the script of '{command.site.step.id}'"
            hint = f"write \"${name}\": without quotes a space or a '*' in it makes several words"
            fix = quoting(about, command, name, bare) if is_one_word(name, value, parameters) else ()
            yield about.finding(command.place, message, hint, within=(line, column), fix=fix)


RULE = Rule(
    code="RB143",
    name="unquoted-variable",
    severity=Severity.WARNING,
    title="A value that a script does not quote",
    why=(
        "A shell cuts an unquoted variable into words and expands `*` in it. A path with a space becomes two, and `rm "
        "$DIR/*` with an empty value becomes `rm /*`."
    ),
    instead=(
        'Double quotes around every variable: `"$NAME"`, also in the middle of a word. Values that can only be one '
        "plain word (a number, an `enum`, a `pattern`) are not meant."
    ),
    mends=(
        "It quotes the variable in the script, where the value is one parameter or one label of the alert that can "
        "only be meant as one word: not `$FLAGS` or `$HOSTS`, and nothing that may be empty."
    ),
    bad={"runbooks/example.yaml": _BAD},
    good={"runbooks/example.yaml": _GOOD},
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
