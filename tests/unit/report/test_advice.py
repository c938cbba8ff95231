"""What an author says to people is drawn where they decide, and whom to reach where nobody else can help."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from runbook.core.advice import Advice
from runbook.core.commands import Approve, Proposal
from runbook.document.model import Link
from runbook.hosts.said import Gate
from runbook.report.advice import SHORT, brief
from runbook.report.final import report
from runbook.report.gate import gate_text
from runbook.report.lines import Lines
from runbook.report.next_steps import waiting
from runbook.report.run_json import run_object
from runbook.report.sheet import sheet_from, sheet_of
from runbook.report.style import Style
from support import histories

STYLE = Style(zone=UTC)
NOW = histories.START
SAID = {
    "caution": "Everybody logs in again",
    "advice": {"caution": "Carts are lost", "links": [{"title": "Carts", "url": "https://carts.example.com"}]},
}
CONTACTS = [{"name": "Storage team", "reach": "#storage"}]


def test_a_gate_shows_every_caution_on_either_terminal() -> None:
    """Drawn from the command where the run is driven, and from the record elsewhere: the same words."""
    advice = Advice(caution="Carts are lost", links=(Link(title="Carts", url="https://carts.example.com"),))
    change = Proposal(path=histories.ROLLBACK, change=histories.rollback(), advice=Advice(caution="It is loud"))
    command = Approve(
        key="k", path="p", option="o", changes=(change,), caution="Everybody logs in again", advice=advice
    )
    terms = histories.waiting().history.open_gates[0].terms
    here = gate_text(sheet_of(Gate(command=command, terms=terms, deadline=NOW)), STYLE, NOW)
    history = histories.waiting(**SAID).history
    there = gate_text(sheet_from(history.open_gates[0], history), STYLE, NOW)
    for text in (here, there):
        assert "  caution   Everybody logs in again\n  caution   Carts are lost\n  link      Carts: https://" in text
    assert "    caution   It is loud\n" in here


def test_a_description_is_short_where_people_decide() -> None:
    """Its first paragraph, on a line that is not endless."""
    assert brief("One\ntwo.\n\nThree.") == "One two."
    assert len(brief("x" * 999)) == SHORT


def test_what_waits_brings_its_cautions() -> None:
    """Whoever approves from a list has read them too."""
    [one] = waiting(histories.waiting(**SAID).history, histories.RUN, alive=True)
    assert [advice.caution for advice in one.advice] == ["Everybody logs in again", "Carts are lost"]
    found = run_object(histories.waiting(**SAID).history, histories.RUN, alive=True)
    assert found["waiting"][0]["cautions"] == ["Everybody logs in again", "Carts are lost"]


def paged(outcome: str, *, pages: int) -> histories.Tape:
    tape = histories.started(contacts=CONTACTS)
    for number in range(pages):
        tape.add("page.sent", f"escalation:page#{number + 1}", to="storage", reason="nobody decided", status="sent")
    return histories.finished(tape, outcome)


@pytest.mark.parametrize(
    ("outcome", "pages", "named"),
    [("not_resolved", 0, 1), ("not_resolved", 2, 1), ("resolved", 1, 1), ("resolved", 0, 0), ("blocked", 0, 1)],
)
def test_who_can_help_is_named_once_when_somebody_is_called_or_nothing_helped(
    outcome: str, pages: int, named: int
) -> None:
    """In the lines of the run, at its end, and for scripts."""
    tape, stream = paged(outcome, pages=pages), io.StringIO()
    lines = Lines(stream, STYLE)
    for record in tape.records:
        lines.record(record)
    assert stream.getvalue().count("to reach Storage team: #storage") == named
    assert report(tape.history, histories.RUN, STYLE, NOW).count("Storage team: #storage") == named
    assert len(run_object(tape.history, histories.RUN, alive=False)["contacts"]) == named


def test_a_manual_step_brings_what_its_author_says() -> None:
    """The caution first, each on a line of its own."""
    tape, stream = histories.started(), io.StringIO()
    advice = {"caution": "Touch nothing", "description": "It is\nthere.\n\nMore."}
    said = {"purpose": "manual", "question": "Look", "choices": ["done"], "id": "hand", "advice": advice}
    tape.add("question.opened", "resolution/rollback/hand:ask#1", **said)
    lines = Lines(stream, STYLE)
    for record in tape.records:
        lines.record(record)
    assert "! caution: Touch nothing\n" in stream.getvalue()
    assert stream.getvalue().endswith("· It is there.\n")
