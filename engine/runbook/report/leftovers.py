"""What runs have left changed, in the terminal and for scripts: what it was, what Git says, what takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from runbook.incident.declared import Agrees
from runbook.incident.leftovers import LeftField, Leftover
from runbook.report.layout import command, heading, labelled, marked
from runbook.report.safe import shown
from runbook.report.times import by_when, instant
from runbook.report.values import value

if TYPE_CHECKING:
    from runbook.report.style import Style

SAYS: Final = {
    Agrees.SAME: "Git says the same",
    Agrees.OTHER: "Git says otherwise",
    Agrees.SILENT: "Git says nothing of it",
    Agrees.UNKNOWN: "what Git says is not known",
}


def leftovers_lines(left: Sequence[Leftover], style: Style, now: float) -> list[str]:
    """Each change with its fields, what Git says, until when it may be there, and the command that takes it back."""
    lines = [heading("Left changed", style)] if left else []
    for one in left:
        lines += marked("◌", "warn" if one.to_do else "plain", shown(one.summary), style)
        lines += labelled("run", f"{one.run} ({one.runbook})", style, indent=4)
        for field in one.fields:
            lines += labelled("was", f"{field.path}: {value(field.before)}, now {value(field.after)}", style, indent=4)
            lines += labelled(
                "git", git(field), style, indent=4, role="bad" if field.agrees is Agrees.OTHER else "plain"
            )
        if one.due is not None:
            late = "OVERDUE: " if now > one.due else ""
            lines += labelled("due", f"{late}{by_when(one.due, now, style.zone)}", style, indent=4)
        if one.undo:
            lines += command(one.undo, style, indent=4)
    return lines


def git(field: LeftField) -> str:
    """What Git says of a field, in a line."""
    if field.agrees is Agrees.OTHER:
        return f"{field.file} says {value(field.declared)}: the next deployment takes it back"
    where = f" ({field.file})" if field.file else ""
    return f"{SAYS[field.agrees]}{where}"


def leftovers_object(left: Iterable[Leftover]) -> list[dict[str, Any]]:
    """The same for scripts, and for the record of whoever resolves the incident."""
    return [
        {
            "run": one.run,
            "key": one.key,
            "summary": one.summary,
            "target": one.target,
            "at": instant(one.at),
            "due": instant(one.due),
            "undo": one.undo,
            "fields": [
                {
                    "path": field.path,
                    "before": field.before,
                    "after": field.after,
                    "git": str(field.agrees),
                    "declared": field.declared,
                    "file": field.file,
                }
                for field in one.fields
            ],
        }
        for one in left
    ]
