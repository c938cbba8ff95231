"""What is going on right now, as a few lines: what is being done and for how long, what is waited for, what comes next.

A pure drawing of a story at a time; `live` shows it below what has been told, and draws it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from runbook.core.commands import Announce, Apply, Command, Observe, Page, PlanChange, Preserve
from runbook.document.durations import spoken
from runbook.document.model import Verification
from runbook.report.phrases import VERDICT
from runbook.report.safe import columns, cut, first_line, shown
from runbook.report.story import Story
from runbook.report.style import Style
from runbook.report.times import span


class Busy(NamedTuple):
    """A command that is being performed, since when (seconds since the epoch)."""

    command: Command
    since: float


def frame(story: Story, busy: Mapping[str, Busy], held: str | None, now: float, style: Style) -> list[str]:
    """The lines, none wider than the style; empty when the run is over."""
    if story.history.finished is not None:
        return []
    lines = [_row("▸", "busy", _doing(one.command), _lasted(one, now), style) for one in busy.values() if _told(one)]
    lines += _looks(story, busy, now, style)
    lines += _verification(story, now, style)
    lines += _waiting(story, held, now, style)
    if not lines:
        lines += _settling(story, now, style)
    timers = _timers(story, now)
    if timers:
        lines.append(style.paint("dim", cut("  " + "; ".join(timers), style.width)))
    return lines


def _told(one: Busy) -> bool:
    """Checks of a round have their own line."""
    command = one.command
    return not (isinstance(command, Observe) and command.round is not None and command.phase == "verification")


def _doing(command: Command) -> str:
    name = getattr(command, "id", None)
    called = shown(f"{name}: {command.title}" if name and command.title else name or "")
    if isinstance(command, Apply):
        return f"{'taking back' if command.undoes else 'applying'} {called}"
    if isinstance(command, Observe) and command.sent is not None:
        return f"waiting until it has taken effect: {called}"
    if isinstance(command, Observe) and command.until is not None:
        return f"reading {called}, look {command.round}"
    if isinstance(command, PlanChange):
        return f"planning {called}"
    if isinstance(command, Preserve):
        return f"keeping evidence {called}"
    if isinstance(command, Announce | Page):
        return f"{'telling' if isinstance(command, Announce) else 'paging'} {shown(command.to)}"
    return f"reading {called}"


def _lasted(one: Busy, now: float) -> str:
    timeout = getattr(one.command, "timeout", None)
    elapsed = spoken(float(int(max(0.0, now - one.since))))
    return f"{elapsed} of {spoken(timeout)}" if timeout else elapsed


def _row(sign: str, role: str, text: str, right: str, style: Style) -> str:
    """`▸ text      right`; the text gives way."""
    room = style.width - 4 - columns(right) - 2
    text = cut(text, max(8, room))
    gap = " " * max(2, style.width - 4 - columns(text) - columns(right))
    return f"  {style.paint(role, sign)} {text}{gap}{style.paint('dim', right)}"


def _looks(story: Story, busy: Mapping[str, Busy], now: float, style: Style) -> list[str]:
    """Steps that are looked at again, between two looks: what the last one saw, and how much time is left."""
    reading = {one.command.path for one in busy.values()}
    lines = []
    for look, again in story.looks.open():
        if look.path in reading or _over(story, look.path):
            continue
        due = again - now
        coming = f"next look in {spoken(float(int(due)))}" if due >= 1 else "looking"
        text = f"{shown(look.id)}: {VERDICT[look.verdict].word} at look {look.number}, {coming}"
        lines.append(_row("▸", "busy", text, _left(look.until, now), style))
    return lines


def _verification(story: Story, now: float, style: Style) -> list[str]:
    """The last round in one line, and how far the hold and the time have come."""
    last = story.rounds.last
    if last is None or last.number == 0 or _over(story, last.path):
        return []
    head = f"  round {last.number}: {VERDICT[last.verdict].word}"
    plain = [f"{VERDICT[check.verdict].sign} {shown(check.id)} {VERDICT[check.verdict].word}" for check in last.checks]
    fits = columns("  ".join([head, *plain])) <= style.width
    parts = [
        style.paint(VERDICT[check.verdict].role, text if fits else cut(text, style.width - 4))
        for check, text in zip(last.checks, plain, strict=True)
    ]
    lines = ["  ".join([head, *parts])] if fits else [head, *(f"    {part}" for part in parts)]
    verification = story.known.book.verification_of(last.path.split("/")[1]) if story.known.book else None
    if verification is not None:
        lines.append(style.paint("dim", cut(f"    {_progress(story, verification, now)}", style.width)))
    return lines


def _progress(story: Story, verification: Verification, now: float) -> str:
    rounds = story.rounds
    parts = []
    if verification.hold and rounds.passing_since is not None:
        held = min(now - rounds.passing_since, verification.hold)
        parts.append(f"holds for {spoken(float(int(held)))} of {spoken(verification.hold)}")
    elif verification.hold:
        parts.append(f"must hold for {spoken(verification.hold)}")
    spent = min(now - rounds.first_began, verification.within)
    parts.append(f"{spoken(float(int(spent)))} of {spoken(verification.within)} gone")
    if rounds.last is not None:
        left = rounds.last.began + verification.every - now
        parts.append(f"next look in {spoken(float(int(left)))}" if left >= 1 else "looking")
    return ", ".join(parts)


def _over(story: Story, path: str) -> bool:
    parts = path.split("/")
    ended = story.history.options.get(parts[1]) if len(parts) > 1 else None
    return ended is not None and ended.ended is not None


def _waiting(story: Story, held: str | None, now: float, style: Style) -> list[str]:
    lines = []
    for gate in story.history.open_gates:
        asks = gate.terms.asks or str(gate.terms.required)
        text = f"gate {shown(gate.option)} is open, it needs {shown(asks)}"
        lines.append(_row("◌", "warn", text, _left(gate.deadline, now), style))
    for question in story.history.open_questions:
        text = f"waiting for an answer: {shown(first_line(question.question))}"
        lines.append(_row("◌", "warn", text, _left(question.deadline, now), style))
    if held is not None:
        lines.append(_row("◌", "warn", f"waiting for a target: {shown(held)}", "", style))
    return lines


def _left(deadline: float | None, now: float) -> str:
    if deadline is None:
        return ""
    return f"{span(max(0.0, float(int(deadline - now))))} left"


def _settling(story: Story, now: float, style: Style) -> list[str]:
    """Between the last change of an option and its first round, things are given time to settle."""
    changes = list(story.history.changes.values())
    if not changes:
        return []
    _, name, *_ = changes[-1].path.split("/")
    option, row = story.known.option(name), story.history.rows[changes[-1].path]
    if option is None or not option.settle or row.finished is None or _over(story, changes[-1].path):
        return []
    if story.rounds.last is not None and story.rounds.last.path == f"resolution/{name}/verification":
        return []
    gone = min(max(0.0, now - row.finished), option.settle)
    right = f"{spoken(float(int(gone)))} of {spoken(option.settle)}"
    return [_row("▸", "busy", "letting things settle", right, style)]


def _timers(story: Story, now: float) -> list[str]:
    """What comes by itself: the next update, and the page that goes out while nobody has resolved it."""
    book, since = story.known.book, story.confirmed_at
    if book is None or since is None:
        return []
    timers = []
    for message in book.communication:
        if message.every:
            left = message.every - (now - since) % message.every
            timers.append(f"next update to {shown(message.to)} in {_coarse(left)}")
    escalation = book.escalation
    if escalation is not None and escalation.after and not story.history.pages:
        left = since + escalation.after - now
        timers.append(f"page to {shown(escalation.to)} in {_coarse(left)}" if left > 0 else "page is due")
    return timers


def _coarse(seconds: float) -> str:
    """Minutes where there are some: seconds that run are noise."""
    return spoken(float(seconds // 60 * 60)) if seconds >= 120 else spoken(float(int(seconds)))
