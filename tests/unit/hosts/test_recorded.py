"""A run becomes a scenario that comes out as the run did: a played one, whose truth is known, is the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.bootstrap import Project
from runbook.document.model import ScenarioCase
from runbook.hosts.recorded import Recorded, recorded
from runbook.hosts.rehearsal import Script, rehearsed
from runbook.scenario.people import policy_of
from support.rehearsals import case, script, told

LIBRARY = Path(__file__).parents[3] / "runbooks"


def again(script: Script, one: ScenarioCase) -> Recorded:
    """A scenario played as the night, among people whom the project knows, and what is recorded of it."""
    script = msgspec.structs.replace(script, policy=policy_of(one, script.book, script.policy))
    played = rehearsed(script, one)
    return recorded(script, played.run, played.records)


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.scenarios.yaml")), ids=lambda path: path.stem)
def test_every_night_of_the_library_can_be_recorded(path: Path) -> None:
    """Each scenario that ends, taken for a run: what is recorded of it passes."""
    project = Project(LIBRARY.parent)
    document: Any = project.load(path).document
    here = project.script(document.runbook, near=path)
    for one in document.scenarios:
        if one.expect.status != "waiting":
            assert (one.name, again(here, one).differences) == (one.name, ())


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"approvals": {"restart": {"denied_by": "ann", "reason": "not now", "after": "3m"}}},
        {"approvals": {"restart": {"skipped_by": "ann"}}},
        {"given": {"right": {"verdict": "fail"}}, "answers": {"confirm": {"answer": True, "after": "12m"}}},
        {"given": {"look": {"exit_code": 1}, "down": {"applied": "partly"}}, "answers": {"confirm": True}},
        {"given": {"members": {"exit_code": 0, "names": []}, "look": [{"exit_code": 0}]}},
        {"given": {"defrag[b]": {"nothing": "it is done"}}},
        {"given": {"right": {"error": "no route"}}, "answers": {"verification": "pass"}},
        {"given": {"wrong": {"error": "no route"}}, "answers": {"symptoms": "yes"}},
        {"given": {"wrong": [{"verdict": "pass"}, {"at": "30s", "verdict": "fail"}]}},
    ],
    ids=["resolved", "denied", "skipped", "slow", "partly", "no items", "nothing", "attested", "seen", "gone"],
)
def test_whatever_happens_can_be_recorded(tmp_path: Path, keys: dict[str, Any]) -> None:
    """Gates, answers, loops, failures, undo: nothing is lost, and nothing has to be left out."""
    made = again(script(tmp_path), case(**keys))
    assert (told(made.rehearsal), made.left) == ([], ())


def test_what_people_said_keeps_its_time(tmp_path: Path) -> None:
    """What is read in the meantime depends on it."""
    given = {"look": {"exit_code": 1}, "right": {"verdict": "pass"}}
    made = again(script(tmp_path), case(given=given, answers={"confirm": {"answer": True, "after": "12m"}}))
    assert made.rehearsal.took == 720
    assert "after: 12m" in made.text


def test_a_masked_secret_is_told(tmp_path: Path) -> None:
    """It stays masked, and whoever plays it should know."""
    made = again(script(tmp_path), case(approvals={"restart": {"denied_by": "ann", "reason": "password is ***"}}))
    assert made.left == ("a secret stands as *** at approvals/restart/reason",)
    assert "# - a secret stands as *** at approvals/restart/reason\n" in made.text
