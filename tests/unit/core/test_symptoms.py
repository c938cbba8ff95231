from __future__ import annotations

from typing import Any

import pytest

from runbook.core.commands import Ask
from runbook.core.symptoms import fixed, matches
from runbook.core.words import Mode
from runbook.document.model import Symptom
from support.machines import Script, play

DARK = """
symptoms:
  - {id: dark, uses: look, expect: value > 5}
  - {id: cold, uses: look, expect: value > 5}
resolution: [{id: one, steps: [{id: swap, uses: turn}]}]
"""
ALERTED = """
symptoms: [{alert: LampDark, labels: {room: hall}}]
resolution: [{id: one, steps: [{id: swap, uses: turn}]}]
"""
FIRING = {"status": "firing", "labels": {"alertname": "LampDark", "room": "hall"}}
NOT_ASKED = {"status": "failed", "verdict": "fail", "asked": False}

ROWS = [
    ("pass", "fail", "on"),
    ("pass", "unknown", "on"),
    ("pass", "pass", "on"),
    ("fail", "fail", "not_needed"),
    ("fail", "unknown", "asks"),
    ("unknown", "unknown", "asks"),
    ("unreadable", "fail", "asks"),
]


@pytest.mark.parametrize(("dark", "cold", "then"), ROWS)
def test_any_symptom_that_is_there_starts_the_work(dark: str, cold: str, then: str) -> None:
    """All fail: not needed. None passes and one is unknown: a person is asked."""
    run = play(DARK, Script(seen={"dark": dark, "cold": cold}))
    if then == "asks":
        assert run.pending() == ["symptoms:ask#1"]
    else:
        assert run.outcome == {"on": "resolved"}.get(then, then)
        assert bool(run.sent()) is (then == "on")


@pytest.mark.parametrize(
    ("answer", "outcome"), [("yes", "resolved"), ("no", "undetermined"), ("expired", "undetermined")]
)
def test_a_person_may_say_that_they_see_it(answer: str, outcome: str) -> None:
    """Without that nobody acts; with it the work starts, and what nobody saw is not looked at again."""
    run = play(DARK, Script(seen={"dark": "unknown", "cold": "fail"}, answers={"symptoms": answer}))
    assert run.outcome == outcome
    assert run.all(Ask)[0].choices == ("yes", "no")
    assert "symptoms/dark:observe#2" not in run.did()


@pytest.mark.parametrize(("dark", "outcome"), [("unknown", "undetermined"), ("fail", "not_needed")])
def test_in_auto_nobody_is_asked_what_they_see(dark: str, outcome: str) -> None:
    """The run is over, and whoever is on call is paged when nobody can tell."""
    run = play(DARK + "escalation: {to: ops}\n", Script(seen={"dark": dark, "cold": "fail"}), mode=Mode.AUTO)
    assert run.outcome == outcome
    assert run.sent() == []
    assert run.did("page") == (["escalation:page#1"] if outcome == "undetermined" else [])


def test_only_the_symptoms_that_passed_are_looked_at_again() -> None:
    """Between the decision and the first change, once."""
    run = play(DARK, Script(seen={"dark": "pass", "cold": "fail"}))
    keys = run.did("observe", "approve", "apply")
    assert keys.index("symptoms/dark:observe#2") in range(keys.index("resolution/one:approve#1"), len(keys))
    assert keys.index("symptoms/dark:observe#2") < keys.index("resolution/one/swap:apply#1")
    assert "symptoms/cold:observe#2" not in keys


@pytest.mark.parametrize(
    ("again", "mode", "outcome"),
    [
        ("fail", Mode.BY_HAND, "not_needed"),
        ("fail", Mode.AUTO, "not_needed"),
        ("unknown", Mode.AUTO, "undetermined"),
        ("unknown", Mode.BY_HAND, None),
        ("pass", Mode.AUTO, "resolved"),
    ],
)
def test_symptoms_that_are_gone_before_the_first_change_end_the_run(
    again: str, mode: Mode, outcome: str | None
) -> None:
    """Nothing is applied; what cannot be seen any more is asked about, in `auto` never."""
    run = play(DARK, Script(seen={"dark": ["pass", again], "cold": "fail"}), mode=mode)
    assert (run.outcome if outcome else run.pending()) == (outcome or ["symptoms:ask#1"])
    assert bool(run.sent()) is (outcome == "resolved")


def test_a_runbook_without_symptoms_is_always_needed() -> None:
    """In `auto` people decide, since nothing tells the policy that the trouble is there."""
    body = "resolution: [{id: one, steps: [{id: swap, uses: turn}]}]"
    assert play(body).outcome == "resolved"
    assert play(body, mode=Mode.AUTO).of("resolution/one:approve#1").auto is False


# --- alerts -------------------------------------------------------------------------------------------------------


def test_the_alert_that_started_the_run_is_a_symptom_that_passed() -> None:
    """Its word is enough to begin; before the first change Prometheus is asked."""
    run = play(ALERTED, alert=FIRING)
    assert run.outcome == "resolved"
    assert run.notes("symptoms/lamp_dark")[0]["verdict"] == "pass"
    [asked] = [c for c in run.log if c.key == "symptoms/lamp_dark:observe#1"]
    assert asked.inputs == {"name": "LampDark", "labels": {"room": "hall"}}
    assert asked.if_configured
    assert run.did().index(asked.key) > run.did().index("resolution/one:approve#1")


@pytest.mark.parametrize(("firing", "outcome"), [("pass", "resolved"), ("fail", "not_needed"), ("unknown", None)])
def test_without_an_alert_prometheus_says_whether_it_fires(firing: str, outcome: str | None) -> None:
    """Unknown when it was asked and could not say."""
    run = play(ALERTED, Script(seen={"lamp_dark": firing}))
    assert (run.outcome if outcome else run.pending()) == (outcome or ["symptoms:ask#1"])


@pytest.mark.parametrize(
    ("mode", "alert", "outcome"),
    [
        (Mode.BY_HAND, FIRING, "resolved"),
        (Mode.AUTO, FIRING, "undetermined"),
        (Mode.BY_HAND, None, "not_needed"),
        (Mode.AUTO, None, "not_needed"),
    ],
)
def test_without_a_prometheus_the_alert_speaks_for_itself_but_not_in_auto(mode: Mode, alert: Any, outcome: str) -> None:
    """In `auto` at least one symptom must be observed now; a symptom that nobody could look at is not gone."""
    run = play(ALERTED, Script(seen={"lamp_dark": NOT_ASKED}), mode=mode, alert=alert)
    assert run.outcome == outcome


def test_in_auto_one_symptom_that_is_observed_now_is_enough() -> None:
    """The alert cannot be looked at, the probe can."""
    body = ALERTED.replace("]\nresolution", ", {id: dark, uses: look, expect: value > 5}]\nresolution")
    run = play(body, Script(seen={"lamp_dark": NOT_ASKED, "dark": "pass"}), mode=Mode.AUTO, alert=FIRING)
    assert run.outcome == "resolved"


@pytest.mark.parametrize(
    ("alert", "found"),
    [
        (FIRING, True),
        (FIRING | {"status": "resolved"}, False),
        ({"labels": {"alertname": "LampDark", "room": "hall", "more": "x"}}, True),
        ({"labels": {"alertname": "LampDark"}}, False),
        ({"labels": {"alertname": "Other", "room": "hall"}}, False),
        ({}, False),
    ],
)
def test_an_alert_is_a_symptom_by_its_name_and_every_label_that_is_named(alert: dict[str, Any], found: bool) -> None:
    """Labels that the symptom does not name do not matter; one that is resolved does not fire."""
    assert matches(Symptom(id="lamp_dark", alert="LampDark", labels={"room": "hall"}), alert) is found


@pytest.mark.parametrize(("room", "verdict"), [("hall", "pass"), ("attic", None)])
def test_a_label_may_be_that_of_a_parameter(room: str, verdict: str | None) -> None:
    """The alert of another room is none of this run's: Prometheus is asked for this one."""
    body = "parameters: {room: {type: string}}" + ALERTED.replace("room: hall", 'room: "{{ params.room }}"')
    run = play(body, Script(seen={"lamp_dark": "fail"}), alert=FIRING, parameters={"room": room})
    assert [note.get("verdict") for note in run.notes("symptoms/lamp_dark")] == ([verdict] if verdict else [])
    asked = next(c for c in run.log if c.key == "symptoms/lamp_dark:observe#1")
    assert asked.inputs["labels"] == {"room": room}


def test_a_label_that_cannot_be_told_is_unknown() -> None:
    """Nobody acts on it: a person is asked."""
    body = ALERTED.replace("room: hall", 'room: "{{ alert.labels.floor }}"')
    assert play(body, alert=FIRING).pending() == ["symptoms:ask#1"]


def test_before_a_run_only_labels_that_stand_there_are_compared() -> None:
    """Parameters may come from the very alert that is being looked for."""
    symptom = Symptom(id="lamp_dark", alert="LampDark", labels={"room": "{{ params.room }}", "floor": "one"})
    assert fixed(symptom).labels == {"floor": "one"}


def test_a_probe_is_never_an_alert() -> None:
    """Whatever the alert's name."""
    assert not matches(Symptom(id="dark"), {"labels": {}})


def test_an_alert_that_joins_counts_from_then_on() -> None:
    """It came while the person was being asked."""
    body = DARK.replace("symptoms:\n", "symptoms:\n  - {alert: LampDark}\n")
    script = Script(
        seen={"dark": "unknown", "cold": "fail", "lamp_dark": ["fail", NOT_ASKED]},
        answers={"symptoms": "yes"},
        takes={"ask": 30.0},
        inputs=[(10.0, "alert.joined", {"alert": FIRING})],
    )
    run = play(body, script)
    assert len(run.machine.situation.alerts) == 1
    assert run.outcome == "resolved"
