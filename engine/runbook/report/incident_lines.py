"""The records of an incident and of its runs as lines of a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runbook.journal import Record
from runbook.report.postmortem import Line
from runbook.report.story import Story


def lines(told: Iterable[Record], runs: Mapping[str, Iterable[Record]]) -> list[Line]:
    """What there is to tell of each record, with the record that says so."""
    found = [Line(one.time, f"{one.type} by {one.actor.id}", f"{one.stream}:{one.seq}") for one in told]
    for records in runs.values():
        story = Story()
        for one in records:
            found += [Line(fact.at, fact.text, f"{one.stream}:{one.seq}") for fact in story.take(one)]
    return sorted(found, key=lambda line: line.at)
