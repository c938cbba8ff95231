"""The language server, as an editor meets it: a process of its own, and messages over pipes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="pygls is not installed: pip install 'runbook-engine[lsp]'")

from support.editor import Editor

BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: api
title: Die API schlägt fehl 🔥
triage:
  - id: port
    uses: tcp.connect
    with: {host: localhost, port: 80}
resolution:
  - id: wait
    when: steps.port.verdict == 'fail'
    steps:
      - {id: look, uses: tcp.connect, with: {host: localhost, port: 80}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "runbooks").mkdir()
    return tmp_path


@pytest.fixture
def editor(folder: Path) -> Iterator[Editor]:
    editor = Editor(folder)
    try:
        yield editor
        assert editor.close() == 0
    finally:
        editor.kill()


def codes(found: list[dict]) -> set[str]:
    return {one["code"] for one in found}


def test_findings_follow_what_is_typed(editor: Editor, folder: Path) -> None:
    """Of the text that the editor holds, not of the file, which need not be there; with what to do about it."""
    uri = editor.open(folder / "runbooks" / "api.yaml", BOOK)
    assert "RB021" not in codes(editor.findings(uri))
    editor.change(uri, 2, BOOK.replace("uses: tcp.connect\n", "use: tcp.connect\n"))
    [one] = [one for one in editor.findings(uri) if one["code"] == "RB021"]
    assert "did you mean 'uses'?" in one["message"]
    assert one["severity"] == 1
    assert one["range"]["start"] == {"line": 6, "character": 4}
    editor.change(uri, 3, BOOK)
    assert "RB021" not in codes(editor.findings(uri))


def test_a_document_of_others_is_left_alone(editor: Editor, folder: Path) -> None:
    """A repository is full of YAML."""
    assert editor.findings(editor.open(folder / "values.yaml", "a: [\n")) == []


def test_places_are_counted_as_the_editor_counts(editor: Editor, folder: Path) -> None:
    """In UTF-16, where a flame is two."""
    text = BOOK.replace("with: {host: localhost", 'with: {host: "🔥🔥{{ params.nothing }}"', 1)
    found = editor.findings(editor.open(folder / "runbooks" / "api.yaml", text))
    [one] = [one for one in found if "nothing" in one["message"]]
    line, start = text.splitlines()[7], one["range"]["start"]
    assert start["line"] == 7
    assert line.encode("utf-16-le")[2 * start["character"] :].decode("utf-16-le").startswith("nothing")


def test_completion_hover_and_definition_are_answered(editor: Editor, folder: Path) -> None:
    """What may be typed, what it is, where it comes from."""
    uri = editor.open(folder / "runbooks" / "api.yaml", BOOK)
    offered = editor.at("completion", uri, 6, len("    uses: tcp."))
    assert [item["label"] for item in offered["items"]] == ["tcp.connect"]
    assert editor.at("hover", uri, 6, 12)["contents"]["value"].startswith("**tcp.connect**")
    assert editor.at("definition", uri, 10, 18)["range"]["start"]["line"] == 5
    names = [one["name"] for one in editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})]
    assert names == ["port", "wait", "look"]


def test_another_document_is_found_by_its_name(editor: Editor, folder: Path) -> None:
    """A name in a scenario leads to its runbook."""
    (folder / "runbooks" / "api.yaml").write_text(BOOK)
    scenario = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: api\nscenarios: []\n"
    uri = editor.open(folder / "runbooks" / "api.scenarios.yaml", scenario)
    assert editor.at("definition", uri, 2, 10)["uri"] == (folder / "runbooks" / "api.yaml").as_uri()


def test_a_document_is_written_in_the_one_style(editor: Editor, folder: Path) -> None:
    """As `fmt` does; a text that cannot be read stays as it is."""
    uri = editor.open(folder / "runbooks" / "api.yaml", BOOK.replace("kind: Runbook", "kind:   'Runbook'"))
    options = {"textDocument": {"uri": uri}, "options": {"tabSize": 2, "insertSpaces": True}}
    [edit] = editor.ask("textDocument/formatting", options)
    assert "kind: Runbook\n" in edit["newText"]
    editor.change(uri, 2, "apiVersion: runbook/v1\nkind: [\n")
    assert editor.ask("textDocument/formatting", options) is None
