from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Approve, Undo
from support.machines import T0, Play, Script, change, play

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\nescalation: {to: ops}\n"
HEALTHY_AGAIN = {"works": ["fail"] * 6 + ["pass"]}


def option(words: str, kind: str = "turn") -> str:
    """Two options; the first makes changes a, b and c and has these words."""
    steps = ", ".join(f"{{id: {id_}, uses: {kind}}}" for id_ in "abc")
    first = f"  - {{id: one, {words}, steps: [{steps}]}}\n"
    return f"{DARK}resolution:\n{first}  - {{id: two, steps: [{{id: last, uses: turn}}]}}\n"


FAILED = option("on_failure: undo")
NOT_HELPED = option("when_not_helped: undo")


def sent(run: Play) -> list[str]:
    return [key.removeprefix("resolution/") for key in run.sent()]


def test_what_was_applied_before_a_failure_is_taken_back_newest_first() -> None:
    """What reached the world only partly is taken back too, what was never applied is not."""
    partly = play(FAILED, Script(applied={"b": "partly"}))
    assert sent(partly) == ["one/a:apply#1", "one/b:apply#1", "one/b:undo#1", "one/a:undo#1", "two/last:apply#1"]
    not_at_all = play(FAILED, Script(applied={"b": "no"}))
    assert sent(not_at_all) == ["one/a:apply#1", "one/b:apply#1", "one/a:undo#1", "two/last:apply#1"]
    assert partly.finished.option == "two"


def test_what_did_not_help_is_taken_back_newest_first() -> None:
    """Then the next option is tried."""
    run = play(NOT_HELPED, Script(seen=HEALTHY_AGAIN))
    applied = ["one/a:apply#1", "one/b:apply#1", "one/c:apply#1"]
    assert sent(run) == [*applied, "one/c:undo#1", "one/b:undo#1", "one/a:undo#1", "two/last:apply#1"]
    assert run.ends() == {"one": "not_helped", "two": "resolved"}


@pytest.mark.parametrize(
    ("body", "script"),
    [
        (option("on_failure: stop"), {"applied": {"b": "no"}}),
        (option("when_not_helped: undo"), {"applied": {"b": "no"}}),
        (option("on_failure: undo"), {"seen": HEALTHY_AGAIN}),
        (option("when_not_helped: keep"), {"seen": HEALTHY_AGAIN}),
        (FAILED, {"gates": {"one": "denied"}}),
        (NOT_HELPED, {"seen": {"works": ["fail", "unknown"]}}),
        (FAILED, {"applied": {"b": "doubt"}}),
        (FAILED, {"plans": {"b": [{}, "error"]}}),
        (FAILED, {"inputs": [(5.0, "abort.requested", {})], "takes": {"apply": 10.0}}),
    ],
)
def test_nothing_is_taken_back_that_nobody_asked_to_take_back(body: str, script: dict[str, Any]) -> None:
    """Each word speaks for its own case; neither on unknown, in doubt, on abort."""
    assert not play(body, Script(**script)).all(Undo)


def test_an_undo_goes_under_the_approval_of_its_change_as_long_as_it_is_what_was_approved() -> None:
    """It was part of what people saw, and is planned anew first, with its target held."""
    run = play(FAILED, Script(applied={"b": "no"}))
    undo, plan = run.of("resolution/one/a:undo#1"), run.of("resolution/one/a:plan#3")
    shown = run.of("resolution/one:approve#1").changes[0].change
    assert (undo.grant, undo.undoes) == ("resolution/one:approve#1", "resolution/one/a:apply#1")
    assert undo.change.digest == shown.undo.digest
    assert (plan.phase, plan.hold, plan.inputs) == ("undo", ("house/lamp/a",), {"to": 0})


MOVED = change("a", to=0, was=5)


def test_an_undo_of_something_else_than_we_left_passes_a_gate_of_its_own() -> None:
    """After the gate it is planned once more, as every change is."""
    run = play(FAILED, Script(applied={"b": "no"}, undoing={"a": MOVED}))
    gate = run.of("resolution/one/a:approve#1")
    assert gate.changed == "what was left there is not there any more"
    assert (gate.auto, gate.changes[0].change.digest) == (False, MOVED.digest)
    assert run.of("resolution/one/a:undo#1").grant == gate.key
    assert run.finished.option == "two"


def test_an_undo_that_moves_while_it_is_asked_for_is_asked_for_again() -> None:
    """Three times at most; then the run is over and somebody is paged."""
    twice = Script(applied={"b": "no"}, undoing={"a": [MOVED, change("a", to=0, was=6)]})
    always = Script(applied={"b": "no"}, undoing={"a": lambda n: change("a", to=0, was=n)})
    run, never = play(FAILED, twice), play(FAILED, always)
    gates = [gate for gate in run.all(Approve) if gate.path.endswith("/a")]
    assert [gate.attempt for gate in gates] == [1, 2]
    assert run.of("resolution/one/a:undo#1").grant == gates[1].key
    assert len([gate for gate in never.all(Approve) if gate.path.endswith("/a")]) == 3
    assert (never.outcome, never.all(Undo)) == ("not_resolved", [])


def test_what_is_gone_already_needs_no_undo() -> None:
    """Somebody put it back by hand."""
    run = play(FAILED, Script(applied={"b": "no"}, undoing={"a": "nothing"}))
    assert not run.all(Undo)
    assert run.finished.option == "two"


FAILING = [
    ({"undone": {"a": "no"}}, "refused"),
    ({"undone": {"a": "partly"}}, "exit 1"),
    ({"undone": {"a": {"applied": "unknown"}}}, "unknown"),
    ({"undoing": {"a": "refused"}}, "it may not be"),
    ({"undoing": {"a": "error"}}, "no answer"),
    ({"undoing": {"a": {"lasting": True}}, "gates": {"one": "granted", "a": "denied"}}, "said denied"),
    ({"plans": {"a": {"lasting": True}}}, "it has no undo"),
]


@pytest.mark.parametrize(("script", "why"), FAILING)
def test_an_undo_that_fails_stops_everything_and_escalates(script: dict[str, Any], why: str) -> None:
    """No further option is tried."""
    run = play(FAILED, Script(**({"applied": {"b": "no"}} | script)))
    assert run.outcome == "not_resolved"
    assert run.finished.reason == f"taking back resolution/one/a did not work: {why}"
    assert list(run.ends()) == ["one"]
    assert [page.reason for page in run.log if page.verb == "page"] == ["outcome not_resolved"]


def test_an_undo_that_is_in_doubt_holds_everything_up() -> None:
    """Settled as not applied, it has failed."""
    run = play(FAILED, Script(applied={"b": "no"}, undone={"a": "doubt"}))
    assert run.pending() == ["resolution/one/a:undo#1"]
    run.say("settlement.given", "resolution/one/a:undo#1", **{"as": "not_applied", "by": "ann", "reason": "old"})
    assert run.run().outcome == "not_resolved"


@pytest.mark.parametrize(("arrives", "resolved_by"), [("pass", "two"), ("fail", None)])
def test_an_undo_has_to_arrive_like_any_change(arrives: str, resolved_by: str | None) -> None:
    """Accepted is not enough."""
    script = Script(applied={"b": "no"}, arrives={"resolution/one/a:observe#2": arrives})
    run = play(option("on_failure: undo", "roll"), script)
    assert run.of("resolution/one/a:observe#2").sent.digest == run.of("resolution/one/a:undo#1").change.digest
    assert run.finished.option == resolved_by


def test_what_was_taken_back_still_counts_as_applied() -> None:
    """A run that changed something and did not help is not one that was denied."""
    run = play(FAILED, Script(applied={"b": "no"}, gates={"two": "denied"}))
    assert run.outcome == "not_resolved"


def test_an_approval_of_an_undo_that_has_run_out_is_asked_for_again() -> None:
    """Planning waited for the target; the approval of the change itself covers its undo for ever."""
    gates = {
        "one": {"verdict": "granted", "until": T0 + 60.0},
        "a": lambda n: {"verdict": "granted", "until": T0 + n * 900},
    }
    script = Script(applied={"b": "no"}, undoing={"a": MOVED}, gates=gates, takes={"resolution/one/a:plan#4": 950.0})
    run = play(FAILED, script)
    assert [g.changed for g in run.all(Approve) if g.path.endswith("/a")][1] == "the approval has run out"
    assert run.of("resolution/one/a:undo#1").grant == "resolution/one/a:approve#2"
    late = play(
        FAILED, Script(applied={"b": "no"}, gates={"one": gates["one"]}, takes={"resolution/one/a:plan#3": 90.0})
    )
    assert late.of("resolution/one/a:undo#1").grant == "resolution/one:approve#1"
