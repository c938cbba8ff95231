"""The schemas grow, and never take back what they have once accepted.

`tests/cases/schemas` holds them as they were before the format grew for the first time, without their descriptions.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from support.growth import Growth

CASES = Path(__file__).resolve().parents[2] / "cases" / "schemas"
NOW = Path(__file__).resolve().parents[3] / "schemas"
NAMES = sorted(path.name for path in CASES.glob("*.json"))


def schema(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


@pytest.mark.parametrize("name", NAMES)
def test_what_was_accepted_once_is_accepted_still(name: str) -> None:
    """A document that was written for an older version loads for ever."""
    assert Growth(schema(CASES, name), schema(NOW, name)).narrowed() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda new: new["properties"].pop("owners"), "'owners' is gone"),
        (lambda new: new["required"].append("impact"), "required was"),
        (lambda new: new["properties"]["severity"]["enum"].remove("SEV4"), "enum was"),
        (lambda new: new["properties"]["tags"].update(maxItems=3), "maxItems was None"),
        (lambda new: new["$defs"]["option"]["properties"]["steps"].update(minItems=2), "minItems was 1"),
        (lambda new: new.setdefault("allOf", []).append({"required": ["impact"]}), "a further demand"),
    ],
    ids=["a key", "a demand", "a word", "a limit", "inside", "a branch"],
)
def test_a_schema_that_takes_something_back_is_noticed(change: Any, said: str) -> None:
    """The comparison itself can fail."""
    old = schema(CASES, "runbook.schema.json")
    new = copy.deepcopy(old)
    change(new)
    [narrowed] = Growth(old, new).narrowed()
    assert said in narrowed


def test_a_form_that_has_all_the_old_words_takes_nothing_back() -> None:
    """SEV1 to SEV4 are names of severities still, when a team may have its own."""
    old = {"type": "string", "enum": ["SEV1", "SEV2"]}
    assert Growth(old, {"type": "string", "minLength": 1, "pattern": "^[A-Z]+[0-9]$"}).narrowed() == []
    assert len(Growth(old, {"type": "string", "pattern": "^[A-Z]+1$"}).narrowed()) == 1


def test_a_mapping_beside_a_list_takes_nothing_back() -> None:
    """What is demanded of the one is not demanded of the other."""
    old = {"type": "array", "items": {"type": "string"}}
    new = {**old, "type": ["array", "object"], "properties": {"host": {}}, "required": ["host"]}
    assert Growth(old, new).narrowed() == []
    assert len(Growth({**old, "type": ["array", "object"]}, new).narrowed()) == 2


def test_a_choice_by_a_new_key_takes_nothing_back() -> None:
    """`steps`, or else the new `continue_with`: who wrote steps need not know."""
    old = schema(CASES, "runbook.schema.json")
    new = copy.deepcopy(old)
    option = new["$defs"]["option"]
    option["properties"]["continue_with"] = {"type": "object"}
    option["required"].remove("steps")
    option["if"] = {"required": ["continue_with"]}
    option["else"] = {"required": ["steps"]}
    assert Growth(old, new).narrowed() == []
    option["else"] = {"required": ["steps", "title"]}
    assert len(Growth(old, new).narrowed()) == 1


def test_another_shape_by_a_new_key_takes_nothing_back() -> None:
    """A step, or an entry with the new `include`: steps are held to what they were held to."""
    old = schema(CASES, "runbook.schema.json")
    new = copy.deepcopy(old)
    step = {"$ref": "#/$defs/triage_step"}
    new["properties"]["triage"]["items"] = {"if": {"required": ["include"]}, "then": {"type": "object"}, "else": step}
    assert Growth(old, new).narrowed() == []
    new["$defs"]["triage_step"]["required"] = ["id", "title"]
    assert len(Growth(old, new).narrowed()) == 1
