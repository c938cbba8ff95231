"""Lists: runs, what waits for a decision, runbooks, records. Plain columns without borders, for grep and awk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.report.layout import command, heading, paragraph, table
from runbook.report.safe import cut, first_line, shown, wrapped
from runbook.report.times import by_when, clock, minute, span
from runbook.report.values import pairs, seen
from runbook.report.where import where_text

if TYPE_CHECKING:
    from runbook.core.records import Written
    from runbook.report.next_steps import Waits
    from runbook.report.run_json import Listed
    from runbook.report.style import Style

_PART = 60  # columns of one value in a line of the log
ROOMY = 100  # columns from which a list also says how long and by whom


class Book(NamedTuple):
    """One runbook in a list. `stale` says why its review is due, in words; None when it is not."""

    name: str
    title: str
    severity: str | None = None
    service: str | None = None
    reviewed: str | None = None
    stale: str | None = None


class Waiting(NamedTuple):
    """A run and what it waits for; `where` says in which environment and on what."""

    run: str
    runbook: str
    waits: Sequence[Waits]
    where: str = ""


def runs_text(rows: Sequence[Listed], style: Style) -> str:
    """Runs, newest first, each with where and on what it works and what it waits for below it."""
    if not rows:
        return "no runs yet; start one with: runbook run NAME"
    newest = sorted(rows, key=lambda row: row.started, reverse=True)
    wide = style.width >= ROOMY
    header = ("run", "came of it", "started", *(("took", "by") if wide else ()), "runbook")
    head, *lines = table([_run(row, wide) for row in newest], style, header=header)
    drawn = [head]
    for row, line in zip(newest, lines, strict=True):
        drawn.append(line)
        if where := where_text(row.environment, row.target):
            drawn += [style.paint("dim", part) for part in wrapped(shown(where), style.width, indent="  ")]
        if row.seal and "missing" in row.seal:
            text = shown(f"! unsigned: {row.seal['missing']}")
            drawn += [style.paint("warn", part) for part in wrapped(text, style.width, indent="  ")]
        if row.continued:
            drawn.append(style.paint("dim", shown(f"  → went on as {row.continued}")))
        for waits in row.waits:
            drawn += [
                style.paint("warn", part) for part in wrapped(shown(f"◌ {first_line(waits)}"), style.width, indent="  ")
            ]
    return "\n".join(drawn)


def runbooks_text(books: Sequence[Book], style: Style) -> str:
    """Runbooks by name."""
    cells = [
        (book.name, book.severity or "-", book.service or "-", _reviewed(book), book.title)
        for book in sorted(books, key=lambda book: book.name)
    ]
    return "\n".join(table(cells, style, header=("name", "severity", "service", "reviewed", "title")))


def approvals_text(waiting: Iterable[Waiting], style: Style, now: float) -> str:
    """What waits for people, of every open run, with the commands to type."""
    from runbook.report.advice import advice_lines  # the other lists know nothing of what is said beside a step

    lines: list[str] = []
    for run, runbook, waits, where in waiting:
        for one in waits:
            lines += [*([""] if lines else []), heading(f"{shown(runbook)} {shown(run)}", style)]
            lines += paragraph(where, style, role="dim") if where else []
            lines += paragraph(one.text, style)
            for advice in one.advice:
                lines += advice_lines(advice, style)
            if one.deadline is not None:
                lines += paragraph(f"until {by_when(one.deadline, now, style.zone)}", style)
            for next_ in one.commands:
                lines += command(next_.line, style, indent=4)
    return "\n".join(lines) if lines else "nothing waits"


def log_line(record: Written, style: Style) -> str:
    """One record on one line: place, time, event, key, and the beginning of what it says."""
    who = "" if record.actor.kind == "engine" else f" {shown(record.actor.id)}"
    key = f" {shown(record.key)}" if record.key else ""
    line = f"{record.seq:>4} {clock(record.time)} {shown(record.type)}{key}{who} {_said(record.data)}"
    return cut(line.rstrip(), style.width)


# What is read first stands first; what the key says already, or what is so in nearly every record, is left out.
_FIRST = (
    *("outcome", "verdict", "applied", "found", "as", "value", "by", "reason", "error", "output", "change"),
    *("runbook", "option", "channel", "to", "status", "title", "severity", "text"),
)
_DULL = frozenset(
    {"command", "documents", "kinds", "id", "phase", "kind", "started", "grant", "boot", "intent"}
    | {"engine", "procedure", "asked", "tries", "audience", "changes", "terms", "payloads", "catalog"}
)


def _said(data: Mapping[str, Any]) -> str:
    names = [name for name in dict.fromkeys((*_FIRST, *data)) if name in data and name not in _DULL]
    parts = {name: _summary(name, data[name]) for name in names if data[name] not in (None, "", False, [], {})}
    return pairs(parts, _PART)


def _summary(name: str, item: Any) -> Any:
    """Of an output what says something, of a change its summary, of an error its message."""
    if not isinstance(item, Mapping):
        return item
    return seen(item) if name == "output" else item.get("summary") or item.get("message") or item


def _run(row: Listed, wide: bool) -> tuple[str, ...]:
    took = span(row.finished - row.started) if row.finished is not None else "open"
    more = (took, row.initiator) if wide else ()
    return (row.run, (row.outcome or str(row.status)).replace("_", " "), minute(row.started), *more, row.runbook)


def _reviewed(book: Book) -> str:
    if book.stale:
        return f"{book.reviewed or 'never'} ({book.stale})"
    return book.reviewed or "-"
