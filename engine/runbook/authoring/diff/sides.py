"""One side of a comparison: the documents of a project at one commit, in a folder or in a file, and its other files.

Values in, values out: who reads a tree, a folder or a file makes a `Side` of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from runbook.document.build import Document
from runbook.document.catalog import Catalog
from runbook.document.model import Config, Policy, Runbook, Scenarios
from runbook.document.source import Source
from runbook.document.spec import Specs

SUBMODULE: Final = "160000"
_WORDS: Final = {
    "Runbook": "runbook",
    "Steps": "steps",
    "EvidencePlan": "evidence plan",
    "Scenario": "scenarios of",
    "Policy": "policy",
    "Catalog": "catalog",
    "Regime": "regime",
    "Config": "configuration",
}


class Placed(NamedTuple):
    """A document and its file; `path` is from the root of the tree, with slashes."""

    path: str
    kind: str
    document: Document
    source: Source

    @property
    def name(self) -> str:
        """What it is called: its name, for scenarios that of their runbook; nothing for policy, catalog and config."""
        document = self.document
        if isinstance(document, Scenarios):
            return document.runbook
        return "" if isinstance(document, Policy | Catalog | Config) else document.name

    @property
    def called(self) -> str:
        """`runbook high-api-error-rate`."""
        return f"{_WORDS[self.kind]} {self.name}".strip()

    def raw(self, pointer: tuple[str | int, ...]) -> Any:
        """The data at a place as it was written; None where there is nothing."""
        data: Any = self.source.data
        for part in pointer:
            if isinstance(data, dict) and part in data:
                data = data[str(part)]
            elif isinstance(data, list) and isinstance(part, int) and part < len(data):
                data = data[part]
            else:
                return None
        return data

    def line(self, pointer: tuple[str | int, ...]) -> int:
        """The line of a place, or of the nearest one around it."""
        return self.source.key_at(pointer)[0]


class Entry(NamedTuple):
    """A file that is no document: its mode as git writes it, and what tells its content from another."""

    mode: str
    digest: str


class Side:
    """Everything that is compared of one side.

    `root` is the folder of the configuration within the tree, where commands run; `files` are those that are no
    documents; `text` gives the text of one of them, None for what is no text or too large.
    """

    def __init__(
        self,
        documents: tuple[Placed, ...],
        specs: Specs,
        *,
        root: str = "",
        files: Mapping[str, Entry] | None = None,
        text: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.documents = documents
        self.specs = specs
        self.root = root
        self.files = files or {}
        self.text = text

    @cached_property
    def config(self) -> Config | None:
        """The project's configuration."""
        found = (one for one in self.documents if isinstance(one.document, Config))
        here = [one for one in found if str(PurePosixPath(one.path).parent) == (self.root or ".")]
        return here[0].document if here and isinstance(here[0].document, Config) else None

    @cached_property
    def policy(self) -> Policy | None:
        """The project's policy, whatever environments say; the only one there is where no configuration names it."""
        found = {one.path: one.document for one in self.documents if isinstance(one.document, Policy)}
        if self.config is not None and self.config.policy is not None:
            return found.get(self.within(self.config.policy))
        return next(iter(found.values())) if len(found) == 1 and self.config is None else None

    def runbooks(self) -> Mapping[str, Runbook]:
        """Runbooks by name."""
        return {one.name: one.document for one in self.documents if isinstance(one.document, Runbook)}

    def within(self, path: str) -> str:
        """A path written from the configuration's folder, from the root of the tree; it may lead out of it by `..`."""
        found = posixpath.normpath(posixpath.join(self.root, path.lstrip("/")))
        return "" if found == "." else found

    def is_folder(self, path: str) -> bool:
        """Whether files stand below a path."""
        return path in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(str(parent) for path in self.files for parent in PurePosixPath(path).parents)

    @cached_property
    def submodules(self) -> frozenset[str]:
        """Folders that are other repositories."""
        return frozenset(path for path, entry in self.files.items() if entry.mode == SUBMODULE)

    def digest(self, path: str) -> str | None:
        """What tells a file's content from another; None where there is none."""
        found = self.files.get(path)
        return found.digest if found else None
