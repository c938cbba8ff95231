"""Changes that were meant for a while only: since when they are there, until when they may be, what takes them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.report.layout import command, heading, labelled, marked
from runbook.report.safe import shown
from runbook.report.times import by_when, instant, moment

if TYPE_CHECKING:
    from runbook.core.history import History
    from runbook.core.views import FollowUp
    from runbook.report.style import Style

TITLE = "To be taken back"


class Listed(NamedTuple):
    """One follow-up of one run, with what is still changed of it; where it was, as in the list of runs."""

    run: str
    runbook: str
    follow_up: FollowUp
    left: tuple[Mapping[str, Any], ...]
    target: Mapping[str, str] | None = None
    environment: str | None = None


def follow_up_lines(history: History, style: Style, now: float) -> list[str]:
    """The follow-ups of a run, what was taken back or closed since left out."""
    lines: list[str] = []
    for follow_up in history.follow_ups.values():
        left = history.left(follow_up)
        if left and follow_up.closed is None:
            lines += _changes(follow_up, left, style, now, played=history.rehearsal)
    return lines


def follow_ups_text(rows: Iterable[Listed], style: Style, now: float) -> str:
    """All that is due, the most urgent first, each with the command that takes it back, or closes it."""
    lines: list[str] = []
    for row in sorted(rows, key=lambda row: row.follow_up.due):
        lines += [""] if lines else []
        lines.append(heading(f"{shown(row.runbook)} {shown(row.run)}", style))
        lines += _changes(row.follow_up, row.left, style, now)
        close = f"runbook follow-ups close {row.run} {row.follow_up.option} --reason TEXT"
        lines += command(row.follow_up.undo or close, style, indent=4)
    return "\n".join(lines)


def follow_ups_object(rows: Iterable[Listed], now: float) -> dict[str, Any]:
    """The same for scripts."""
    found = sorted(rows, key=lambda row: row.follow_up.due)
    return {
        "format": 1,
        "follow_ups": [
            {"run": row.run, "runbook": row.runbook, **_object(row.follow_up, row.left, now)} for row in found
        ],
    }


def of_run(history: History, now: float | None = None) -> list[dict[str, Any]]:
    """The follow-ups of one run; `changes` is empty once all of it was taken back, `closed` says who settled it."""
    return [_object(one, history.left(one), now) for one in history.follow_ups.values()]


def _object(follow_up: FollowUp, left: Iterable[Mapping[str, Any]], now: float | None) -> dict[str, Any]:
    overdue = {} if now is None else {"overdue": now > follow_up.due}
    return {
        "option": follow_up.option,
        "changes": [{name: change.get(name) for name in ("path", "summary", "target")} for change in left],
        "since": instant(follow_up.since),
        "due": instant(follow_up.due),
        **overdue,
        "undo": follow_up.undo,
        **({"closed": {**follow_up.closed, "at": instant(follow_up.closed["at"])}} if follow_up.closed else {}),
    }


def _changes(
    follow_up: FollowUp, left: Iterable[Mapping[str, Any]], style: Style, now: float, *, played: bool = False
) -> list[str]:
    """`played`: in a rehearsal nothing is taken back, by hand or otherwise."""
    over = now > follow_up.due
    lines = [line for change in left for line in marked("◌", "warn", shown(str(change.get("summary"))), style)]
    lines += labelled("option", follow_up.option, style, indent=4)
    lines += labelled("since", moment(follow_up.since, style.zone, now), style, indent=4)
    due = f"{'OVERDUE: ' if over else ''}{by_when(follow_up.due, now, style.zone)}"
    lines += labelled("due", due, style, indent=4, role="bad" if over else "plain")
    if not follow_up.undo and not played:
        lines += labelled(
            "undo", "none of it has an undo: take it back by hand, then close it", style, indent=4, role="warn"
        )
    return lines
