from __future__ import annotations

from support.machines import T0, Play, Script, book, plan_of, play, starting

DARK = "symptoms: [{id: dark, uses: look, expect: value > 5}]\nevidence: kept\n"
ONE = DARK + "resolution: [{id: one, steps: [{id: a, uses: turn}]}, {id: two, steps: [{id: b, uses: turn}]}]\n"
ITEMS = "items: [{id: logs, uses: look, with: {of: now}}, {id: pods, uses: look}]\n"
PLAN = plan_of(f"timeout: 1m\n{ITEMS}")
REQUIRED = plan_of(f"required: true\n{ITEMS}")


def test_evidence_is_kept_beside_the_gate_and_the_first_change_waits_for_it() -> None:
    """It begins when the gate opens; a decision that comes first has to wait."""
    run = play(ONE, Script(takes={"approve": 5.0, "evidence/logs": 40.0}), evidence=PLAN)
    assert run.did().index("evidence/logs:preserve#1") < run.did().index("resolution/one:approve#1")
    kept = next(r.time for r in run.records if r.key == "evidence/logs:preserve#1")
    intent = next(r.time for r in run.records if r.type == "change.intended")
    assert kept == intent == T0 + 40.0
    assert run.of("evidence/logs:preserve#1").deadline == T0 + 60.0


def test_evidence_is_kept_once_a_run_and_not_before_a_gate_opens() -> None:
    """The second gate finds it there; a run that never asks keeps nothing."""
    run = play(ONE, Script(seen={"works": "fail"}), evidence=PLAN)
    assert run.did("preserve") == ["evidence/logs:preserve#1", "evidence/pods:preserve#1"]
    assert not play(ONE, Script(plans={"*": "nothing"}), evidence=PLAN).did("preserve")
    assert not play(ONE).did("preserve")


def test_what_is_missing_does_not_keep_a_change_from_being_made() -> None:
    """It was recorded."""
    assert play(ONE, Script(kept={"logs": "missing"}), evidence=PLAN).outcome == "resolved"


def test_what_is_required_and_missing_blocks_every_option() -> None:
    """Nothing is changed that could destroy it."""
    run = play(ONE, Script(kept={"logs": "missing"}), evidence=REQUIRED)
    assert (run.outcome, run.sent()) == ("blocked", [])
    assert run.notes("resolution/two")[-1]["reason"] == "evidence is required and missing: logs"
    assert play(ONE, evidence=REQUIRED).outcome == "resolved"


def test_evidence_in_flight_is_finished_when_the_run_has_ended() -> None:
    """Denied before it was all there."""
    run = Play(starting(book(ONE), evidence=PLAN), Script(gates={"*": "denied"}, takes={"evidence/logs": 30.0}))
    run.run(until=lambda command: command.key == "evidence/logs:preserve#1")
    assert (run.outcome, run.pending()) == ("denied", ["evidence/logs:preserve#1"])
    assert run.run().pending() == []


def given(body: str, plan: str, parameters: dict[str, object]) -> list[object]:
    """What the items of this plan are asked for."""
    run = play(body, evidence=plan_of(plan), parameters=parameters)
    return [command.inputs["of"] for command in run.log if command.verb == "preserve"]


PARAMETERS = """
parameters: {space: {type: string, default: default}, pod: {type: string}}
items: [{id: logs, uses: look, with: {of: "{{ params.space }}"}}]
"""
BOOK = ONE + "parameters: {space: {type: string, default: x}, pod: {type: string, default: x}}\n"
REFERENCE = "evidence: {plan: kept, with: {space: '{{ params.pod }}-2'}}\n"


def test_a_plan_takes_what_the_runbook_says_else_the_parameter_of_that_name_else_its_default() -> None:
    """The plan sees its own parameters and no others."""
    assert given(BOOK, PARAMETERS, {}) == ["default"]
    assert given(BOOK, PARAMETERS, {"space": "prod", "other": 1}) == ["prod"]
    assert given(BOOK.replace("evidence: kept\n", REFERENCE), PARAMETERS, {"space": "prod", "pod": "p"}) == ["p-2"]


def test_an_item_whose_inputs_cannot_be_told_is_missing_with_the_reason() -> None:
    """The others are kept."""
    body = ONE.replace("evidence: kept\n", "evidence: {plan: kept, with: {pod: '{{ steps.x.value }}'}}\n")
    body += "triage: [{id: x, uses: look}]\nparameters: {pod: {type: string, default: x}}\n"
    plan = PARAMETERS + ""
    run = play(body, Script(seen={"x": "unreadable"}), evidence=plan_of(plan.replace("params.space", "params.pod")))
    assert run.did("preserve") == []
    assert run.notes("evidence/logs")[0]["status"] == "missing"
    assert run.outcome == "resolved"
