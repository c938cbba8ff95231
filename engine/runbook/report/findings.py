"""Findings of lint, for people with the line that they are about, and as JSON. Imports nothing heavy: lint is fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runbook.document.findings import Finding, Severity
from runbook.report.safe import columns, shown, wrapped
from runbook.report.style import Style

FORMAT = 1


def findings_text(findings: Sequence[Finding], style: Style, sources: Mapping[str, str] | None = None) -> str:
    """Every finding, in the given order: `path:line:column`, what, the line with a mark under the place, what next.

    `sources` has the text of files by the path that findings call them.
    """
    texts = {path: text.split("\n") for path, text in (sources or {}).items()}
    return "\n".join(line for finding in findings for line in _finding(finding, texts.get(finding.path), style))


def summary_text(files: int, findings: Sequence[Finding], allowed: int = 0) -> str:
    """`3 files, 1 error, 2 warnings`, and how many were allowed by exceptions."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    counts = [_counted(files, "file"), _counted(errors, "error"), _counted(warnings, "warning")]
    return ", ".join(counts) + (f", {allowed} allowed" if allowed else "")


def findings_object(files: int, findings: Sequence[Finding]) -> dict[str, Any]:
    """The object that `lint --output json` prints."""
    return {
        "format": FORMAT,
        "files": files,
        "findings": [finding_object(finding) for finding in findings],
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """One of its findings."""
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "hint": finding.hint,
    }


def _finding(finding: Finding, source: list[str] | None, style: Style) -> list[str]:
    role = "bad" if finding.severity is Severity.ERROR else "warn"
    place = f"{shown(finding.path)}:{finding.line}:{finding.column}:"
    word = f"{finding.severity}[{finding.code}]"
    text = wrapped(f"{place} {word} {shown(finding.message)}", style.width, hanging="    ")
    lines = [text[0].replace(word, style.paint(role, word), 1), *text[1:]]
    lines += _quoted(finding, source, style)
    if finding.hint:
        lines += wrapped(f"hint: {shown(finding.hint)}", style.width, indent="    ", hanging="    ")
    return lines


def _quoted(finding: Finding, source: list[str] | None, style: Style) -> list[str]:
    """The line and a caret under the column; what stands before it is left out where the line is too long."""
    if source is None or not 0 < finding.line <= len(source):
        return []
    margin = f"{finding.line:>5} | "
    room = style.width - len(margin)
    raw = source[finding.line - 1]
    before, after = shown(raw[: finding.column - 1].replace("\t", " ")), shown(raw[finding.column - 1 :])
    while before and columns(before) > room - 12:
        before = before[1:]
    while after and columns(before) + columns(after) > room:
        after = after[:-1]
    caret = " " * (len(margin) - 2) + style.paint("dim", "| ") + " " * columns(before)
    return [style.paint("dim", margin) + before + after, caret + style.paint("bad", "^")]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
