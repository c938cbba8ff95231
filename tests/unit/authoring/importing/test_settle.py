"""A draft that cannot be loaded as it was read: what does not hold goes to a person, and nothing else changes."""

from __future__ import annotations

from typing import Any

from runbook import kinds
from runbook.authoring.importing.draft import Draft
from runbook.authoring.importing.settle import settled
from runbook.document.load import load

HOLDS: dict[str, Any] = {"id": "fine", "uses": "tcp.connect", "with": {"host": "a", "port": 1}}


def draft(**more: Any) -> Draft:
    document: dict[str, Any] = {
        "apiVersion": "runbook/v1",
        "kind": "Runbook",
        "name": "x",
        "title": "X",
        "triage": [dict(HOLDS)],
        "resolution": [{"id": "one", "steps": [{"id": "do", "uses": "manual.do", "with": {"text": "Do."}}]}],
        "verification": {"checks": [dict(HOLDS, id="well")]},
    }
    return Draft({**document, **more})


def test_what_holds_stays_as_it_is() -> None:
    """To the last key."""
    assert settled(draft(), kinds.specs()) == draft()


def test_a_condition_that_names_nothing_becomes_words() -> None:
    """Its step stays."""
    made = settled(draft(triage=[{**HOLDS, "when": "steps.nobody.value > 1"}]), kinds.specs())
    [step] = made.document["triage"]
    assert step["uses"] == "tcp.connect" and "when: steps.nobody.value > 1" in step["description"]
    assert [left.kept for left in made.left] == ["its condition stands in its description"]


def test_inputs_that_do_not_fit_become_a_step_by_hand() -> None:
    """Which says what they were."""
    made = settled(
        draft(triage=[{"id": "bad", "uses": "tcp.connect", "with": {"host": "{{ x", "port": "y"}}]), kinds.specs()
    )
    [step] = made.document["triage"]
    assert (step["id"], step["uses"]) == ("bad", "manual.do") and "tcp.connect" in step["with"]["text"]
    load(made.text("x").encode(), kinds.specs())


def test_a_check_never_passes_unless_somebody_writes_it() -> None:
    """What cannot be told is never taken for a yes; a symptom that cannot be is kept in the background."""
    bad = {"id": "bad", "uses": "no.such", "with": {}, "expect": "value"}
    made = settled(draft(verification={"checks": [bad]}, symptoms=[dict(bad, id="seen")]), kinds.specs())
    assert made.document["verification"]["checks"][0]["with"]["argv"] == ["false"]
    assert made.document["symptoms"] == [{"alert": "TODO"}] and "no.such" in made.document["about"]
    load(made.text("x").encode(), kinds.specs())


def test_a_name_that_stands_twice_is_told_apart() -> None:
    """The second gets a number."""
    made = settled(draft(triage=[dict(HOLDS), dict(HOLDS)]), kinds.specs())
    assert len({step["id"] for step in made.document["triage"]}) == 2


def test_a_part_that_no_document_can_have_is_kept_in_the_background() -> None:
    """Steps beside it are not touched."""
    bad = draft(escalation={"to": "Who Ever?"}, communication=[{"every": "0m", "to": "a"}])
    made = settled(bad, kinds.specs())
    assert {"escalation", "communication"}.isdisjoint(made.document) and "Who Ever?" in made.document["about"]
    assert made.document["verification"] == draft().document["verification"]
    load(made.text("x").encode(), kinds.specs())


def test_what_is_wrong_elsewhere_is_left_as_it_is() -> None:
    """It ends, and lint says what is wrong."""
    assert settled(draft(name="Not A Name"), kinds.specs()).document["name"] == "Not A Name"
