"""An incident's timeline: every record of its stream and of its runs, one line each, in the order of the store.

Nothing is written for it and nothing is left out: a line is a record, named by its stream and number, and `important`
only marks those that a reader in a hurry wants. What is said of a run is what it was told with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from runbook.incident import records as r
from runbook.incident.records import PREFIX
from runbook.journal import Record
from runbook.journal.record import seconds
from runbook.report.layout import heading
from runbook.report.safe import shown, wrapped
from runbook.report.story import Story
from runbook.report.style import Style
from runbook.report.tell_incident import told
from runbook.report.times import clock, instant
from runbook.report.values import pairs

_IMPORTANT = frozenset(
    (
        r.DECLARED, r.SEVERITY_CHANGED, r.CLASSIFIED, r.TIMED, r.MITIGATED, r.RESOLVED, r.REOPENED, r.ASSIGNED,
        r.RELIEVED, r.JOINED, r.MESSAGE_SENT, r.ANCHORED, r.FILED, r.WAIVED, r.EXTENDED, r.POSTMORTEM_WRITTEN,
        "run.started", "run.finished", "decision.given", "change.resulted", "change.confirmed", "settlement.given",
        "page.sent", "abort.requested", "alert.joined",
    )
)  # fmt: skip
_IMPORTANT_NOTES = frozenset(("note", "exec", "option"))
_FIELDS = frozenset(("impact", "public", "confidential", "tlp"))  # an update of one of these is important
_MARGIN = len("03:12:05Z  ")
_TYPED = 12  # characters of an id


class Entry(NamedTuple):
    """One record: when it was written, when what it says was, by whom, what it says in words."""

    at: float
    happened: float
    stream: str
    seq: int
    type: str
    by: str
    person: bool
    text: str
    important: bool
    hash: str

    @property
    def link(self) -> str:
        """Where its record is: `INC-1#3`, or the whole id of a run and the number."""
        return f"{self.stream.partition('/')[2]}#{self.seq}"

    @property
    def said(self) -> str:
        """What it says, with who said it where that is not in the words."""
        return f"{self.text} ({shown(self.by)})" if self.person and self.by not in self.text else self.text

    @property
    def short(self) -> str:
        """The same with as much of a run's id as people type."""
        return f"{self.stream.partition('/')[2][:_TYPED]}#{self.seq}"


def entries(records: Iterable[Record]) -> Iterator[Entry]:
    """One entry for each record, in the same order. A run's records must come from its first."""
    stories: dict[str, Story] = {}
    for record in records:
        if record.stream.startswith(PREFIX):
            text = shown(told(record))
        else:
            text = _of_run(stories.setdefault(record.stream, Story(singly=True)), record)
        given = record.data.get("at") if record.stream.startswith(PREFIX) else None
        yield Entry(
            record.time,
            seconds(given) if isinstance(given, str) and given else record.time,
            record.stream,
            record.seq,
            record.type,
            record.actor.id,
            record.actor.kind == "person",
            text,
            _is_important(record),
            record.hash,
        )


def _of_run(story: Story, record: Record) -> str:
    facts = story.take(record)
    if not facts:
        return shown(f"{record.type}{_about(record)}")
    phase = next((fact.phase for fact in facts if fact.phase is not None), None)
    return f"{f'{phase}: ' if phase else ''}{'; '.join(fact.text for fact in facts)}"


def _about(record: Record) -> str:
    """What a record is about that nobody needs a sentence for."""
    if record.key:
        return f" {record.key}"
    plain = {name: item for name, item in record.data.items() if isinstance(item, str | int | float)}
    return f" {pairs(plain)}" if plain else ""


def _is_important(record: Record) -> bool:
    if record.type == r.UPDATED:
        return bool(_FIELDS & record.data.get("fields", {}).keys())
    if record.type == r.NOTED:
        return record.stream.startswith(PREFIX) or record.data.get("about") in _IMPORTANT_NOTES
    if record.type == "vote.given":
        return bool(record.data.get("break_glass"))
    return record.type in _IMPORTANT


def happened(found: Iterable[Entry]) -> list[Entry]:
    """The important ones by when it happened, which is not always when it was written down."""
    return sorted((one for one in found if one.important), key=lambda one: one.happened)


def timeline_object(incident: str, found: Iterable[Entry], missing: Iterable[str]) -> dict[str, Any]:
    """As JSON: times RFC 3339, UTC; `record` names stream, number and hash."""
    return {
        "incident": incident,
        "missing": list(missing),
        "timeline": [
            {
                "at": instant(one.at),
                "happened": instant(one.happened),
                "by": one.by,
                "text": one.text,
                "type": one.type,
                "important": one.important,
                "record": {"stream": one.stream, "seq": one.seq, "hash": one.hash},
            }
            for one in found
        ],
    }


def timeline_text(found: Iterable[Entry], style: Style) -> str:
    """Day by day, in UTC; behind each line its record."""
    lines: list[str] = []
    day = ""
    for one in found:
        today = str(instant(one.at))[:10]
        if today != day:
            lines += [*([""] if lines else []), heading(f"{today} (UTC)", style)]
            day = today
        text = f"{one.said} [{one.short}]"
        first, *more = wrapped(text, style.width - _MARGIN)
        lines += [f"{style.paint('dim', clock(one.at))}  {first}", *(" " * _MARGIN + part for part in more)]
    return "\n".join(lines)


def timeline_markdown(found: Iterable[Entry]) -> str:
    """A table for a postmortem: time, event, record."""
    rows = ["| Time (UTC) | Event | Record |", "| --- | --- | --- |"]
    for one in found:
        at = str(instant(one.at))[:19].replace("T", " ")
        rows.append(f"| {at} | {_cell(one.text)} | `{one.link}` |")
    return "\n".join(rows)


def _cell(text: str) -> str:
    """Text that Markdown takes for nothing but text."""
    flat = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#~" else character for character in flat)
