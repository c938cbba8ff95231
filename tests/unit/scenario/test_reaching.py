"""Which points a run came to is read from its records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.scenario.reaching import reached
from support.rehearsals import played

NO = {"restart": {"denied_by": "ann", "reason": "no"}}
OTHER = {"look": {"exit_code": 1}}


def came_to(folder: Path, **keys: Any) -> set[str]:
    points = reached(played(folder, **keys).records)
    return {f"{one.about} {one.of.removeprefix('resolution/')} {one.what}" for one in points}


@pytest.mark.parametrize(
    ("keys", "points"),
    [
        ({}, {"option restart tried", "gate restart approved", "loop restart/defrag over several items",
              "step restart/defrag done", "verdict verification/right fail", "verdict verification/right pass"}),
        ({"approvals": NO}, {"gate restart denied", "gate scale denied", "option scale tried"}),
        ({"given": OTHER}, {"option restart skipped", "verdict triage/look fail", "step scale/up done"}),
        ({"given": {"members": {"exit_code": 0, "names": []}}},
         {"option restart tried", "loop restart/defrag over no item"}),
        ({"given": {"right": {"verdict": "fail"}}}, {"undo restart when it did not help"}),
        ({"given": {**OTHER, "down": {"applied": "no"}}, "answers": {"confirm": True}},
         {"undo scale after a failure", "step scale/confirm done"}),
        ({"given": {"right": {"error": "no route"}}}, {"verdict verification/right unknown"}),
    ],
)  # fmt: skip
def test_a_run_reaches_what_it_came_to(tmp_path: Path, keys: dict[str, Any], points: set[str]) -> None:
    """Each point by a scenario that brings it about."""
    assert points <= came_to(tmp_path, **keys)


def test_nothing_else_is_reached(tmp_path: Path) -> None:
    """The restart helped: what stands behind it was not rehearsed."""
    came = came_to(tmp_path)
    assert not {"option scale tried", "option restart skipped", "gate restart denied", "step scale/up done"} & came
    assert not {"undo restart when it did not help", "loop restart/defrag over no item"} & came


def test_what_is_not_simulated_is_not_rehearsed(tmp_path: Path) -> None:
    """That the scenario gives nothing makes a step unknown, and is no answer to anything."""
    keys: dict[str, Any] = {"given": {"look": {"at": "9h", "exit_code": 0}, "right": {"at": "9h", "verdict": "pass"}}}
    came = came_to(tmp_path, **keys, answers={"restart": "try", "verification": "pass"})
    assert not {"step triage/look done", "verdict triage/look unknown", "verdict verification/right unknown"} & came
