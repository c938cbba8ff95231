"""The documents under `tests/cases`, and loading one as tests of documents do."""

from __future__ import annotations

from pathlib import Path

from runbook.document.findings import Finding
from runbook.document.load import load
from runbook.errors import DocumentError
from support.specs import SPECS

CASES = Path(__file__).parents[1] / "cases"
VALID = sorted((CASES / "valid").glob("*.yaml"))
INVALID = sorted((CASES / "invalid").glob("*.yaml"))

HEAD = "apiVersion: runbook/v1\nkind: Runbook\nname: x\ntitle: X\n"


def findings(data: bytes | str, path: str = "x.yaml") -> tuple[Finding, ...]:
    """Every finding of a document, whether it can be used or not."""
    if isinstance(data, str):
        data = data.encode()
    try:
        return load(data, SPECS, path=path).findings
    except DocumentError as error:
        return error.findings


def codes(data: bytes | str) -> list[str]:
    """The findings' places and codes only: `6:3 RB021`."""
    return [f"{finding.line}:{finding.column} {finding.code}" for finding in findings(data)]
