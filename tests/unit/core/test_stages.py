from __future__ import annotations

from typing import Any

import pytest

from runbook.core.stages import needs, stages, used, waits_for
from runbook.document.model import Step


def step(id_: str, uses: str = "turn", **more: Any) -> Step:
    return Step(id=id_, uses=uses, **more)


def cut(*steps: Step) -> list[str]:
    """Stages as text: what leads, then what follows the first change."""
    found = stages(steps, lambda s: s.uses == "turn")
    return [" ".join(s.id for s in stage.lead) + "|" + " ".join(s.id for s in stage.body) for stage in found]


A = step("a")
P = step("p", "look")
NAMES_A = {"to": "{{ steps.a.value }}"}
NAMES_P = {"to": "{{ steps.p.value }}"}

ROWS = [
    ([A, step("b"), step("c")], ["|a b c"], "changes that know nothing of each other are one stage"),
    ([A, step("b", inputs=NAMES_A)], ["|a", "|b"], "an input that names a change starts a stage"),
    ([A, step("b", when="steps.a.status == 'failed'")], ["|a", "|b"], "a when that names a change starts a stage"),
    ([P, A, step("b", inputs=NAMES_P)], ["p|a b"], "what leads is known before the gate"),
    ([A, P, step("b")], ["|a p b"], "a read between changes runs in its place"),
    ([A, P, step("b", inputs=NAMES_P)], ["|a p", "|b"], "a read after a change is known only then"),
    ([A, step("b", inputs=NAMES_A), step("c", inputs=NAMES_A)], ["|a", "|b c"], "an earlier stage is over"),
    ([A, step("b", inputs=NAMES_A), step("c", when="steps.b.value")], ["|a", "|b", "|c"], "stage after stage"),
    ([A, step("q", "look", inputs=NAMES_A)], ["|a q"], "a read never starts a stage"),
    ([P], ["p|"], "an option without a change is one lead"),
    ([], [], "nothing is nothing"),
]


@pytest.mark.parametrize(("steps", "expected", "claim"), ROWS, ids=[row[2] for row in ROWS])
def test_an_option_is_cut_where_a_change_could_not_be_planned_before_another(
    steps: list[Step], expected: list[str], claim: str
) -> None:
    """An approval never covers what could not be planned."""
    assert cut(*steps) == expected


def test_what_a_step_waits_for_is_named() -> None:
    """A gate lists later steps with what they wait for."""
    assert waits_for(step("b", inputs=NAMES_A, when="steps.p.value > 1"), [A, P, step("c")]) == ("a", "p")


def test_references_deep_in_the_inputs_count() -> None:
    """Lists and maps are looked through."""
    nested = step("b", inputs={"list": [{"x": "is {{ steps.a.value }}"}], "n": 1}, when="params.p")
    assert used(nested) == {("steps", "a", "value"), ("params", "p")}


def test_a_parallel_step_needs_the_siblings_that_it_names() -> None:
    """In inputs, `when` and `expect`; never itself, never a step of another phase, never `steps` as a whole."""
    named = step("b", "look", inputs=NAMES_A, when="steps.p.value and steps", expect="steps.c.value and steps.b.value")
    assert needs(named, frozenset("abpc")) == {"a", "p", "c"}
    assert needs(named, frozenset("bp")) == {"p"}
    assert needs(step("z", "look"), frozenset("abc")) == frozenset()
