"""Nothing that a document says changes in silence, and nothing that it says otherwise is told as a change."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook import kinds
from runbook.authoring.diff.comparing import meanings
from runbook.authoring.diff.meaning import World
from runbook.authoring.diff.sides import Placed, Side
from runbook.document.load import load
from runbook.document.source import parse
from runbook.errors import DocumentError
from support.sides import said

CASES = Path(__file__).parents[3] / "cases"
PULLS = CASES / "pulls"
DOCUMENTS = [
    *(PULLS / "01-gate-removed" / "base").rglob("*.yaml"),
    *(PULLS / "14-change-claims-to-read" / "base").rglob("*.yaml"),
    *(PULLS / "44-scenario-tells" / "base").rglob("*.scenarios.yaml"),
    CASES / "valid" / "reuse.yaml",
]
OF_NO_MATTER = {  # lists that are sets, and things that happen at once or not at all
    *("symptoms", "triage", "checks", "communication", "scenarios", "from", "from_each", "read", "effects", "enum"),
    *("runbooks", "groups", "sre", "notify", "deny"),
}


SAID_ANYWAY = (("required", 1), ("expect", "exit_code == 0"))  # what holds where nothing is written


def placed(data: Any) -> Placed:
    loaded = load(json.dumps(data).encode(), kinds.specs(), path="x.yaml")
    return Placed("x.yaml", loaded.kind, loaded.document, loaded.source)


def edits(value: Any, pointer: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Places, and what to put there: another value, a list turned around, or (None) nothing."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from edits(value[key], (*pointer, key))
        if isinstance(value, list) and len(value) > 1 and not OF_NO_MATTER & set(pointer[-1:]):
            yield pointer, value[::-1]
    elif isinstance(value, bool):
        yield pointer, not value
    elif isinstance(value, int | float):
        yield pointer, value + 1
    elif isinstance(value, str):
        yield from ((pointer, other) for other in (f"{value}x", "3h"))
    if pointer and pointer not in (("apiVersion",), ("kind",)) and (pointer[-1], value) not in SAID_ANYWAY:
        yield pointer, None


def edited(data: Any, pointer: tuple[str | int, ...], value: Any) -> Any:
    whole = copy.deepcopy(data)
    inner = whole
    for key in pointer[:-1]:
        inner = inner[key]
    if value is None:
        del inner[pointer[-1]]
    else:
        inner[pointer[-1]] = value
    return whole


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_nothing_changes_in_silence(path: Path) -> None:
    """Every key of a document, changed, turned around or taken away: where it still loads, it is told."""
    data = parse(path.read_bytes()).data
    before = placed(data)
    silent = []
    for pointer, value in edits(data):
        try:
            after = placed(edited(data, pointer, value))
        except DocumentError:
            continue
        world = World(Side((before,), kinds.specs()), Side((after,), kinds.specs()))
        if before.document != after.document and not meanings(world):
            silent.append((pointer, value))
    assert silent == []


HEAD = "apiVersion: runbook/v1\nkind: Runbook\nname: {}\ntitle: A title\n"
STEP = "triage: [{{id: a, uses: tcp.connect, with: {{host: h, port: {}}}}}]\n"


def test_a_runbook_with_another_name_is_the_same_runbook() -> None:
    """It is compared with what it was, and its new name is told."""
    before = {"runbooks/a.yaml": HEAD.format("a") + STEP.format(80)}
    after = {"runbooks/b.yaml": HEAD.format("b") + STEP.format(80)}
    assert [one.code for one in said(before, after)] == ["document-renamed"]
    edited_too = {"runbooks/a.yaml": HEAD.format("b") + STEP.format(81)}
    assert [one.code for one in said(before, edited_too)] == ["reading-changed", "document-renamed"]


def test_documents_that_come_and_go_are_told() -> None:
    """A new runbook that changes something asks for more than one that looks."""
    looks = {"a.yaml": HEAD.format("a") + STEP.format(80)}
    option = "resolution: [{id: o, steps: [{id: s, uses: kubernetes.delete_pod, with: {pod: p, namespace: n}}]}]\n"
    check = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: h, port: 80}}]}\n"
    changes = {"b.yaml": HEAD.format("b") + option + check}
    assert [one.code for one in said({}, looks)] == ["document-added"]
    assert [(one.code, one.sentence) for one in said({}, changes)] == [
        ("runbook-added", "runbook b is new, and destroys")
    ]
    assert [one.code for one in said(looks, {})] == ["document-removed"]


def test_a_meaning_has_its_place_in_the_head_or_else_in_the_base() -> None:
    """Lines are those of the file that people can look at."""
    before = {"a.yaml": HEAD.format("a") + STEP.format(80) + "caution: Beware.\n"}
    [gone] = said(before, {"a.yaml": HEAD.format("a") + STEP.format(80)})
    assert (gone.line, gone.in_base, gone.code) == (6, True, "caution-changed")
    [changed] = said(before, {"a.yaml": HEAD.format("a") + "caution: Beware!\n" + STEP.format(80)})
    assert (changed.line, changed.in_base) == (5, False)


def test_true_is_not_one() -> None:
    """Values that Python takes for equal are two values to whoever gets them as JSON."""
    inputs = "{{method: POST, url: 'http://h/', json: {{a: {}}}}}"
    body = f"resolution: [{{{{id: o, steps: [{{{{id: s, uses: http.request, with: {inputs}}}}}]}}}}]\n"
    check = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: h, port: 80}}]}\n"
    texts = [{"a.yaml": HEAD.format("a") + body.format(value) + check} for value in ("1", "true")]
    assert [one.code for one in said(*texts)] == ["request-changed"]


def test_the_riskiest_comes_first_whatever_the_order_of_files() -> None:
    """The same change always reads the same."""
    folder = PULLS / "14-change-claims-to-read"
    trees = [
        {str(file.relative_to(folder / side)): file.read_text() for file in sorted((folder / side).rglob("*.*"))}
        for side in ("base", "head")
    ]
    turned = [dict(reversed(tree.items())) for tree in trees]
    assert said(*trees) == said(*turned)
    assert [one.code for one in said(*trees)] == ["claims-to-read", "undo-removed"]
