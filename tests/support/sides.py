"""Two sides of a comparison, made of texts."""

from __future__ import annotations

from collections.abc import Mapping

from runbook import kinds
from runbook.authoring.diff.comparing import meanings
from runbook.authoring.diff.meaning import Meaning, World
from runbook.authoring.diff.sides import Entry, Placed, Side
from runbook.document.load import load


def side(files: Mapping[str, str], root: str = "") -> Side:
    """Files by path: YAML of ours becomes documents, everything else stays a file."""
    specs = kinds.specs()
    documents = []
    for path, text in files.items():
        if path.endswith(".yaml") and "kind:" in text:
            loaded = load(text.encode(), specs, path=path)
            documents.append(Placed(path, loaded.kind, loaded.document, loaded.source))
    others = {path: text for path, text in files.items() if path not in {one.path for one in documents}}
    entries = {path: Entry("100755", text) for path, text in others.items()}
    return Side(tuple(documents), specs, root=root, files=entries, text=others.get)


def said(before: Mapping[str, str], after: Mapping[str, str], *authors: str) -> list[Meaning]:
    """All that the change from the one to the other means."""
    return meanings(World(side(before), side(after), authors))
