"""What must come of a scenario is compared exactly, and what came instead is said beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.document.model import BreakGlass, Freeze, Person, Policy
from runbook.hosts.rehearsal import rehearsed
from support.rehearsals import case, played, script, told

CHANGE = {"step": "up", "target": "Command scale", "with": {"argv": ["scale", 3]}}
NOT_HELPED = {"right": {"verdict": "fail"}}


def test_a_scenario_may_say_everything_that_came(tmp_path: Path) -> None:
    """Every key of `expect` at once, and nothing differs."""
    expect: dict[str, Any] = {
        "outcome": "resolved",
        "status": "finished",
        "option": "restart",
        "options": {"restart": "resolved", "scale": "none"},
        "gates": {"restart": "granted", "scale": "none"},
        "applied": ["defrag[a]", "defrag[b]"],
        "changes": [{"step": "defrag[a]", "effect": "change", "applied": "yes"}, {"step": "defrag"}],
        "undone": [],
        "told": ["incidents/initial", "incidents/text"],
        "escalated": "none",
        "verdicts": {"right": "pass", "symptoms/wrong": "pass"},
        "steps": {"look": "succeeded", "up": "none"},
        "means": {"look": "It answers."},
        "order": ["wrong", "incidents/initial", "restart", "defrag[b]", "right", "incidents/text"],
        "within": "1m",
    }
    assert told(played(tmp_path, expect=expect)) == []


@pytest.mark.parametrize(
    ("expect", "what", "lines"),
    [
        ({"outcome": "denied"}, "outcome", ["- denied", "+ resolved"]),
        ({"option": "scale"}, "option", ["- scale", "+ restart"]),
        ({"escalated": "platform"}, "escalated", ["- platform", "+ none"]),
        ({"options": {"scale": "failed"}}, "option scale", ["- failed", "+ none"]),
        ({"gates": {"restart": "expired"}}, "gate of restart", ["- expired", "+ granted"]),
        ({"applied": ["defrag[b]"]}, "applied", ["+ defrag[a]", "  defrag[b]"]),
        ({"told": ["incidents/initial"]}, "told", ["  incidents/initial", "+ incidents/text"]),
        ({"verdicts": {"right": "fail"}}, "verdict of right", ["- fail", "+ pass"]),
        ({"steps": {"defrag[a]": "undone"}}, "step defrag[a]", ["- undone", "+ succeeded"]),
        ({"means": {"look": "No."}}, "what it means: look", ["- No.", "+ It answers."]),
        ({"within": "30s"}, "within", ["- at most 30s", "+ 40s"]),
    ],
)
def test_each_expectation_that_is_not_met_is_told_in_full(
    tmp_path: Path, expect: dict[str, Any], what: str, lines: list[str]
) -> None:
    """What was expected, and what came."""
    assert told(played(tmp_path, expect=expect)) == [(what, lines)]


def test_exactly_these_changes_and_no_others(tmp_path: Path) -> None:
    """A change that is another one than described, and one that nobody described, are both told."""
    keys: dict[str, Any] = {
        "given": {"look": {"exit_code": 1}, "right": {"verdict": "pass"}},
        "answers": {"confirm": True},
    }
    expect = {"changes": [{"step": "up", "with": {"argv": ["scale", "4"]}}]}
    [(what, lines)] = told(played(tmp_path, **keys, expect=expect))
    assert (what, lines[:2]) == ("changes", ['- up: argv ["scale","4"]', '+ up: argv ["scale",3]'])
    assert lines[2].startswith("+ down: ")


@pytest.mark.parametrize(
    ("order", "lines"),
    [
        (["restart", "up"], ["  restart", "- up happens after restart", "+ it never did"]),
        (["restart", "look"], ["  restart", "- look happens after restart", "+ it did, but only before restart"]),
    ],
)
def test_what_happened_in_another_order_is_told(tmp_path: Path, order: list[str], lines: list[str]) -> None:
    """What came too early is another mistake than what never came."""
    assert told(played(tmp_path, expect={"order": order})) == [("order", lines)]


def test_what_was_taken_back_and_who_was_paged_have_their_place_in_the_order(tmp_path: Path) -> None:
    """`undo STEP` and `page NAME`."""
    order = ["defrag[b]", "undo defrag[b]", "undo defrag[a]", "up", "page platform"]
    keys: dict[str, Any] = {"given": NOT_HELPED, "answers": {"confirm": True}}
    assert told(played(tmp_path, **keys, expect={"outcome": "not_resolved", "order": order})) == []


def test_an_answer_may_take_its_time(tmp_path: Path) -> None:
    """What is looked at meanwhile is as it is then, also where the question has no deadline."""
    given = {"look": {"exit_code": 1}, "right": {"verdict": "pass"}}
    slow = played(tmp_path, given=given, answers={"confirm": {"answer": True, "after": "12m"}})
    assert (slow.passed, slow.took) == (True, 720)
    seen = played(tmp_path, given={"wrong": {"error": "no"}}, answers={"symptoms": {"answer": "yes", "after": "3m"}})
    assert seen.history.rows["triage/look"].finished == seen.history.started_at + 180


def test_a_skip_is_no_denial(tmp_path: Path) -> None:
    """Whoever started it leaves an option out."""
    keys: dict[str, Any] = {"approvals": {"restart": {"skipped_by": "ann"}}}
    expect = {"outcome": "denied", "gates": {"restart": "skipped", "scale": "expired"}}
    assert told(played(tmp_path, **keys, expect=expect)) == []


def test_a_yes_may_break_the_glass(tmp_path: Path) -> None:
    """In a freeze no other yes counts; the policy says whose does."""
    frozen = Freeze(starts="2026-01-01T00:00:00Z", ends="2026-02-01T00:00:00Z", reason="Sale")
    glass, ann = BreakGlass(from_=("ann",)), {"ann": Person(user="ann")}
    policy = Policy(people=ann, groups={"sre": ("ann",)}, break_glass=glass, freeze=(frozen,))
    here = msgspec.structs.replace(script(tmp_path), policy=policy)
    yes = {"granted_by": ["ann"], "reason": "it cannot wait"}
    for broken, came in ((True, "resolved"), (False, "denied")):
        one = case(approvals={"restart": {**yes, "break_glass": broken}}, expect={"outcome": came})
        assert told(rehearsed(here, one)) == []
