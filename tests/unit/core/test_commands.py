from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook.core.canonical import digest
from runbook.core.changes import Change, Target
from runbook.core.commands import Apply, Approve, Ask, Note, Observe, PlanChange, Proposal, Undo, Wait
from runbook.document.durations import Duration
from runbook.document.model import Approval, Output, Retry
from runbook.document.words import Effect, Series
from support.machines import change

OBSERVE = Observe(key="a:observe#1", path="a", id="a", phase="triage", kind="look", inputs={"q": 1})
GATE = Approve(
    key="resolution/o:approve#1",
    path="resolution/o",
    option="o",
    changes=(Proposal(path="resolution/o/a", change=change("a")), Proposal(path="resolution/o/b", change=change("b"))),
    approval=Approval(required=2, from_=("sre",), timeout=Duration(600.0)),
)
APPLY = Apply(key="a:apply#1", path="a", id="a", phase="resolution", change=change("a"), grant="g")


def replaced(command: Any, **more: Any) -> Any:
    return msgspec.structs.replace(command, **more)


@pytest.mark.parametrize(
    ("command", "other"),
    [
        (OBSERVE, {"key": "a:observe#2"}),
        (OBSERVE, {"inputs": {"q": 2}}),
        (OBSERVE, {"kind": "ping"}),
        (OBSERVE, {"timeout": 3.0}),
        (OBSERVE, {"expect": "value"}),
        (OBSERVE, {"series": Series.ALL}),
        (OBSERVE, {"retry": Retry(attempts=3)}),
        (OBSERVE, {"retry": Retry(delay=Duration(2.0))}),
        (OBSERVE, {"sent": change("a")}),
        (GATE, {"approval": Approval(required=1, from_=("sre",), timeout=Duration(600.0))}),
        (GATE, {"approval": Approval(required=2, from_=("sre",), timeout=Duration(60.0))}),
        (GATE, {"approval": None}),
        (GATE, {"attempt": 2}),
        (GATE, {"changes": GATE.changes[:1]}),
        (GATE, {"later": ("c",)}),
        (APPLY, {"change": change("a", to=7)}),
        (APPLY, {"grant": "h"}),
    ],
)
def test_another_question_has_another_digest(command: Any, other: dict[str, Any]) -> None:
    """A log that was written for it does not match."""
    assert replaced(command, **other).digest != command.digest


@pytest.mark.parametrize(
    ("command", "other"),
    [
        (OBSERVE, {"title": "A new title"}),
        (OBSERVE, {"phase": "symptoms"}),
        (OBSERVE, {"scope": {"params": {}}}),
        (OBSERVE, {"inputs": {"q": 1.0}}),
        (APPLY, {"change": replaced(change("a"), precondition={"generation": 4}, diff="…")}),
    ],
)
def test_what_only_helps_to_draw_does_not_make_a_log_diverge(command: Any, other: dict[str, Any]) -> None:
    """Titles, phases, the scope of a message, and of a change whatever may move."""
    assert replaced(command, **other).digest == command.digest


def test_the_verb_is_part_of_what_is_asked() -> None:
    """An undo is not the change itself, sent again."""
    undo = Undo(key="a:apply#1", path="a", id="a", phase="resolution", change=change("a"), grant="g")
    assert undo.digest != APPLY.digest


def test_the_digest_of_a_gate_is_that_of_its_changes_in_order() -> None:
    """What an approval names: turned around it is another gate, asked again or with other terms the same."""
    assert GATE.gate_digest == digest([proposal.change.digest for proposal in GATE.changes])
    assert replaced(GATE, changes=GATE.changes[::-1]).gate_digest != GATE.gate_digest
    assert replaced(GATE, attempt=2, approval=None, title="T").gate_digest == GATE.gate_digest


def test_a_gate_is_as_dangerous_as_its_worst_change() -> None:
    """One destructive change makes the whole stage destructive."""
    wipe = Proposal(path="w", change=change("w", effect=Effect.DESTRUCTIVE))
    assert GATE.effect is Effect.CHANGE
    assert replaced(GATE, changes=(wipe, *GATE.changes)).effect is Effect.DESTRUCTIVE


@pytest.mark.parametrize(
    "command",
    [
        Ask(key="a:ask#1", path="a", purpose="manual", question="?", choices=("yes",), deadline=5.0),
        Wait(key="a:wait#1", path="a", until=5.0),
        Note(key="a:note#1", path="a", about="step", data={"status": "skipped"}),
        PlanChange(key="a:plan#1", path="a", id="a", phase="resolution", kind="turn", inputs={}, hold=("h/lamp/a",)),
    ],
)
def test_every_command_has_a_digest(command: Any) -> None:
    """Sixty-four hexadecimal digits, the same each time."""
    assert len(command.digest) == 64
    assert command.digest == replaced(command).digest


def test_what_a_step_does_not_use_leaves_no_trace_in_its_digest() -> None:
    """Runs that were recorded before there were `outputs` and `until` are resumed: these digests stand in journals."""
    plain = {"id": "a", "phase": "triage"}
    look = Observe(key="triage/a:observe#1", path="triage/a", kind="look", inputs={"of": 1}, **plain)
    assert look.digest == "f5385be4d1d08f59972eb70f2a37637da9788f3fdce899d026b8ec4ee83c2748"
    target = Target(connection="house", kind="lamp", name="l")
    lamp = Change(kind="turn", target=target, summary="on", effect=Effect.CHANGE)
    turn = Apply(key="resolution/o/a:apply#1", path="resolution/o/a", change=lamp, **plain)
    assert turn.digest == "befb1e0f5d75bf080fbcf2e96a2ce17bc4d693bf0f06c2e2a3d4092e02fa69b6"
    for used in ({"outputs": {"x": Output(line=1)}}, {"until": 5.0}, {"again": 5.0}):
        assert replaced(look, **used).digest != look.digest
