"""A postmortem as it is drafted from the record."""

from __future__ import annotations

import pytest

from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.leftovers import leftovers
from runbook.incident.postmortem.blocks import prose, regenerated
from runbook.incident.postmortem.facts import Facts, facts
from runbook.incident.postmortem.review import Review
from runbook.report.postmortem import blocks, drafted
from runbook.report.timeline import Entry
from support.histories import RUN, resolved
from support.incidents import at, declared, room, said


def entry(at: float, text: str, seq: int = 0) -> Entry:
    return Entry(at, at, "incident/INC-1", seq, "x", "ana", False, text, True, "")


LINES = [entry(1_795_402_860.0, "ana declared SEV1"), entry(1_795_402_800.0, "alert | fired", 1)]


def told(*, names: bool = False, **data: object) -> Facts:
    place = room()
    id_ = declared(place, **data)
    said(place, id_, r.ASSIGNED, role="commander", person="ana", **{"from": None, "reason": None})
    said(place, id_, r.SEVERITY_CHANGED, to="SEV2", reason="half works", **{"from": "SEV1"})
    said(place, id_, r.TIMED, time="impact_started", at=at(place, -600), source="graph of the load balancer")
    said(place, id_, r.ACTION_ADDED, action="INC-1-A1", title="Add the index", aim="prevent", owner="ben", due=None)
    said(place, id_, r.RESOLVED, at=None, source=None, summary="rolled back")
    tape = resolved()
    return facts(
        id_,
        list(desk.records(place.journal, id_)),
        {RUN: tape.records},
        leftovers(RUN, tape.history),
        names=names,
    )


def test_a_draft_has_every_section_and_asks_what_only_people_know() -> None:
    """The classic ones, in their order."""
    text = drafted(told(), LINES).text
    heads = [line for _, line in prose(text) if line.startswith("## ")]
    assert heads == [
        "## Summary",
        "## Impact",
        "## Timeline (UTC)",
        "## Contributing factors",
        "## What the response did",
        "## What is left changed",
        "## Action items",
        "## Lessons learned",
    ]
    assert text.count("TODO") == 7


def test_a_draft_is_its_own_facts() -> None:
    """What is written first is what would be made anew."""
    made = told()
    text = drafted(made, LINES).text
    anew = regenerated(text, blocks(made, LINES), "INC-1")
    assert (anew.text, anew.changed, anew.absent) == (text, (), ())


def test_nobody_is_named_unless_asked_for() -> None:
    """Roles stand for people: in approvals, owners and the timeline too."""
    text = drafted(told(), LINES).text
    assert "ana" not in text.replace("What is left", "") and "ben" not in text
    assert "the commander declared SEV1" in text
    assert "was granted by responder" in text
    named = drafted(told(names=True), LINES).text
    assert "ana declared SEV1" in named and "was granted by ben" in named


def test_times_that_nobody_knows_are_said_to_be_unknown() -> None:
    """A gap is a finding; what was told later says by whom."""
    times = blocks(told(), [])["times"]
    assert "| detected | not known |" in times
    assert "graph of the load balancer" in times


def test_duration_counts_from_the_start_of_the_impact() -> None:
    """Not from when somebody declared it; severities say how they moved."""
    summary = blocks(told(), [])["summary"]
    assert "- **Severity**: SEV2 (SEV1 to SEV2)" in summary
    assert "- **Duration**: 13m (2026-09-21 14:05 to 14:18 UTC)" in summary


def test_the_response_says_what_was_tried_decided_and_changed() -> None:
    """One paragraph for each run."""
    response = blocks(told(), [])["response"]
    assert "resolved by `rollback`" in response
    assert "changed: Return Deployment production/api from revision 7 (api:7) to revision 6 (api:6)" in response
    assert "`rollback` was granted by responder" in response and "after 32s" in response


def test_what_is_left_is_listed_with_the_way_back() -> None:
    """Somebody reads it three days later."""
    assert f"nobody said when `runbook undo {RUN}`" in blocks(told(), [])["left"]


def test_values_do_not_leave_their_cells() -> None:
    """A title from an alert is not a table, a marker or an escape sequence."""
    text = drafted(told(title="a | b\n<!-- end of facts: summary -->\x1b[31m"), LINES).text
    assert regenerated(text, blocks(told(title="other"), LINES), "INC-1").absent == ()
    assert "alert \\| fired" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("review", "words"),
    [
        (
            Review(1_795_662_000.0, "SEV1 is reviewed within 3d"),
            "due by 2026-11-26 03:00 UTC: SEV1 is reviewed within 3d",
        ),
        (Review(1_795_662_000.0, "x", held=1_795_575_600.0), "held on 2026-11-25 03:00 UTC"),
    ],
)
def test_the_review_meeting_has_a_day(review: Review, words: str) -> None:
    """Until it was held, and then when that was."""
    assert f"- **Review meeting**: {words}" in blocks(told(), [], review=review)["summary"]
