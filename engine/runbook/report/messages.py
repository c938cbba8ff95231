"""Messages about incidents, drawn: what would go where, what came of it, and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runbook.report.layout import marked
from runbook.report.phrases import DELIVERY
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.times import instant, minute, span

if TYPE_CHECKING:
    from runbook.incident.letters import Letter
    from runbook.incident.messages import Messages
    from runbook.incident.reminders import Reminder
    from runbook.incident.telling import Result

_NEWEST = 6  # messages that are shown at a glance


def letter_lines(letter: Letter, style: Style) -> list[str]:
    """One message as it would go: to whom, by which template, and every line of it."""
    channel = letter.channel
    who = "CUSTOMERS" if channel.audience == "customers" else "the team"
    head = f"To {channel.name} ({channel.type}), read by {who}"
    if letter.kept is not None:
        return marked("·", "plain", shown(f"{head}: kept back; {letter.kept.message}"), style)
    follows = ", after the first" if letter.before else ""
    lines = [style.paint("heading", shown(f"{head}, template {letter.template}{follows}:"))]
    if channel.type in ("email", "statuspage", "cachet"):
        lines.append(shown(f"  | {letter.subject}"))
    return [*lines, *(shown(f"  | {line}") for line in letter.text.splitlines()), ""]


def result_line(incident: str, result: Result, style: Style) -> str:
    """What came of one message, in a line."""
    mark = DELIVERY[result.status]
    why = f": {result.error['message']}" if result.error else ""
    where = f" ({result.remote['url']})" if result.remote and result.remote.get("url") else ""
    text = f"{incident} to {result.channel.name}: {mark.word}{where}{why}"
    return "\n".join(marked(mark.sign, mark.role, shown(text), style))


def told_rows(told: Messages, due: float | None, now: float) -> list[tuple[str, str]]:
    """What was said last and what came of it, and when the next update is due, as labels and texts."""
    rows = []
    for one in told.all[-_NEWEST:]:
        word = DELIVERY[one.status].word if one.status in DELIVERY else "nobody knows yet"
        by = f", by run {one.run}" if one.run else f", {one.by}"
        rows.append((minute(one.at), f"{one.kind or one.template or 'message'} to {one.channel}: {word}{by}"))
    if len(told.all) > _NEWEST:
        rows.insert(0, ("earlier", f"{len(told.all) - _NEWEST} more"))
    if due is not None:
        late = f", {span(now - due)} ago: runbook notify" if due < now else f", in {span(due - now)}"
        rows.append(("next due", f"{minute(due)}{late}"))
    return rows


def told_object(told: Messages) -> list[dict[str, Any]]:
    """What was said, for scripts."""
    return [
        {
            "message": one.key,
            "at": instant(one.at),
            "channel": one.channel,
            "audience": one.audience,
            "kind": one.kind,
            "status": one.status,
            "by": one.by,
            "run": one.run,
        }
        for one in told.all
    ]


def result_object(result: Result) -> dict[str, Any]:
    """What came of one message, for scripts."""
    return {
        "message": result.key,
        "channel": result.channel.name,
        "audience": str(result.channel.audience),
        "template": result.letter.template if result.letter is not None else None,
        "status": result.status,
        "error": result.error,
        "remote": result.remote,
    }


def reminder_line(incident: str, reminder: Reminder, person: str | None, style: Style) -> str:
    """A reminder that is due, in a line."""
    whom = person or f"whoever is {reminder.to}; nobody is"
    return "\n".join(marked("!", "warn", shown(f"{incident}: {reminder.text} (for {whom})"), style))


def reminder_object(incident: str, reminder: Reminder, person: str | None) -> dict[str, Any]:
    """A reminder, for scripts."""
    return {
        "incident": incident,
        "key": reminder.key,
        "about": reminder.about,
        "due": instant(reminder.due),
        "text": reminder.text,
        "to": person or reminder.to,
    }
