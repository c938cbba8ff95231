"""What symptoms, triage and checks saw; of each check the pair of before and after, which shows what helped."""

from __future__ import annotations

from runbook.core.history import History
from runbook.core.views import Row
from runbook.core.words import StepStatus, Verdict
from runbook.report.known import Known
from runbook.report.layout import marked, table
from runbook.report.phrases import STATUS, VERDICT, seen_as
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.values import seen


def seen_lines(history: History, known: Known, style: Style) -> list[str]:
    """What symptoms, triage and checks saw, a line each."""
    lines: list[str] = []
    for row in history.rows.values():
        if row.path.partition("/")[0] in ("symptoms", "triage"):
            lines += _observed(row, known, style)
    return lines + _checks(history, known, style)


def _observed(row: Row, known: Known, style: Style) -> list[str]:
    read = row.status is StepStatus.SUCCEEDED
    skipped = row.status is StepStatus.SKIPPED
    mark = STATUS[row.status] if skipped else seen_as(row.path.partition("/")[0], _verdict(row), read=read)
    title = row.title or known.title(row.id)
    called = f"{row.id}: {title}" if title else row.id
    what = seen(row.output, known.telling(row.id)) if read else ""
    attested = " (attested)" if row.attested else ""
    why = row.reason or (str(row.error.get("message") or "") if row.error and not read else "")
    parts = [f"{called}: {mark.word}{attested}", what, why]
    return marked(mark.sign, mark.role, shown("; ".join(part for part in parts if part)), style)


def _checks(history: History, known: Known, style: Style) -> list[str]:
    """Every check as it was before the change and as it was last: the pair that shows what helped."""
    before = {row.id: row for path, row in history.rows.items() if path.startswith("verification/")}
    after: dict[str, Row] = {}
    for path, row in history.rows.items():
        if path.startswith("resolution/") and row.phase == "verification" and row.rounds:
            after[row.id] = row
    rows = [
        (id_, _said(before.get(id_), known), _said(after.get(id_), known), known.expect(id_) or "")
        for id_ in dict.fromkeys([*before, *after])
    ]
    if not rows:
        return []
    width = 4 if any(row[3] for row in rows) else 3  # a kind's own expectation is not in the runbook
    header = ("check", "before", "after", "expects")[:width]
    drawn = table([row[:width] for row in rows], style.narrowed(2), header=header)
    return ["", *(f"  {line}" for line in drawn)]


def _said(row: Row | None, known: Known) -> str:
    if row is None:
        return "-"
    mark = VERDICT[_verdict(row)]
    what = row.reason if row.attested or mark.word == "unknown" else seen(row.output, known.telling(row.id), 30)
    return f"{mark.word}, {what}" if what else mark.word


def _verdict(row: Row) -> Verdict | None:
    return Verdict(row.verdict) if row.verdict else None
