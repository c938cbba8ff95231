"""What triage means, drawn: each finding with the step that says it and the option that it speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runbook.report.fact import Fact, fact
from runbook.report.layout import heading, marked
from runbook.report.phrases import Mark
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.core.advice import Found
    from runbook.core.history import History
    from runbook.core.records import Written
    from runbook.report.style import Style

TITLE = "What this means"
MEANS = Mark("→", "plain", "")
CANNOT_TELL = Mark("?", "warn", "")


def meaning_lines(findings: Iterable[Found], style: Style) -> list[str]:
    """A line for each finding, one where none could be told; nothing where nothing was found."""
    lines = [line for mark, text in _told(findings) for line in marked(mark.sign, mark.role, text, style)]
    return [heading(TITLE, style), *lines] if lines else []


def meaning_facts(record: Written, history: History) -> list[Fact]:
    """All findings as facts of one block."""
    return [fact(record, TITLE, mark, text) for mark, text in _told(history.findings.values())]


def _told(findings: Iterable[Found]) -> list[tuple[Mark, str]]:
    """Each finding; where nothing could be read, a screen of *cannot tell* would hide just that."""
    every = list(findings)
    if len(every) > 1 and all(found.unknown for found in every):
        steps = ", ".join(found.step for found in every)
        return [(CANNOT_TELL, shown(f"none of it can be told: {steps}"))]
    return [(_mark(found), said(found)) for found in every]


def finding_fact(record: Written, phase: str | None, found: Found) -> Fact:
    """One finding, under its step."""
    return fact(record, phase, _mark(found), said(found))


def said(found: Found) -> str:
    """`lag: The replica is behind. It points to restore`."""
    points = f" It points to {found.points_to}" if found.points_to else ""
    text = found.say if not points or found.say.rstrip().endswith((".", "!", "?")) else f"{found.say}."
    return shown(f"{found.step}: {text}{points}")


def pointed(steps: Iterable[str]) -> str:
    """How an option is marked that findings point to: `, pointed to by lag`."""
    named = ", ".join(steps)
    return f", pointed to by {named}" if named else ""


def findings_object(history: History) -> list[dict[str, Any]]:
    """The findings for scripts."""
    return [
        {"step": found.step, "say": found.say, "points_to": found.points_to, "unknown": found.unknown}
        for found in history.findings.values()
    ]


def _mark(found: Found) -> Mark:
    return CANNOT_TELL if found.unknown else MEANS
