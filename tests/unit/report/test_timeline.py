"""An incident's timeline, drawn."""

from __future__ import annotations

import pytest

from runbook.incident import records as r
from runbook.incident.desk import records, told
from runbook.incident.merging import merged
from runbook.journal import Record
from runbook.report.style import Style
from runbook.report.timeline import Entry, entries, timeline_markdown, timeline_object, timeline_text
from support import histories
from support.incidents import at, declared, room, said


def night() -> list[Record]:
    """An incident with a note and a backdated time."""
    place = room()
    id_ = declared(place)
    said(place, id_, r.TIMED, time="impact_started", at=at(place, -600), source="graph", reason=None)
    said(place, id_, r.NOTED, about="note", text="a | b <script> `c`")
    return list(records(place.journal, id_))


def of_run(name: str) -> list[Entry]:
    """The lines of a run that ended in some way."""
    return list(entries(getattr(histories, name)().records))


@pytest.mark.parametrize("name", ["resolved", "denied", "in_doubt", "undone", "asked", "interrupted"])
def test_every_record_of_a_run_is_one_line(name: str) -> None:
    """Rounds that the run's own view gathers are told check by check here: nothing is left out."""
    found = of_run(name)
    assert [one.seq for one in found] == [record.seq for record in getattr(histories, name)().records]
    assert all(one.text for one in found)


def test_what_a_run_says_is_what_it_was_told_with() -> None:
    """Gates, votes, changes, messages and evidence, each under the heading of its phase."""
    text = "\n".join(one.text for one in of_run("resolved"))
    for words in (
        "Gate rollback: ben says yes: looks right",
        "Message to incidents (initial): sent",
        "roll_back: applied",
    ):
        assert words in text


def test_what_is_important_is_marked_and_read_alone() -> None:
    """Decisions, changes and ends; not each look at a graph."""
    types = {one.type for one in of_run("resolved") if one.important}
    assert {"run.started", "decision.given", "change.resulted", "run.finished"} <= types
    assert not types & {"step.observed", "change.planned", "gate.opened"}


def test_a_backdated_record_says_when_it_was_written_and_when_it_happened() -> None:
    """The order is the store's; the time that somebody gave stands beside it."""
    _, timed, _ = entries(night())
    assert timed.at - timed.happened == 660
    told_ = timeline_object("INC-1", [timed], [])["timeline"][0]
    assert told_["at"] > told_["happened"]
    assert told_["record"]["seq"] == 1 and len(told_["record"]["hash"]) == 64


def test_text_has_days_times_and_records() -> None:
    """In UTC; a person is named where the words do not."""
    text = timeline_text(entries(night()), Style(width=100))
    assert text.splitlines()[0].endswith("(UTC)")
    assert "Z  impact started at" in text and "says graph (ana) [INC-1#1]" in text


def test_markdown_is_a_table_in_which_nothing_is_more_than_text() -> None:
    """What somebody noted cannot draw a column, a link or a tag."""
    row = timeline_markdown(entries(night())).splitlines()[-1]
    assert row.endswith(r"| note: a \| b \<script\> \`c\` | `INC-1#2` |")


def test_runs_that_the_store_does_not_have_are_left_out() -> None:
    """An incident that was imported may name them."""
    place = room()
    id_ = declared(place, run="01k", runbook="api")
    assert [one.stream for one in merged(place.journal, told(place.journal, id_))] == ["incident/INC-1"]
