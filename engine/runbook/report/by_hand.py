"""What people did and wrote down by hand within a run: commands of their own, notes.

Told from the notes in the run's own record; what a command said is in the record of its own run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.history import History
from runbook.core.words import RunOutcome
from runbook.report.layout import command, marked, paragraph
from runbook.report.phrases import MEANING, OUTCOME
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.times import moment


def by_hand_lines(history: History, style: Style, now: float, program: str = "runbook") -> list[str]:
    """Every ad-hoc command in order, with what came of it, or how to go on with it."""
    lines: list[str] = []
    for done in history.execs.values():
        ended = done.get("state") == "ended"
        sign, role = ("◌", "warn") if not ended else _mark(done)
        lines += marked(sign, role, shown(str(done.get("title"))), style)
        parts = [_effect(done), f"by {done['by']}", moment(done["at"], style.zone, now), result(done)]
        why = f"because: {done['asked']}" if done.get("asked") else ""
        lines += paragraph(", ".join(part for part in [*parts, why] if part), style, indent=4, role="dim")
        lines += command(f"{program} {'log show' if ended else 'resume'} {done.get('exec')}", style, indent=6)
    return lines


def note_lines(history: History, style: Style, now: float) -> list[str]:
    """Every note in order, with who and when."""
    lines: list[str] = []
    for note in history.notes:
        if note.get("about") != "note":
            continue
        lines += marked("·", "plain", shown(str(note.get("text")), lines=True), style)
        about = f", about {note['step']}" if note.get("step") else ""
        lines += paragraph(f"{note['by']}, {moment(note['at'], style.zone, now)}{about}", style, indent=4, role="dim")
    return lines


def exec_text(data: Mapping[str, Any], by: str) -> str:
    """A note about an ad-hoc command, on a line."""
    if data.get("state") != "ended":
        why = f"; {data['asked']}" if data.get("asked") else ""
        return f"by hand: {data.get('title')} ({_effect(data)}), by {by}{why}"
    return f"by hand: {data.get('title')}: {result(data)}"


def result(done: Mapping[str, Any]) -> str:
    """What came of an ad-hoc command, as the note about it says."""
    if done.get("state") != "ended":
        return "it has not ended"
    if done.get("exit_code") is not None:
        return f"ended with {done['exit_code']}"
    word = OUTCOME[RunOutcome(done["outcome"])].word.lower()
    return f"{word}: {done['reason']}" if done.get("reason") else word


def came(past: History) -> str:
    """What came of the run of an ad-hoc command."""
    codes = [row.output["exit_code"] for row in past.rows.values() if row.output.get("exit_code") is not None]
    if codes:
        return f"ended with {codes[-1]}"
    outcome = past.outcome
    assert outcome is not None  # noqa: S101 - asked for finished runs only
    reason = (past.finished or {}).get("reason")
    why = next((row.reason for row in past.rows.values() if row.reason), None)
    return f"{OUTCOME[outcome].word.lower()}, not run: {why or reason or MEANING[outcome]}"


def _mark(done: Mapping[str, Any]) -> tuple[str, str]:
    mark = OUTCOME[RunOutcome(done["outcome"])]
    return mark.sign, mark.role


def _effect(done: Mapping[str, Any]) -> str:
    return "a read" if done.get("effect") == "read" else "a change"
