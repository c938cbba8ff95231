"""The exact bytes of every document that a run uses, as they are recorded with its start, and read back from there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.document.load import load
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.document.others import Others, shelved
from runbook.document.spec import Specs
from runbook.document.typed import converted


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The exact bytes of a `Steps` document that is included."""

    name: str
    data: bytes
    path: str


class Reviewed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A commit that documents were read from: `repository` is the folder that `ref` was looked up in.

    `at` and `fetched` are RFC 3339; `author` is what the commit says. `files` is the digest of the listing of all files
    of that folder, where a step of the run uses files; its commands start in `start`, which is below it.
    """

    repository: str
    ref: str
    commit: str
    at: str
    author: str
    fetched: str | None = None
    files: str | None = None
    start: str = "."

    def pinned(self, files: str) -> Reviewed:
        """The same with its files."""
        return msgspec.structs.replace(self, files=files)


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of a run: the runbook's bytes and path, those of its evidence plan, and all that it includes.

    `continues` has, by name, every runbook that the run may come to go on with, each with what it needs itself.
    `documents` are what those bytes say, where that is known already; loading a long runbook takes 20 ms. `by_hand`:
    the engine wrote the runbook, of what a person does by hand; of Markdown, whose bytes are kept as well.

    `reviewed` are the commits that the documents were read from, that of the runbook first, and `templates` the
    project's message templates there; `unreviewed` are the paths of documents that were read from files.
    """

    runbook: bytes
    path: str
    evidence: bytes | None = None
    evidence_path: str | None = None
    steps: tuple[Part, ...] = ()
    continues: Mapping[str, Pinned] = {}
    documents: tuple[Runbook, EvidencePlan | None] | None = None
    by_hand: bool = False
    markdown: bytes | None = None
    markdown_path: str | None = None
    reviewed: tuple[Reviewed, ...] = ()
    templates: Mapping[str, bytes] = {}
    unreviewed: tuple[str, ...] = ()

    def opened(self, specs: Specs) -> Pinned:
        """The same with its documents loaded, so that they are loaded once; DocumentError."""
        return msgspec.structs.replace(self, documents=self.loaded(specs))

    def loaded(self, specs: Specs) -> tuple[Runbook, EvidencePlan | None]:
        """The documents as types; DocumentError if this version cannot use them."""
        if self.documents is not None:
            return self.documents
        parts = (load(part.data, specs, path=part.path).document for part in self.steps)
        others = Others(shelved(part for part in parts if isinstance(part, Steps)))
        book = load(self.runbook, specs, path=self.path, others=others, by_hand=self.by_hand).document
        plan = load(self.evidence, specs, path=self.evidence_path or "").document if self.evidence else None
        assert isinstance(book, Runbook)  # noqa: S101 - checked when the run was started
        return book, plan if isinstance(plan, EvidencePlan) else None

    def others(self, specs: Specs) -> dict[str, Runbook]:
        """The runbooks that the run may go on with."""
        return {name: pinned.loaded(specs)[0] for name, pinned in self.continues.items()}


def recorded(pinned: Pinned) -> dict[str, Any]:
    """Every document with its exact text; what a run does not use has no key."""
    used: dict[str, Any] = {
        "runbook": _document(pinned.runbook, pinned.path),
        "evidence": _document(pinned.evidence, pinned.evidence_path) if pinned.evidence else None,
    }
    if pinned.by_hand:
        used["by_hand"] = True
    if pinned.markdown:
        used["markdown"] = _document(pinned.markdown, pinned.markdown_path)
    if pinned.steps:
        used["steps"] = {part.name: _document(part.data, part.path) for part in pinned.steps}
    if pinned.reviewed:
        used["reviewed"] = msgspec.to_builtins(pinned.reviewed)
    if pinned.templates:
        used["templates"] = {name: _document(data, None) for name, data in sorted(pinned.templates.items())}
    if pinned.continues:
        used["continues"] = {name: recorded(other) for name, other in pinned.continues.items()}
    return used


def read_back(documents: Mapping[str, Any]) -> Pinned:
    """The documents that `recorded` has written down."""
    evidence, markdown = documents.get("evidence"), documents.get("markdown")
    parts = documents.get("steps", {}).items()
    return Pinned(
        runbook=documents["runbook"]["text"].encode(),
        path=documents["runbook"]["path"],
        evidence=evidence["text"].encode() if evidence else None,
        evidence_path=evidence["path"] if evidence else None,
        steps=tuple(Part(name=name, data=part["text"].encode(), path=part["path"]) for name, part in parts),
        continues={name: read_back(other) for name, other in documents.get("continues", {}).items()},
        by_hand=bool(documents.get("by_hand")),
        markdown=markdown["text"].encode() if markdown else None,
        markdown_path=markdown["path"] if markdown else None,
        reviewed=tuple(converted(one, Reviewed) for one in documents.get("reviewed", ())),
        templates={name: one["text"].encode() for name, one in documents.get("templates", {}).items()},
    )


def _document(data: bytes, path: str | None) -> dict[str, Any]:
    return {"path": path, "sha256": hashlib.sha256(data).hexdigest(), "text": data.decode()}
