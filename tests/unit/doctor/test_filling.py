"""A step's inputs before a run: what is known stands there, what is not says what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.bindings import bound
from runbook.doctor.filling import Later, exemplary, filled, is_told_by_a_run, scope_before, waits_for
from runbook.document.model import Local, Parameter, Runbook

BOOK = Runbook(name="b", title="B", target={"name": "{{ params.app }}", "zone": "{{ alert.labels.zone }}"})
SCOPE = scope_before(BOOK, {"app": "api", "count": 3}, "prod", {"region": "eu"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ params.app }}", "api"),
        ("{{ params.count }}", 3),
        ("in {{ env.region }}", "in eu"),
        ("{{ target.name }}", "api"),
        ("{{ run.environment }}", "prod"),
        ("{{ env.none | default('x') }}", "x"),
    ],
)
def test_what_is_known_stands_there(text: str, value: Any) -> None:
    """Parameters, the environment's values, the target; each keeps its type."""
    assert filled(text, SCOPE) == value
    assert waits_for(filled(text, SCOPE)) == ()


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("{{ steps.history.previous.revision }}", "steps.history.previous"),
        ("pod-{{ steps.pods.name }}", "steps.pods.name"),
        ("{{ alert.labels.service }}", "alert.labels.service"),
        ("{{ params.host }}", "params.host"),
        ("{{ target.zone }}", "target.zone"),
        ("{{ member.name }}", "member.name"),
        ("{{ run.id }}", "run.id"),
    ],
)
def test_what_only_a_run_can_tell_is_named(text: str, waits: str) -> None:
    """It is text, so that what asks only for text can go on with it, and it never looks like a value."""
    found = filled({"deep": ["ok", text]}, SCOPE)
    assert isinstance(found["deep"][1], Later)
    assert waits_for(found) == (waits,)


def test_the_parameters_of_an_included_step_are_seen_through() -> None:
    """Its own words lead to those of the document that includes it."""
    local = Local(params={"host": "{{ params.app }}", "port": "{{ steps.port.value }}"})
    scope = bound(SCOPE, local)
    assert filled("{{ params.host }}", scope) == "api"
    assert waits_for(filled("{{ params.port }}", scope)) == ("steps.port",)


def test_parameters_are_given_or_default_or_the_first_example() -> None:
    """One that has neither is left out, and what needs it says so."""
    declared = {
        "a": Parameter(type="string", default="x", examples=("y",)),
        "b": Parameter(type="string", examples=("y", "z")),
        "c": Parameter(type="string"),
        "d": Parameter(type="string", default="x"),
    }
    assert exemplary(declared, {"d": "given"}) == {"a": "x", "b": "y", "d": "given"}


@pytest.mark.parametrize(("expect", "told"), [("value > 1", False), ("value > steps.a.value", True), (None, False)])
def test_a_comparison_with_another_step_waits_for_a_run(expect: str | None, told: bool) -> None:
    """It is not judged, whatever was seen."""
    assert is_told_by_a_run(expect) is told
