"""Whatever was dropped of a record, everything that tells of it goes on, and says so where the value stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import msgspec
import pytest

from runbook.core.dropped import Path, Tombstone, lost
from runbook.core.history import history
from runbook.incident.leftovers import leftovers
from runbook.incident.messages import messages
from runbook.incident.metrics.runs import run_facts
from runbook.journal import Draft
from runbook.journal.record import Record
from runbook.report.audit import audited, csv_line
from runbook.report.run_json import event_object, json_text, run_object
from runbook.report.story import Story
from runbook.report.style import Style
from runbook.report.tables import log_line
from runbook.report.timeline import entries, timeline_markdown, timeline_text
from support import histories
from support.histories import RUN, Tape
from support.journals import ANA, in_memory

PLAIN = Style(width=200, zone=UTC, colour=False)
NIGHTS: dict[str, Callable[[], Tape]] = {
    name: getattr(histories, name) for name in ("resolved", "in_doubt", "denied", "undone", "asked", "interrupted")
}


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Everything of a record's data that could stand beside it: what is large enough in some night or other."""
    if isinstance(value, dict):
        yield path, "object"
        for name, item in value.items():
            yield from paths(item, (*path, name))
    elif isinstance(value, list | tuple):
        yield path, "list"
        for number, item in enumerate(value):
            yield from paths(item, (*path, number))
    elif isinstance(value, str) and path[-1] in _FREE:
        yield path, "text"


# Text that has no bounds; the others are words, names and digests of the engine's own.
_FREE = {"reason", "text", "diff", "by_hand", "summary", "stdout", "message", "after", "before", "question", "asks"}


def without(record: Record, path: Path, shape: str) -> Record:
    tombstone = Tombstone(
        digest="sha256:" + "a" * 64,
        size=20_000,
        media="text/plain",
        shape=shape,
        at="2026-11-23T03:00:00.000000Z",
        reason="a token was printed",
        by="ann",
    )
    data: Any = json.loads(json.dumps(msgspec.to_builtins(record.data)))
    inside = whole = {"data": data}
    for name in ("data", *path)[:-1]:
        inside = inside[name]
    inside[("data", *path)[-1]] = tombstone.value
    data = whole["data"]
    return msgspec.structs.replace(record, data=data, dropped=tuple(lost(data)))


def readers(records: list[Record]) -> str:
    """Everything that reads a whole run; what it says."""
    story, past = Story(), history(records)
    told = [fact.text for record in records for fact in story.take(record)]
    lines = [log_line(record, PLAIN) for record in records]
    whole = json.loads(json_text(run_object(past, RUN, alive=False)))
    events = [json_text(event_object(record)) for record in records]
    row = audited(RUN, records)
    timeline = list(entries(records))
    lines += [timeline_text(timeline, PLAIN), timeline_markdown(timeline)]
    lines += [left.summary for left in leftovers(RUN, past)] + [message.text for message in messages(records).all]
    assert run_facts(RUN, records) is not None
    return "\n".join([*told, *lines, json.dumps(whole), *events, csv_line(row.row.values())])


@pytest.mark.parametrize("night", NIGHTS)
def test_nothing_stumbles_over_what_was_dropped(night: str) -> None:
    """Each part of each record of a night, one after another; the log says of each what became of it."""
    records = NIGHTS[night]().records
    for number, record in enumerate(records):
        for path, shape in paths(record.data):
            left = [*records[:number], without(record, path, shape), *records[number + 1 :]]
            assert '"reason":"a token was printed"' in readers(left), (record.type, path)


@pytest.mark.parametrize(("count", "said"), [(1, "1 payload dropped by ana"), (2, "2 payloads dropped by ana")])
def test_a_drop_is_told_with_how_many_it_were(count: int, said: str) -> None:
    """In the story of the run, with the reason."""
    journal = in_memory()
    data = {"count": count, "reason": "SEC-114"}
    journal.open_stream("run/1", Draft("payloads.dropped", None, data, ANA), epoch=0)
    [record] = journal.read("run/1")
    assert [fact.text for fact in Story().take(record)] == [f"{said}: SEC-114"]
