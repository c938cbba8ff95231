"""Findings as annotations of a GitHub workflow: the worst ten on the pull request, the others as lines of the log.

GitHub shows ten of a step and drops the rest without a word; here they are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runbook.document.findings import Finding, Severity
from runbook.report.safe import shown

SHOWN: Final = 10


def annotated(findings: Sequence[Finding]) -> str:
    """Workflow commands, one a line. Paths of findings are relative to the repository."""
    worst = sorted(findings, key=lambda one: (one.severity is not Severity.ERROR, one))
    lines = [_annotation(one) for one in worst[:SHOWN]]
    more = worst[SHOWN:]
    if more:
        errors = sum(one.severity is Severity.ERROR for one in more)
        lines.append(f"and {len(more)} more: {errors} errors, {len(more) - errors} warnings")
        lines += [shown(one) for one in more]
    return "\n".join(lines)


def _annotation(finding: Finding) -> str:
    text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
    place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.code)}"
    return f"::{finding.severity} {place}::{_data(text)}"


def _data(text: str) -> str:
    """A message as the runner reads it back; what would end the line is escaped."""
    plain = shown(text, lines=True).replace("\t", " ")
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
