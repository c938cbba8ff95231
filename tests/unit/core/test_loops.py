from __future__ import annotations

from typing import Any

import pytest

from runbook.core.facts import Facts
from runbook.core.loops import Loop, LoopError, Turn, difference, listed_from, turns
from runbook.core.words import Ended, StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import ForEach, Local, Step
from runbook.document.words import StepOnFailure

SCOPE: dict[str, object] = {"params": {"host": "h", "hosts": ["b", "a"]}, "steps": Facts(["dark"])}
AB = (Turn("a", "a"), Turn("b", "b"))


def keys(**words: Any) -> list[str]:
    return [turn.key for turn in turns(ForEach(**words), SCOPE)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"items": "params.hosts"}, ["b", "a"]),
        ({"items": ("x", 2, 2.5, "https://a:1/b@c")}, ["x", "2", "2.5", "https://a:1/b@c"]),
        ({"items": ("{{ params.host }}-1", "b")}, ["h-1", "b"]),
        ({"items": "params.hosts", "order_by": "item"}, ["a", "b"]),
        ({"items": ("a", "b"), "as_": "x", "key": "x", "order_by": "x == 'a'"}, ["b", "a"]),
        ({"items": ({"n": 1}, {"n": 2}), "key": "params.host + (item.n | string)"}, ["h1", "h2"]),
        ({"items": ()}, []),
    ],
)
def test_a_list_gives_turns_in_order_each_with_a_key(words: dict[str, Any], expected: list[str]) -> None:
    """An item that is text or a number is its own key; a list in the document may hold templates."""
    assert keys(**words) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"items": "params.host"}, "'items' is text, not a list"),
        ({"items": "params.hosts | length"}, "'items' is a number, not a list"),
        ({"items": ("1", 1)}, "items 1 and 2 have the same key, '1'"),
        ({"items": ("a", "b"), "order_by": "item.x"}, "'order_by' of a: "),
        ({"items": ("a", 1), "order_by": "item"}, "'order_by' is not a number, a boolean or text for every item"),
        ({"items": ("a", "b"), "order_by": "none"}, "'order_by' is not a number, a boolean or text for every item"),
    ],
)
def test_a_list_that_cannot_be_gone_through_for_certain_is_an_error(words: dict[str, Any], said: str) -> None:
    """Two keys that look the same are the same."""
    with pytest.raises(LoopError) as raised:
        keys(**words)
    assert str(raised.value).startswith(said)


def test_a_list_that_is_not_known_is_unknown() -> None:
    """Which is neither empty nor an error of the author."""
    with pytest.raises(Unknown, match="step dark has not run"):
        keys(items="steps.dark.rows")


def test_what_a_list_is_made_from_leaves_the_item_itself_out() -> None:
    """Its key and its order count: they decide what is gone through, and when."""
    loop = ForEach(items="steps.a.rows", key="item.n + params.x", order_by="steps.b.value == item")
    assert listed_from(loop) == {("steps", "a", "rows"), ("params", "x"), ("steps", "b", "value")}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("abc", "abc", ""),
        ("ab", "abc", "c came"),
        ("abcd", "ad", "b and c went"),
        ("ab", "ba", "the order is now b, a"),
    ],
)
def test_two_lists_differ_in_what_came_and_went_or_in_their_order(before: str, after: str, said: str) -> None:
    """In the words that the gate shows when it opens again."""
    assert difference(list(before), list(after)) == said


def test_a_repeated_step_is_a_step_with_its_key_and_its_item() -> None:
    """Its own `on_failure` speaks of the whole; each item's failure is the loop's to judge."""
    step = Step(id="s", uses="turn", title="T", on_failure=StepOnFailure.CONTINUE, for_each=ForEach(items="x"))
    one = Loop("s", step.for_each or ForEach(items=""), AB, [step], lenient=True).steps["s[b]"]
    assert (one.id, one.title, one.for_each, one.on_failure) == ("s[b]", "T [b]", None, "stop")
    assert one.local == Local(values={"item": "b"}, outer=Local(steps={"s": "s[b]"}))


def test_the_item_of_an_option_lies_around_the_names_of_a_part_that_it_includes() -> None:
    """So that the part can be given the item."""
    part = Local(params={"host": "{{ item }}"}, steps={"x": "p_x"})
    one = Loop("o", ForEach(items="x"), AB, [Step(id="p_x", uses="look", local=part)], lenient=False).steps["p_x[a]"]
    assert one.local == Local(
        params=part.params, steps=part.steps, outer=Local(values={"item": "a"}, steps={"p_x": "p_x[a]"})
    )


@pytest.mark.parametrize(
    ("words", "lenient", "ended", "unknown", "goes_on", "others"),
    [
        ("stop", False, Ended.FAILED, False, False, True),
        ("stop", True, Ended.FAILED, False, True, True),
        ("continue", False, Ended.FAILED, False, True, False),
        ("continue", False, Ended.FAILED, True, False, False),
        ("continue", True, Ended.BLOCKED, False, False, False),
        ("continue", True, Ended.STALE, False, False, False),
    ],
)
def test_only_a_plain_failure_is_the_loops_to_judge(
    words: str, lenient: bool, ended: Ended, unknown: bool, goes_on: bool, others: bool
) -> None:
    """What is unknown, denied, blocked or stale ends the option as everywhere."""
    step = Step(id="s", uses="turn", for_each=ForEach(items="x"))
    loop = Loop("s", ForEach(items="x", on_failure=StepOnFailure(words)), AB, [step], lenient)
    assert loop.fails("a", ended, unknown, "why") is goes_on
    assert (loop.over("s[b]") is not None) is others


S, V = StepStatus, Verdict
WHOLES = [
    ([(S.SUCCEEDED, None), (S.SUCCEEDED, None)], "succeeded", None, []),
    ([(S.SUCCEEDED, None), (S.PENDING, None)], "started", None, []),
    ([(S.SUCCEEDED, None), (S.SKIPPED, None)], "succeeded", None, []),
    ([(S.FAILED, None), (S.SUCCEEDED, None)], "failed", None, ["a"]),
    ([(S.SUCCEEDED, V.PASS), (S.SUCCEEDED, V.FAIL)], "succeeded", "fail", ["b"]),
    ([(S.SUCCEEDED, V.PASS), (S.SUCCEEDED, V.UNKNOWN)], "succeeded", "unknown", []),
    ([(S.SUCCEEDED, V.PASS), (S.SUCCEEDED, V.PASS)], "succeeded", "pass", []),
    ([(S.DENIED, None), (S.DENIED, None)], "denied", None, []),
    ([(S.UNDONE, None), (S.UNDONE, None)], "undone", None, []),
    ([(S.PENDING, None), (S.SKIPPED, None)], "pending", None, []),
    ([(S.SKIPPED, None), (S.SKIPPED, None)], "skipped", None, []),
]


@pytest.mark.parametrize(("items", "status", "verdict", "failed"), WHOLES)
def test_the_whole_of_a_loop_is_what_its_items_are(
    items: list[tuple[S, V | None]], status: str, verdict: str | None, failed: list[str]
) -> None:
    """The worst of their statuses, the verdict of all; results are known whatever came of it."""
    facts = Facts(["s"])
    facts.repeat("s", ["a", "b"])
    for key, (came, said) in zip("ab", items, strict=True):
        facts.set(f"s[{key}]", came, said, {"value": key})
    whole = facts["s"]
    assert (whole["status"], whole["verdict"], whole["failed"]) == (status, verdict, failed)
    silent = [came in (S.FAILED, S.PENDING, S.SKIPPED, S.DENIED, S.UNDONE) or said is V.UNKNOWN for came, said in items]
    assert [result["output"] is None for result in whole.output["results"]] == silent


def test_an_empty_loop_was_skipped_and_its_results_are_an_empty_list() -> None:
    """Which is known, and true."""
    facts = Facts(["s"])
    facts.repeat("s", [])
    assert dict(facts["s"]) == {"status": "skipped", "verdict": None, "results": [], "failed": []}
