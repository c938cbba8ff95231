"""Where a run takes place and on what, in few words: the same in lists, in the story and in what waits."""

from __future__ import annotations

from collections.abc import Mapping

from runbook.core.target import spoken
from runbook.report.layout import labelled
from runbook.report.style import Style


def where_text(environment: str | None, target: Mapping[str, str] | None) -> str:
    """`in prod, on Deployment shop/api`; nothing for a run that says neither."""
    parts = [f"in {environment}"] if environment else []
    return ", ".join([*parts, f"on {spoken(target)}"] if target else parts)


def where_lines(environment: str | None, target: Mapping[str, str] | None, style: Style) -> list[str]:
    """The same as labelled lines, for a page of its own."""
    lines = labelled("where", f"environment {environment}", style) if environment else []
    return lines + (labelled("target", spoken(target), style) if target else [])
