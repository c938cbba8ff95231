"""What one rule of lint says about documents that a test writes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from runbook import kinds
from runbook.document.findings import Finding
from runbook.lint.examples import findings_of
from runbook.lint.rule import Rulebook
from runbook.lint.ruling import every_rule
from runbook.lint.samples import HEAD

REVIEWED: Final = date(2026, 11, 23)  # a day on which the reviews of our own runbooks are fresh
BOOK = "runbooks/queue-stuck.yaml"


def all_rules() -> Rulebook:
    """Every rule, on that day."""
    return Rulebook(every_rule(), REVIEWED)


def findings(code: str, *parts: str, files: Mapping[str, str] | None = None) -> list[Finding]:
    """The rule's findings in a runbook of these parts and in further files, all of which can be used."""
    written = {**({BOOK: "".join((HEAD, *parts))} if parts else {}), **(files or {})}
    with tempfile.TemporaryDirectory() as folder:
        every = findings_of(written, Path(folder), kinds.specs())
    assert [str(one) for one in every if one.code != code and one.severity == "error"] == []
    return [one for one in every if one.code == code]


def said(code: str, *parts: str, files: Mapping[str, str] | None = None) -> list[str]:
    """Their messages."""
    return [one.message for one in findings(code, *parts, files=files)]


def on(code: str, *parts: str) -> list[int]:
    """The lines that they are about."""
    return [one.line for one in findings(code, *parts)]
