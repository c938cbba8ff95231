"""Documents written into a folder, and what all rules find in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from runbook import kinds
from runbook.document.findings import Finding
from runbook.lint.lint import LintResult, lint
from runbook.lint.rule import EXAMPLES_DAY, AlertRule, Rulebook
from runbook.lint.ruling import every_rule

QUEUE = """\
apiVersion: runbook/v1
kind: Runbook
name: queue-stuck
title: The queue stands still
triage:
  - {id: depth, uses: prometheus.query, with: {query: 'sum(queue_depth{queue="orders"})'}}
"""
CONFIG = "apiVersion: runbook/v1\nkind: Config\n"


def linted(
    folder: Path,
    files: Mapping[str, str],
    *,
    environment: str | None = None,
    today: date = EXAMPLES_DAY,
    alerts: Mapping[str, AlertRule] | None = None,
) -> LintResult:
    """All rules, over files in a repository of their own."""
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    rules = Rulebook(every_rule(), today, alerts)
    paths = [folder / name for name in files]
    return lint(paths, kinds.specs(), jobs=1, rules=rules, environment=environment)


def said(result: LintResult, *codes: str) -> list[str]:
    """`RB101 3:1 message` of the findings with these codes, or of all."""
    return [_said(one) for one in result.findings if not codes or one.code in codes]


def _said(one: Finding) -> str:
    return f"{one.code} {one.line}:{one.column} {one.message}"
