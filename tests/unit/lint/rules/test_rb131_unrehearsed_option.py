"""RB131: an option that no scenario comes to."""

from __future__ import annotations

import pytest

from runbook.lint.samples import HEAD, RESTART, TRIAGE, VERIFICATION
from support.rulings import said

SCENARIO = """\
apiVersion: runbook/v1
kind: Scenario
runbook: queue-stuck
scenarios: [{name: x, %s}]
"""
HAND = "  - {id: by_hand, steps: [{id: look, uses: manual.do, with: {text: Look.}}]}\n"
OVER = "  - {id: over, continue_with: {runbook: other}}\n"
BOOK = (TRIAGE, "resolution:\n", HAND, RESTART, OVER, VERIFICATION)


def untried(scenario: str) -> list[str]:
    files = {
        "runbooks/queue-stuck.scenarios.yaml": SCENARIO % scenario,
        "runbooks/other.yaml": HEAD.replace("queue-stuck", "other") + TRIAGE,
    }
    return [one.rpartition(" ")[2].strip("'") for one in said("RB131", *BOOK, files=files)]


@pytest.mark.parametrize(
    ("scenario", "left"),
    [
        ("expect: {outcome: resolved, option: restart}", ["by_hand", "over"]),
        ("answers: {look: done}, expect: {applied: [restart_worker]}", ["over"]),
        ("answers: {resolution/by_hand/look: done}, expect: {continues: other}", ["restart"]),
        (
            "approvals: {restart: {denied_by: a, reason: b}}, answers: {by_hand: skip}, expect: {outcome: aborted}",
            ["over"],
        ),
        ("given: {moving: [{after: restart_worker, verdict: pass}]}, expect: {outcome: aborted}", ["by_hand", "over"]),
        ("given: {smarthost: {reachable: true}}, expect: {outcome: not_needed}", ["by_hand", "restart", "over"]),
        ("given: {smarthost: {reachable: true}}, expect: {outcome: not_resolved}", []),
    ],
)
def test_an_option_is_come_to_where_it_or_its_steps_are_named(scenario, left):
    """By id or by address, in what is given or expected."""
    assert untried(scenario) == left


def test_a_runbook_without_scenarios_is_another_rules():
    """One finding about one thing."""
    other = {"runbooks/other.yaml": HEAD.replace("queue-stuck", "other") + TRIAGE}
    assert said("RB131", *BOOK, files=other) == []


def test_one_with_a_condition_may_have_been_skipped():
    """That every option was tried or skipped says nothing about it."""
    asks = RESTART + "    when: steps.smarthost.reachable\n"
    files = {"runbooks/queue-stuck.scenarios.yaml": SCENARIO % "expect: {outcome: not_resolved}"}
    assert said("RB131", TRIAGE, "resolution:\n", HAND, asks, VERIFICATION, files=files) == [
        "no scenario comes to the option 'restart'"
    ]
