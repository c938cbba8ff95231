"""RB136: text from an alert that may be anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.findings import Finding, Severity
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_BAD = """\
parameters:
  host: {type: string, default: smtp.example.net, from_alert: labels.instance%s}
"""
_TRIAGE = TRIAGE.replace("smtp.example.net", '"{{ params.host }}"')


def check(about: About) -> Iterator[Finding]:
    """Text that comes from an alert has a pattern, or is one of a few words."""
    for name, parameter in about.runbook.parameters.items():
        if parameter.type != "string" or parameter.from_alert is None:
            continue
        if parameter.pattern is None and parameter.enum is None:
            message = f"'{name}' is whatever the alert says in '{parameter.from_alert}'"
            yield about.finding(
                ("parameters", name), message, "add a 'pattern' for the whole text, or an 'enum'", key=True
            )


RULE = Rule(
    code="RB136",
    name="open-alert-text",
    severity=Severity.WARNING,
    title="Text from an alert without a pattern",
    why=(
        "Labels come from whatever exports metrics, and annotations from whoever wrote a rule. A value that is used as "
        "a host, a name or a path should be one: `--all`, a whole URL or an empty text are accepted otherwise, and "
        "nobody typed them."
    ),
    instead='Say what it looks like: `pattern: "[a-z0-9.-]+"`. It is matched against the whole text.',
    bad=runbook(_BAD % "", _TRIAGE),
    good=runbook(_BAD % ', pattern: "[a-z0-9.-]+"', _TRIAGE),
    check=check,
)
