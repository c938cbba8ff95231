from __future__ import annotations

from typing import Any

import pytest

from runbook.core.bindings import bound, meant
from runbook.core.context import Run
from runbook.core.facts import StepView
from runbook.core.situation import Situation
from runbook.core.stages import needs, used
from runbook.core.words import Mode, StepStatus
from runbook.document.expressions import Unknown, parse
from runbook.document.model import Local, Step
from support.machines import KINDS, book

SEEN = {
    "db_reachable": StepView("db_reachable", StepStatus.SUCCEEDED, None, {"value": 1}),
    "db_reachable[b]": StepView("db_reachable[b]", StepStatus.SUCCEEDED, None, {"value": 2}),
    "leader": StepView("leader", StepStatus.SUCCEEDED, None, {"value": "b"}),
    "dark": StepView("dark"),
}
SCOPE: dict[str, object] = {"params": {"host": "h", "port": 1}, "steps": SEEN, "env": {}}
ITEM = Local(values={"member": {"name": "a"}})
PART = Local(params={"host": "{{ params.host }}.{{ steps.leader.value }}"}, steps={"reachable": "db_reachable"})
REPEATED = Local(values={"member": "b"}, steps={"db_reachable": "db_reachable[b]"})


def said(text: str, local: Local | None) -> Any:
    return parse(text).evaluate(bound(SCOPE, local))


def test_without_a_local_a_scope_is_the_documents() -> None:
    """Most steps have none, and pay nothing for it."""
    assert bound(SCOPE, None) is SCOPE
    assert meant([("steps", "leader")], None) == {("steps", "leader")}


def test_a_loops_item_is_a_name_beside_the_others() -> None:
    """Everything that the document knows stays what it is."""
    assert said("member.name", ITEM) == "a"
    assert said("params.port", ITEM) == 1


def test_an_included_part_sees_the_parameters_that_it_was_given_and_no_others() -> None:
    """They are templates, in the names of the document that includes it."""
    assert said("params.host", PART) == "h.b"
    assert said("params.port is defined", PART) is False
    assert said("params | length", PART) == 1


def test_a_parameter_that_cannot_be_told_is_unknown_only_to_those_who_touch_it() -> None:
    """A step that does not use it goes on."""
    local = Local(params={"host": "{{ steps.dark.value }}", "port": 2})
    assert said("params.port", local) == 2
    with pytest.raises(Unknown, match="step dark has not run"):
        said("params.host", local)


def test_an_included_part_calls_its_steps_by_their_own_names() -> None:
    """Those of the document are there too, unless the part has one of that name."""
    assert said("steps.reachable.value", PART) == 1
    assert said("'reachable' in steps and 'leader' in steps and steps | length == 5", PART) is True


def test_layers_nest_outwards() -> None:
    """A part inside a repeated option means the steps of the same iteration, and may be given the item."""
    inner = Local(params={"host": "{{ member }}"}, steps={"reachable": "db_reachable"}, outer=REPEATED)
    assert said("params.host", inner) == "b"
    assert said("steps.reachable.value", inner) == 2


@pytest.mark.parametrize(
    ("path", "local", "expected"),
    [
        (("steps", "reachable", "value"), PART, {("steps", "db_reachable", "value")}),
        (("steps",), PART, {("steps",)}),
        (("params", "host"), PART, {("params", "host"), ("steps", "leader", "value")}),
        (("params",), PART, {("params", "host"), ("steps", "leader", "value")}),
        (("params", "port"), PART, set()),
        (("member", "name"), ITEM, set()),
        (("params", "host"), ITEM, {("params", "host")}),
    ],
)
def test_references_are_told_in_the_names_of_the_document(
    path: tuple[str, ...], local: Local, expected: set[tuple[str, ...]]
) -> None:
    """Else stages and triage would not know what waits for what."""
    assert meant([path], local) == expected


def test_a_step_of_a_part_waits_for_what_its_parameters_name() -> None:
    """Through `with` of the include as through its own texts."""
    step = Step(
        id="db_lag", uses="look", inputs={"to": "{{ params.host }}"}, expect="steps.reachable.value", local=PART
    )
    assert ("steps", "leader", "value") in used(step)
    assert needs(step, frozenset({"db_reachable", "leader", "other"})) == {"db_reachable", "leader"}


def test_a_run_reads_a_steps_when_and_inputs_with_its_own_names() -> None:
    """`Run.scope` of no step is the document's."""
    run = Run(book("triage: [{id: x, uses: look}]\n"), Situation(run="r", mode=Mode.BY_HAND, parameters={}), KINDS)
    step = Step(id="x", uses="look", inputs={"to": "{{ member.name }}"}, local=ITEM)
    assert run.rendered(step) == {"to": "a"}
    assert "member" not in run.scope()
