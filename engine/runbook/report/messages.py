"""Messages about incidents, drawn: what would go where, what came of it, and reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from runbook.report.layout import marked
from runbook.report.phrases import DELIVERY
from runbook.report.safe import shown, wrapped
from runbook.report.style import Style
from runbook.report.times import instant, minute, span

if TYPE_CHECKING:
    from runbook.incident.letters import Letter
    from runbook.incident.messages import Messages
    from runbook.incident.reminders import Reminder
    from runbook.incident.telling import Result

_TITLED = ("email", "statuspage", "cachet")  # types of channels where a message has a title
_NEWEST = 6  # messages that are shown at a glance


def letters_lines(letters: Iterable[Letter], style: Style) -> list[str]:
    """Messages as they would go: to whom, by which template, and every line. What several get is shown once."""
    alike: dict[tuple[object, ...], list[Letter]] = {}
    for one in letters:
        kept = one.kept.message if one.kept is not None else None
        alike.setdefault((one.channel.audience, one.template, one.text, kept), []).append(one)
    return [line for several in alike.values() for line in _letter_lines(several, style)]


def _letter_lines(several: Sequence[Letter], style: Style) -> list[str]:
    letter = several[0]
    who = "CUSTOMERS" if letter.channel.audience == "customers" else "the team"
    head = f"To {', '.join(_addressed(one) for one in several)}, read by {who}"
    if letter.kept is not None:
        return marked("·", "plain", shown(f"{head}: kept back; {letter.kept.message}"), style)
    lines = [
        style.paint("heading", line) for line in wrapped(shown(f"{head}, template {letter.template}:"), style.width)
    ]
    titles = dict.fromkeys(one.subject for one in several if one.channel.type in _TITLED)
    lines += [shown(f"  titled: {title}") for title in titles]
    return [*lines, *(shown(f"  | {line}") for line in letter.text.splitlines()), ""]


def _addressed(letter: Letter) -> str:
    follows = ", after the first" if letter.before and letter.kept is None else ""
    return f"{letter.channel.name} ({letter.channel.type}{follows})"


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
