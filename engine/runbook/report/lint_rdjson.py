"""Findings as reviewdog reads them (RDFormat): places count bytes of UTF-8, what `--fix` would do is a suggestion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runbook.document.characters import place
from runbook.document.findings import Edit, Finding
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.lint.codes import Code


def rdjson(
    findings: Sequence[Finding], codes: Mapping[str, Code], texts: Mapping[str, str], *, home: str
) -> dict[str, Any]:
    """A `DiagnosticResult`; `texts` has the files by the paths of findings."""
    diagnostics = [_diagnostic(one, codes.get(one.code), texts.get(one.path, "")) for one in findings]
    return {"source": {"name": "runbook lint", "url": home}, "diagnostics": diagnostics}


def _diagnostic(finding: Finding, code: Code | None, text: str) -> dict[str, Any]:
    said = shown(f"{finding.message}; {finding.hint}" if finding.hint else finding.message)
    start = _position(text, finding.line, finding.column)
    return {
        "message": said,
        "location": {"path": finding.path, "range": {"start": start}},
        "severity": str(finding.severity).upper(),
        "code": {"value": finding.code, **({"url": code.url} if code else {})},
        **({"suggestions": [_suggestion(edit, text) for edit in finding.fix]} if finding.fix else {}),
    }


def _suggestion(edit: Edit, text: str) -> dict[str, Any]:
    start, end = (_position(text, *place(text, index)) for index in (edit.start, edit.end))
    return {"range": {"start": start, "end": end}, "text": edit.text}


def _position(text: str, line: int, column: int) -> dict[str, int]:
    lines = text.split("\n")
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return {"line": line, "column": len(before.encode()) + 1 if before else column}
