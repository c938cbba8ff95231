from __future__ import annotations

import pytest

from runbook.core.adhoc import by_hand
from runbook.core.commands import Flow
from runbook.core.context import Run
from runbook.core.machine import Machine
from runbook.core.situation import Situation
from runbook.core.words import Mode
from runbook.document.model import Runbook
from support.machines import KINDS, Play, Script, book

READ = book("triage: [{id: command, uses: ping}]\n")
CHANGE = book(
    "resolution: [{id: by_hand, steps: [{id: command, uses: turn}]}]\nverification: {checks: [{id: x, uses: ping}]}"
)


def done(of: Runbook, script: Script | None = None) -> Play:
    """A command by hand."""

    def flow(situation: Situation) -> Flow:
        return by_hand(Run(of, situation, KINDS))

    return Play(lambda: Machine(flow, Situation(run="r1", mode=Mode.BY_HAND, parameters={})), script)


@pytest.mark.parametrize(
    ("seen", "outcome", "reason"),
    [
        ("pass", "resolved", "the command ended with 0"),
        ("fail", "not_resolved", "the command was not run, or did not end with 0"),
        ("unreadable", "undetermined", "it could not be read"),
    ],
)
def test_a_read_is_looked_at_once(seen: str, outcome: str, reason: str) -> None:
    """Its outcome says how the command ended, and nothing about any trouble."""
    run = done(READ, Script(seen={"command": seen})).run()
    assert (run.outcome, run.finished.reason) == (outcome, reason)
    assert run.did() == ["triage/command:observe#1"]


def test_a_read_that_is_aborted_is_over() -> None:
    """Nothing follows from what it would have said."""
    run = done(READ, Script(seen={"command": None}))
    run.say("abort.requested")
    assert run.run().outcome == "aborted"


def test_a_change_goes_the_way_of_every_option() -> None:
    """Planned, approved, looked at again, applied; a gate that does not open says why by itself."""
    run = done(CHANGE).run()
    assert run.sent() == ["resolution/by_hand/command:apply#1"]
    assert (run.outcome, run.finished.reason) == ("resolved", "the command ended with 0")
    denied = done(CHANGE, Script(gates={"*": "denied"})).run()
    assert (denied.outcome, denied.finished.reason, denied.sent()) == ("denied", None, [])
