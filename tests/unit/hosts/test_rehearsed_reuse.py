"""Included steps and hand-overs in scenarios: addresses with the prefix, and an end where another takes over."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.hosts.rehearsal import rehearsed
from support.crash import place

HEAD = "apiVersion: runbook/v1\nkind: {}\n"
STEPS = HEAD.format("Steps") + (
    "name: database\nsteps:\n  - {id: up, uses: tcp.connect, with: {host: db, port: 5432}}\n"
)
OTHER = HEAD.format("Runbook") + "name: failover\ntitle: Fail over\nparameters: {why: {type: string}}\n"
BOOK = HEAD.format("Runbook") + (
    "name: queue\ntitle: Queue\n"
    "triage:\n  - {include: database, as: db}\n"
    "resolution:\n"
    "  - id: over\n    when: steps.db_up.verdict == 'fail'\n"
    "    continue_with: {runbook: failover, parameters: {why: 'up: {{ steps.db_up.reachable }}'}}\n"
)
SCENARIOS = HEAD.format("Scenario") + (
    "runbook: queue\nscenarios:\n"
    "  - name: down\n    given: {triage/db_up: {reachable: false, verdict: fail}}\n"
    "    expect: {continues: failover, outcome: continued, verdicts: {db_up: fail}}\n"
    "  - name: not known\n    given: {db_up: {reachable: true}}\n"
    "    expect: {continues: failover}\n"
)


@pytest.fixture
def of(tmp_path: Path) -> place.Project:
    place.project(tmp_path / "p", runbook=BOOK)
    for name, text in (("database", STEPS), ("failover", OTHER), ("queue.scenarios", SCENARIOS)):
        (tmp_path / "p" / f"{name}.yaml").write_text(text)
    return place.opened(tmp_path / "p")


def test_a_scenario_ends_where_another_runbook_goes_on(of: place.Project) -> None:
    """What would go on is compared as everything else is, and no second run is made."""
    [(_, document)] = of.scenarios("queue")
    down, up = (rehearsed(of.script("queue"), case) for case in document.scenarios)
    assert down.differences == ()
    assert down.history.continued == {
        "run": None,
        "runbook": "failover",
        "parameters": {"why": "up: false"},
        "target": None,
    }
    assert [(one.what, one.expected, one.came) for one in up.differences] == [("continues", "failover", "none")]
