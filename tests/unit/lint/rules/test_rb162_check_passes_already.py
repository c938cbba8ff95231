"""RB162: a check that passes in the bad state of every scenario."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.rulings import BOOK, said

STEPS = "resolution: [{id: o, steps: [{id: d, uses: command.run, with: {argv: [a]}}]}]\n"
CHECK = "{id: c, uses: prometheus.query, with: {query: a}, expect: value < params.limit}"


def runbook(check: str = CHECK, more: str = "") -> str:
    given = "parameters: {limit: {type: number, default: 5, from_alert: labels.limit}}\n"
    return f"{given}{STEPS}verification: {{checks: [{check}]}}\n{more}"


def scenarios(*cases: dict[str, Any]) -> dict[str, str]:
    head = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: queue-stuck\n"
    listed = [{"name": f"n{i}", "expect": {"outcome": "resolved"}, **case} for i, case in enumerate(cases)]
    return {BOOK.replace(".yaml", ".scenarios.yaml"): f"{head}scenarios: {json.dumps(listed)}\n"}


@pytest.mark.parametrize(
    "given",
    [
        {"c": {"value": 1}},
        {"verification/c": [{"value": 1}, {"after": "d", "value": 0}]},
        {"resolution/o/verification/c": {"verdict": "pass"}},
    ],
)
def test_a_check_that_passes_before_anything_is_done_proves_nothing(given):
    """By whatever name the scenario gives it."""
    assert said("RB162", runbook(), files=scenarios({"given": given})) == [
        "the check 'c' passes in the scenario before anything is done: it proves nothing there"
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"c": {"value": 9}},
        {"c": [{"value": 9}, {"after": "d", "value": 0}]},
        {"c": {"error": "refused"}},
        {"c": {"verdict": "fail"}},
        {"c": {"after": "d", "value": 0}},
        {"c": {"value": None}},
        {},
    ],
)
def test_one_that_fails_or_is_not_known_at_first_is_left_alone(given):
    """What is not given is not known."""
    assert said("RB162", runbook(), files=scenarios({"given": given})) == []


def test_one_scenario_in_which_it_fails_is_enough():
    """In others it may have another cause."""
    assert (
        said("RB162", runbook(), files=scenarios({"given": {"c": {"value": 1}}}, {"given": {"c": {"value": 9}}})) == []
    )
    assert len(said("RB162", runbook(), files=scenarios(*[{"given": {"c": {"value": 1}}}] * 2))) == 1


@pytest.mark.parametrize("outcome", ["not_needed", "undetermined"])
def test_a_scenario_without_trouble_says_nothing_of_it(outcome):
    """There all is well, or nobody knows."""
    files = scenarios({"given": {"c": {"value": 1}}, "expect": {"outcome": outcome}})
    assert said("RB162", runbook(), files=files) == []


def test_parameters_are_those_of_the_scenario():
    """Given, or from its alert, or the default."""
    assert said("RB162", runbook(), files=scenarios({"given": {"c": {"value": 3}}, "parameters": {"limit": 2}})) == []
    alert = {"labels": {"alertname": "A", "limit": "2"}}
    assert said("RB162", runbook(), files=scenarios({"given": {"c": {"value": 3}}, "alert": alert})) == []


def test_advisory_checks_and_what_is_read_out_of_a_text_are_not_asked():
    """The one decides nothing; the other is the engine's to read."""
    files = scenarios({"given": {"c": {"value": 1}}})
    advisory = CHECK.replace("expect", "advisory: true, expect")
    other = "{id: other, uses: tcp.connect, with: {host: a.internal, port: 1}}"
    assert said("RB162", runbook(f"{other}, {advisory}"), files=files) == []
    number = "outputs: {n: {regex: '[0-9]+'}}, expect: n == '1'"
    text = f"{{id: c, uses: command.run, with: {{argv: [a], effect: read}}, {number}}}"
    assert said("RB162", runbook(text), files=scenarios({"given": {"c": {"stdout": "1"}}})) == []


def test_without_scenarios_nothing_is_evaluated():
    """There is no bad state to judge by."""
    assert said("RB162", runbook()) == []
