"""Looks at a world become as few entries as answer each of them as it was answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as some

from runbook.document.durations import Duration
from runbook.scenario.answers import answer
from runbook.scenario.recording import Look, duration, given

CHECK = "resolution/restart/verification/right"
CHANGE = "resolution/restart/up"
PLAN, APPLY, ARRIVED = ("nothing", "refused", "error"), ("applied", "output"), ("arrived",)


def look(at: float, said: Any, *applied: str, path: str = CHECK, heeds: tuple[str, ...] | None = None) -> Look:
    return Look(path, at, applied, said, heeds)


def test_what_does_not_change_is_said_once() -> None:
    """Without a time, and by the name that people use."""
    assert given([look(0, {"value": 1}), look(30, {"value": 1}), look(60, {"value": 1}, CHANGE)]) == {
        "verification/right": {"value": 1}
    }


def test_what_changes_after_a_change_says_so() -> None:
    """It holds however long a gate takes; what changes by itself has its time."""
    looks = [look(0, {"value": 1}), look(40, {"value": 0}, CHANGE), look(70.5, {"value": 2}, CHANGE)]
    entries = [{"value": 1}, {"after": "up", "value": 0}, {"at": "1m10s500ms", "value": 2}]
    assert given(looks) == {"verification/right": entries}


def test_what_was_taken_back_is_what_it_was() -> None:
    """Nothing has to be said where the first answer holds again."""
    looks = [look(0, {"value": 1}), look(40, {"value": 0}, CHANGE), look(90, {"value": 1})]
    assert given(looks) == {"verification/right": [{"value": 1}, {"after": "up", "value": 0}]}


def test_the_words_of_a_change_stand_together() -> None:
    """Plan, result and arrival ask for different ones; what is as usual is not said."""
    usual = [look(0, {}, path=CHANGE, heeds=PLAN), look(9, {}, path=CHANGE, heeds=APPLY)]
    assert given([*usual, look(9, {}, CHANGE, path=CHANGE, heeds=ARRIVED)]) == {}
    said = [look(0, {}, path=CHANGE, heeds=PLAN), look(9, {"output": {"job": 7}}, path=CHANGE, heeds=APPLY)]
    assert given([*said, look(9, {"arrived": "fail"}, CHANGE, path=CHANGE, heeds=ARRIVED)]) == {
        CHANGE: {"output": {"job": 7}, "arrived": "fail"}
    }


def test_a_plan_that_becomes_another_has_its_time() -> None:
    """First there is something to do, then there is not."""
    looks = [look(0, {}, path=CHANGE, heeds=PLAN), look(60, {"nothing": "it is so"}, path=CHANGE, heeds=PLAN)]
    assert given(looks) == {CHANGE: {"at": "1m", "nothing": "it is so"}}


def test_what_nothing_is_known_of_is_not_given() -> None:
    """It was not asked, so it is nobody's answer."""
    assert given([look(0, None)]) == {}


@drawn(some.lists(some.tuples(some.integers(1, 900), some.integers(0, 2), some.booleans()), min_size=1, max_size=12))
def test_every_look_is_answered_as_it_was(steps: list[tuple[int, int, bool]]) -> None:
    """Whatever comes and goes, changes applied and taken back."""
    looks, at = [], 0
    for passed, value, there in steps:
        at += passed
        looks.append(look(at, {"value": value}, *((CHANGE,) if there else ())))
    entries = given(looks)
    for one in looks:
        came = answer(entries, one.path, since_start=one.at, applied=one.applied)
        assert came is not None
        assert came["value"] == (one.said or {})["value"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (40.0000009, "40s"), (0.25, "250ms"), (3725, "1h2m5s"), (90061.5, "1d1h1m1s500ms")]
)
def test_a_length_of_time_is_exact(seconds: float, text: str) -> None:
    """And a duration of a document."""
    assert duration(seconds) == text
    assert float(Duration.parse(text)) <= seconds + 1e-6
