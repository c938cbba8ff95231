"""Every record that matters to a person becomes a fact, under the heading of its phase."""

from __future__ import annotations

from datetime import UTC

import msgspec
import pytest

from runbook import kinds
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.report.story import Story
from support import histories
from support.hostile import hostile, inert


def facts(tape: histories.Tape, *, known: bool = True) -> list[tuple[str | None, str]]:
    story = Story(histories.book() if known else None, UTC)
    return [(fact.phase, fact.text) for record in tape.records for fact in story.take(record)]


def text(tape: histories.Tape) -> str:
    return "\n".join(said for _, said in facts(tape))


def test_phases_come_in_the_order_of_the_night():
    """Headings follow the run: symptoms, triage, plan, checks, gate, change, verification, outcome."""
    phases = list(dict.fromkeys(phase for phase, _ in facts(histories.resolved()) if phase))
    assert phases == [
        "Run",
        "Symptoms",
        "Triage",
        "Option rollback: Roll back the last deployment",
        "Checks before the change",
        "Gate rollback: Roll back the last deployment",
        "Verification of rollback",
        "Outcome",
    ]


@pytest.mark.parametrize(
    ("night", "said"),
    [
        ("resolved", "error_rate: More than 5 % of requests fail: is there, value 0.12 (expects value > 0.05)"),
        ("resolved", "redis: Redis answers: fail, reachable false, error refused"),
        ("resolved", "Message to incidents (initial): sent"),
        ("resolved", "Evidence logs: missing: may not read logs"),
        ("resolved", "ben says yes: looks right"),
        ("resolved", "roll_back: planned again, as approved"),
        ("resolved", "roll_back: has taken effect"),
        ("resolved", "Resolved by rollback: the trouble is over"),
        ("denied", "ben says no: wrong deployment"),
        ("in_doubt", "process group 4711 of it still runs"),
        ("undone", "roll_back: taken back"),
        ("undone", "Page to production: sent through incidents; outcome not_resolved"),
        ("asked", "asks: It could not be seen whether this helped"),
    ],
)
def test_the_facts_of_a_night_are_told(night, said):
    """What a person must know stands in a line of its own."""
    assert said in text(histories.NIGHTS[night]())


@pytest.mark.parametrize("night", sorted(histories.NIGHTS))
def test_a_story_goes_on_from_what_was_told_before(night):
    """Of the past no sentence is made, and what follows is told as if there had been one."""
    records = histories.NIGHTS[night]().records
    for told in (1, len(records) // 2, len(records) - 1):
        whole, resumed = Story(histories.book(), UTC), Story(histories.book(), UTC)
        for record in records[:told]:
            whole.take(record)
            resumed.take(record, past=True)
        assert [whole.take(record) for record in records[told:]] == [resumed.take(record) for record in records[told:]]


@pytest.mark.parametrize(
    ("type_", "key", "data", "said"),
    [
        ("run.resumed", None, {"by": "ben"}, "resumed by ben"),
        ("abort.requested", None, {"by": "ben", "reason": "enough"}, "abort asked for by ben: enough"),
        ("clock.jumped", None, {"seconds": 90.0}, "jumped by 1m30s"),
        ("alert.joined", None, {"alert": {"labels": {"alertname": "High"}}}, "alert High joined"),
        ("settlement.given", "a/b/c:apply#1", {"as": "not_applied", "by": "ben", "reason": "saw it"}, "not applied by"),
        ("change.planned", "a/b/c:plan#1", {"nothing": "10 run already"}, "nothing to do; 10 run already"),
        ("change.planned", "a/b/c:plan#1", {"refused": "too many"}, "refused; too many"),
        ("change.planned", "a/b/c:plan#1", {"waits_for": ["x"]}, "can be planned after x"),
        ("change.confirmed", "a/b/c:apply#1", {"found": "not_applied", "reason": "gone"}, "proven not to be applied"),
        ("answer.given", "a/b/c:ask#1", {"expired": True}, "nobody answered in time"),
        ("answer.given", "a/b/c:ask#1", {"value": "done", "by": "ann"}, "answered done by ann"),
        ("note.added", "triage/x:note#1", {"about": "step", "status": "skipped", "reason": "when: no"}, "skipped"),
        ("note.added", "x:note#1", {"about": "when", "option": "scale_up", "when": "cannot tell"}, "cannot tell"),
        ("wait.ended", "resolution/rollback/settle:wait#1", {}, "let things settle for 2m"),
        ("wait.ended", "triage/history:wait#1", {}, "history: Recent deployments: waited"),
        ("message.sent", "c:announce#1", {"channel": "x", "status": "unknown"}, "may be sent"),
    ],
)
def test_every_kind_of_event_is_told(type_, key, data, said):
    """Also what happens on rare nights."""
    assert said in text(histories.started().add(type_, key, **data))


@pytest.mark.fault(89)
def test_unknown_events_are_not_told_and_do_no_harm():
    """A log of a newer version can still be followed."""
    tape = histories.started()
    before = len(facts(tape))
    assert len(facts(tape.add("weather.changed", None, to="rain"))) == before


def test_pauses_between_rounds_are_not_told():
    """A wait of the engine's own is nobody's news."""
    tape = histories.started()
    before = len(facts(tape))
    tape.add("wait.ended", "resolution/rollback/verification:wait#1")
    assert len(facts(tape.add("wait.ended", "communication/update:wait#1"))) == before


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_facts_are_inert_whatever_they_are_told_from(night):
    """No text of a record reaches a view as it was."""
    assert all(inert(said) and inert(phase or "") for phase, said in facts(hostile(histories.NIGHTS[night]())))


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_a_run_is_told_without_its_runbook(night):
    """Only expectations and titles are missing then."""
    assert len(facts(histories.NIGHTS[night](), known=False)) >= len(facts(histories.NIGHTS[night]())) - 1


SECOND = "resolution/rollback/scale"


def test_every_change_of_a_gate_is_known_as_approved():
    """A later change of one target was shown with what it comes after; its plan alone is the same."""
    first = histories.rollback()
    second = histories.rollback(summary="Scale Deployment production/api", diff="")
    shown = [first, msgspec.structs.replace(second, after=first.digest)]
    tape = histories.planned(histories.planned(histories.started(), histories.ROLLBACK, first), SECOND, second)
    changes = [
        {"path": path, "digest": change.digest, "summary": change.summary}
        for path, change in zip((histories.ROLLBACK, SECOND), shown, strict=True)
    ]
    histories.gated(tape, histories.ROLLBACK, *shown, changes=changes)
    histories.decided(tape, "rollback", "granted")
    histories.planned(histories.planned(tape, histories.ROLLBACK, first, 2), SECOND, second, 2)
    texts = [said for _, said in facts(tape)]
    assert texts[-2:] == ["roll_back: planned again, as approved", "scale: planned again, as approved"]


def test_what_a_step_reads_out_of_a_text_is_told_in_its_place():
    """The value that matters, not the text that it stands in."""
    text = (
        "apiVersion: runbook/v1\nkind: Runbook\nname: x\ntitle: X\ntriage:\n"
        "  - {id: version, uses: command.run, with: {argv: [x], effect: read}, outputs: {version: {line: 1}}}\n"
    )
    book = load(text.encode(), kinds.specs()).document
    assert isinstance(book, Runbook)
    story, tape = Story(book, UTC), histories.Tape()
    output = {"exit_code": 0, "stdout": "3.5.9\nand much more\n", "version": "3.5.9"}
    tape.add("step.observed", "triage/version:observe#1", id="version", status="succeeded", output=output)
    [fact] = story.take(tape.records[0])
    assert fact.text == "version: seen, version 3.5.9"
