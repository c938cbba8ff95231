"""What a person picks is one of what was found, or nothing; a list that is none asks nobody."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.asking import NothingToChoose, answers
from runbook.core.commands import Ask
from support.machines import Script, play

BODY = """
triage: [{id: found, uses: look}]
resolution:
  - id: one
    steps:
      - {id: pick, uses: manual.choose, with: {question: Which?, choices: "{{ steps.found.value }}"}}
      - {id: a, uses: turn, with: {to: "{{ steps.pick.value }}"}}
"""


def chosen(found: Any, answer: Any) -> Any:
    return play(BODY, Script(seen={"found": {"value": found}}, answers={"pick": answer}))


@pytest.mark.parametrize(("answer", "value"), [("etcd-1", "etcd-1"), ("7", 7), ("true", True)])
def test_a_pick_is_what_stands_in_the_list(answer: str, value: object) -> None:
    """A number stays one, whatever way it was typed."""
    run = chosen(["etcd-1", 7, True], answer)
    assert run.all(Ask)[0].choices == ("etcd-1", "7", "true")
    assert run.of("resolution/one/a:plan#1").inputs == {"to": value}


def test_what_is_none_of_the_choices_is_asked_again() -> None:
    """Until somebody picks, or nobody does in time; the time is not given anew."""
    run = chosen(["a", "b"], ["c", "b"])
    first, second = run.all(Ask)
    assert (second.key, second.deadline) == ("resolution/one/pick:ask#2", first.deadline)
    assert run.of("resolution/one/a:plan#1").inputs == {"to": "b"}
    assert chosen(["a"], ["c", "expired"]).ends()["one"] == "failed"


NOTHING = [
    ("text", "the choices are 'text', not a list"),
    ({"a": 1}, "the choices are a mapping, not a list"),
    ([], "the list of choices is empty"),
    ([["a"]], "a choice is a list, where text or a number is needed"),
    ([None], "a choice is nothing, where text or a number is needed"),
    ([""], "a choice is empty, where text or a number is needed"),
]


@pytest.mark.parametrize(("given", "why"), NOTHING)
def test_what_is_nothing_to_choose_from_fails_the_step_and_says_so(given: Any, why: str) -> None:
    """Nobody is asked, and the option ends."""
    with pytest.raises(NothingToChoose, match=why):
        answers("choice", {"choices": given})
    run = chosen(given, "a")
    assert (run.all(Ask), run.ends()["one"]) == ([], "failed")
    assert run.notes("resolution/one/pick")[0]["reason"] == why


def test_choices_that_cannot_be_told_are_no_list_either() -> None:
    """As with any other input."""
    run = play(BODY, Script(seen={"found": "unreadable"}))
    assert run.notes("resolution/one/pick")[0]["reason"] == "cannot tell its inputs: step found failed"
