from __future__ import annotations

from typing import Any

import pytest

from runbook.core.changes import Outcome
from runbook.core.commands import Approve, Flow
from runbook.core.context import Run
from runbook.core.machine import Machine
from runbook.core.situation import Situation
from runbook.core.taking_back import TakeBack, TakenBack, taken_back
from runbook.core.words import Applied, Mode
from support.machines import KINDS, Play, Script, book, change

DONE = TakeBack(
    run="r0",
    changes=tuple(
        TakenBack(
            key=f"resolution/one/{id_}:apply#1",
            path=f"resolution/one/{id_}",
            id=id_,
            option="one",
            change=change(id_),
            outcome=Outcome(applied=Applied.YES),
        )
        for id_ in "ab"
    ),
)


def back(what: TakeBack = DONE, **script: Any) -> Play:
    """A run that takes back what another run did."""
    undoing = {"undoing": {taken.id: taken.change.undo for taken in what.changes}}

    def flow(situation: Situation) -> Flow:
        return taken_back(Run(book(""), situation, KINDS), what)

    return Play(
        lambda: Machine(flow, Situation(run="r1", mode=Mode.BY_HAND, parameters={})), Script(**(undoing | script))
    )


def test_everything_is_taken_back_newest_first_each_through_a_gate_of_its_own() -> None:
    """Whatever was approved before was approved for another run."""
    run = back().run()
    assert run.outcome == "resolved"
    assert run.did("approve", "undo") == [
        "resolution/one/b:approve#1",
        "resolution/one/b:undo#1",
        "resolution/one/a:approve#1",
        "resolution/one/a:undo#1",
    ]
    assert run.of("resolution/one/a:undo#1").undoes == "resolution/one/a:apply#1"
    assert [gate.changed for gate in run.all(Approve)] == [None, None]


@pytest.mark.parametrize(
    ("script", "outcome", "undone"),
    [
        ({"gates": {"a": "denied"}}, "denied", ["b"]),
        ({"gates": {"b": "blocked"}}, "blocked", []),
        ({"undone": {"a": "no"}}, "not_resolved", ["b", "a"]),
    ],
)
def test_what_stands_in_the_way_ends_the_run(script: dict[str, Any], outcome: str, undone: list[str]) -> None:
    """Nothing older is taken back over it."""
    run = back(**script).run()
    assert (run.outcome, [key.split(":")[0][-1] for key in run.sent()]) == (outcome, undone)


def test_it_can_be_aborted() -> None:
    """With the doubts that are left."""
    run = back(takes={"approve": 60.0})
    run.say("abort.requested")
    assert run.run().outcome == "aborted"
    doubtful = back(undone={"b": "doubt"}).run()
    doubtful.say("abort.requested")
    assert (doubtful.outcome, doubtful.finished.doubts) == ("in_doubt", ("resolution/one/b:undo#1",))
