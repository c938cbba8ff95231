"""CACAO 2.0: playbooks that hold together, and drafts of other people's that keep every step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runbook import kinds
from runbook.authoring.cacao.export import playbook
from runbook.authoring.cacao.reading import draft
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.errors import DocumentError
from support.books import Book, every

PLAYBOOK = (Path(__file__).parents[3] / "cases" / "cacao" / "contain-host.json").read_bytes()
ID = re.compile(r"[a-z][a-z-]*--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
LEADS = ("on_completion", "on_success", "on_failure", "on_true", "on_false")


def made(book: Book) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(playbook(book.book, book.source, kinds.specs()))
    return data


@pytest.mark.parametrize("book", every(), ids=lambda book: book.book.name)
def test_a_playbook_has_what_the_standard_asks_for(book: Book) -> None:
    """Required properties, identifiers of their form, and steps that all lead somewhere and are all reached."""
    found = made(book)
    assert {
        "type",
        "spec_version",
        "id",
        "name",
        "created_by",
        "created",
        "modified",
        "workflow_start",
        "workflow",
    } <= set(found)
    assert (found["type"], found["spec_version"]) == ("playbook", "cacao-2.0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\.000Z", found["modified"])
    workflow = found["workflow"]
    assert all(len(step["next_steps"]) > 1 for step in workflow.values() if step["type"] == "parallel")
    assert all(ID.fullmatch(id_) and id_.startswith(step["type"] + "--") for id_, step in workflow.items())
    reached, left = set[str](), [found["workflow_start"]]
    while left:
        id_ = left.pop()
        if id_ not in reached:
            reached.add(id_)
            left += [
                *workflow[id_].get("next_steps", []),
                *(workflow[id_][key] for key in LEADS if key in workflow[id_]),
            ]
    assert reached == set(workflow)
    for step in workflow.values():
        if step["type"] == "action":
            assert step["commands"] and step["agent"] in found["agent_definitions"]
        if step["type"] == "if-condition":
            assert step["condition"] and step["on_true"]


def test_every_step_and_gate_of_a_runbook_stands_in_its_playbook() -> None:
    """Commands as somebody would type them; what a person does as that."""
    for book in every():
        names = [step.get("name") for step in made(book)["workflow"].values()]
        steps = [step for option in book.book.resolution for step in option.steps]
        assert {step.title or step.id for step in (*book.book.triage, *steps)} <= set(names)


def test_a_playbook_of_others_keeps_every_step() -> None:
    """In the order in which they are reached, with the conditions as words; variables become parameters."""
    made_of = draft(PLAYBOOK, "contain-host.json")
    book = load(made_of.text("x").encode(), kinds.specs()).document
    assert isinstance(book, Runbook)
    [option] = book.resolution
    assert [(step.title, step.uses) for step in option.steps] == [
        ("Look who is logged in", "kubernetes.pods"), ("Look who is logged in", "shell.run"),
        ("Cut it off", "manual.do"), ("Tell the owner", "manual.do"), ("Forensics", "manual.do"),
    ]  # fmt: skip
    assert option.steps[3].inputs["text"] == "Call the owner of {{ params.host }}."
    assert "__found__:value > 0" in str(option.steps[2].description)
    assert (book.severity, book.parameters["host"].default, book.parameters["tries"].default) == (
        "SEV1",
        "web-1.example.com",
        3,
    )
    assert "markings" in {left.where for left in made_of.left} and "00000000-0000-4000" in str(book.about)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"type": "playbook"}',
        b'{"type": "playbook", "workflow": {}, "spec_version": "1.1"}',
        b"[" * 9000,
    ],
    ids=range(7),
)
def test_what_is_no_playbook_is_said_to_be_none(data: bytes) -> None:
    """Of another version too: nothing is guessed."""
    with pytest.raises(DocumentError) as caught:
        draft(data, "x.json")
    assert caught.value.findings[0].path == "x.json"


def test_circles_and_odd_steps_end() -> None:
    """A workflow that leads back to itself, steps that are none, commands that are none."""
    workflow = {
        "a": {"type": "while-condition", "condition": "x", "on_true": "b"},
        "b": {
            "type": "action",
            "commands": [{"type": "bash", "command_b64": "ZGYgLWg="}, {"type": "yara"}, 3],
            "on_completion": "a",
        },
        "c": 7,
        "d": {"type": "action"},
    }
    book = {"type": "playbook", "spec_version": "cacao-2.0", "workflow_start": "a", "workflow": workflow}
    made_of = draft(json.dumps(book).encode(), "x.json")
    uses = [step["uses"] for step in made_of.document["resolution"][0]["steps"]]
    assert uses == ["manual.do", "command.run", "manual.do"]
