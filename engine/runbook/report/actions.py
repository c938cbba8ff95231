"""Action items as a list for people, as JSON and CSV, and as issues for GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from runbook.incident.actions import Action, State
from runbook.report.audit import csv_line
from runbook.report.layout import table
from runbook.report.times import instant

if TYPE_CHECKING:
    from runbook.report.style import Style


def actions_text(items: Sequence[Action], style: Style, today: date) -> str:
    """The ones that are due first at the top; what has ended at the bottom."""
    rows = [
        (
            one.id,
            _state(one, today),
            one.due.isoformat() if one.due else "no day",
            one.owner or "nobody",
            str(one.aim),
            one.title + (f" ({one.ticket})" if one.ticket else ""),
        )
        for one in ordered(items)
    ]
    return "\n".join(table(rows, style, header=("id", "state", "due", "owner", "type", "what")))


COLUMNS: Final = (
    "action", "incident", "title", "type", "owner", "due", "overdue", "state", "reason", "ticket", "added", "by",
    "ended",
)  # fmt: skip


def actions_object(items: Iterable[Action], today: date) -> dict[str, Any]:
    """The same for scripts."""
    return {"format": 1, "actions": [action_object(one, today) for one in ordered(items)]}


def action_object(one: Action, today: date) -> dict[str, Any]:
    """One item; `due` is a day, times are UTC."""
    return {
        "action": one.id,
        "incident": one.incident,
        "title": one.title,
        "type": str(one.aim),
        "owner": one.owner,
        "due": one.due.isoformat() if one.due else None,
        "overdue": one.overdue(today),
        "state": str(one.state),
        "reason": one.reason,
        "ticket": one.ticket,
        "added": instant(one.added),
        "by": one.by,
        "ended": instant(one.ended),
    }


def issues(items: Iterable[Action]) -> list[dict[str, Any]]:
    """What GitHub's `POST /repos/{owner}/{repo}/issues` takes, one object for each open item without a ticket."""
    return [_issue(one) for one in ordered(items) if one.state is State.OPEN and not one.ticket]


def issues_csv(items: Iterable[Action]) -> str:
    """The same as CSV: title, body, labels (joined by commas), assignees."""
    rows = ([one["title"], one["body"], ",".join(one["labels"]), ""] for one in issues(items))
    return _csv(("title", "body", "labels", "assignees"), rows)


def actions_csv(items: Iterable[Action], today: date) -> str:
    """Every item, a row each."""
    objects = (action_object(one, today) for one in ordered(items))
    return _csv(COLUMNS, (["" if one[name] is None else one[name] for name in COLUMNS] for one in objects))


def ordered(items: Iterable[Action]) -> list[Action]:
    """Open ones before ended ones, by day; those without a day after those with one."""
    return sorted(items, key=lambda one: (one.state is not State.OPEN, one.due or date.max, one.incident, one.added))


def _issue(one: Action) -> dict[str, Any]:
    lines = [f"Action item {one.id} of the postmortem of {one.incident}.", ""]
    lines += [f"- Aim: {one.aim}"]
    lines += [f"- Owner: {one.owner}"] if one.owner else []
    lines += [f"- Due: {one.due.isoformat()}"] if one.due else []
    return {"title": one.title, "body": "\n".join(lines), "labels": ["postmortem", f"aim:{one.aim}"], "assignees": []}


def _state(one: Action, today: date) -> str:
    return "OVERDUE" if one.overdue(today) else str(one.state)


def _csv(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return "\n".join(csv_line(row) for row in (head, *rows))
