"""A scenario that contradicts itself is an error, with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook import kinds
from runbook.lint.lint import lint
from support.rehearsals import BOOK, document, scenario


def found(folder: Path, **keys: Any) -> list[str]:
    (folder / "practice.yaml").write_text(BOOK)
    (folder / "practice.scenarios.yaml").write_text(document(scenario(**keys)))
    return [f"{one.code}: {one.message}" for one in lint([folder / "practice.scenarios.yaml"], kinds.specs()).findings]


def test_what_says_one_thing_is_clean(tmp_path: Path) -> None:
    """An entry for later stands behind the one that always applies."""
    expect = {
        "outcome": "resolved",
        "option": "restart",
        "applied": ["up"],
        "undone": ["up"],
        "order": ["up", "undo up"],
    }
    assert found(tmp_path, expect=expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"outcome": "resolved", "status": "waiting"}, "a run that is waiting has no outcome"),
        ({"outcome": "denied", "option": "scale"}, "with the outcome denied there is no 'option'"),
        ({"outcome": "not_needed", "applied": ["up"]}, "nothing is applied where nothing is needed"),
        ({"applied": ["up"], "undone": ["down"]}, "'down' is undone, but not applied"),
        ({"applied": ["up"], "changes": []}, "'applied' has 1 changes, and 'changes' 0"),
    ],
)
def test_what_no_run_can_come_to_is_an_error(tmp_path: Path, expect: dict[str, Any], message: str) -> None:
    """It would fail for ever, or pass for the wrong reason."""
    assert found(tmp_path, expect=expect) == [f"RB060: {message}"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"symptoms/wrong": {"verdict": "pass"}}, "'wrong' and 'symptoms/wrong' are one step"),
        ({"look": {"error": "no", "exit_code": 0}}, "'error' of 'look' stands beside exit_code, which nobody hears"),
        ({"up": {"nothing": "no", "applied": "no"}}, "'nothing' of 'up' stands beside applied, which nobody hears"),
        ({"look": [{"at": "1m", "exit_code": 1}, {"exit_code": 0}]},
         "this answer is never heard: entry 2 of 'look' always applies"),
    ],
)  # fmt: skip
def test_what_is_given_and_never_heard_is_an_error(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    """Whoever wrote it believes that it is tested."""
    assert found(tmp_path, given=given) == [f"RB060: {message}"]


def test_nobody_says_yes_and_no_at_once(tmp_path: Path) -> None:
    """Only one of the two could count."""
    approvals = {"scale": {"granted_by": ["ann"], "denied_by": "ann"}}
    assert found(tmp_path, approvals=approvals) == ["RB060: ann says yes and no at the gate of scale"]


def test_options_that_are_chosen_are_there_and_some_are_left(tmp_path: Path) -> None:
    """As `run --option` and `--skip` say it."""
    assert found(tmp_path, only=["scale"], skip=["restart"]) == []
    assert found(tmp_path, skip=["restrt"]) == ["RB053: the runbook 'practice' has no option 'restrt'"]
    assert found(tmp_path, only=["scale"], skip=["scale"]) == ["RB060: 'only' and 'skip' leave nothing to try"]


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"gates": {"restrt": "granted"}}, "the runbook 'practice' has no option 'restrt'"),
        ({"steps": {"lok": "none"}}, "the runbook 'practice' has no step 'lok'"),
        ({"changes": [{"step": "look"}]}, "the runbook 'practice' has no step of an option 'look'"),
        ({"order": ["up", "page nobody"]}, "nothing in the runbook 'practice' is called 'page nobody'"),
    ],
)
def test_what_is_expected_is_about_what_there_is(tmp_path: Path, expect: dict[str, Any], message: str) -> None:
    """A misspelt name under `none` would be right for ever."""
    assert found(tmp_path, expect=expect) == [f"RB053: {message}"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"answer": True, "after": "12m"}, None),
        ({"say": True}, "is a map, which has `answer`, and `after` if the answer takes its time"),
        (
            {"answer": True, "after": "soon"},
            "has an `after` that is not a duration: 'soon'; write a number with a unit",
        ),
    ],
)
def test_an_answer_that_takes_its_time_says_so_in_two_words(tmp_path: Path, answer: Any, problem: str | None) -> None:
    """Anything else would be taken for the answer itself."""
    messages = found(tmp_path, answers={"confirm": answer})
    assert [message.partition("' ")[2].partition(", such")[0] for message in messages[:1]] == (
        [problem] if problem else []
    )
