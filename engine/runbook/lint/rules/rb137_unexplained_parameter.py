"""RB137: a parameter that somebody has to give, and nothing says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = "parameters:\n  host: {type: string}\n"
_GOOD = "parameters:\n  host: {type: string, description: The mail server whose queue stands still.}\n"
_TRIAGE = TRIAGE.replace("smtp.example.net", '"{{ params.host }}"')


def check(about: About) -> Iterator[Finding]:
    """Whoever must give a value is told what for."""
    for name, parameter in about.runbook.parameters.items():
        if parameter.required and not (parameter.description or parameter.examples or parameter.enum):
            message = f"'{name}' must be given, and nothing says what it is"
            yield about.finding(("parameters", name), message, "add a 'description', or 'examples'", key=True)


RULE = Rule(
    code="RB137",
    name="unexplained-parameter",
    severity=Severity.WARNING,
    title="A parameter to be given that nothing explains",
    why=(
        "Without a default the run starts with `-p host=…`, typed by somebody who has just woken up. It may be the "
        "name, the address, or the address with its port."
    ),
    instead="One sentence in `description`, which `runbook show` prints, or an entry in `examples`.",
    bad=runbook(_BAD, _TRIAGE),
    good=runbook(_GOOD, _TRIAGE),
    check=check,
)
