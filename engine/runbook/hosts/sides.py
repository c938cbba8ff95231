"""The documents of one tree: which of its files they are, their bytes, and those that a comparison needs loaded.

A project with a configuration has the documents that it names: itself, its policies and its library, as it lies in the
tree. Without one, those of `runbooks/`; where there is no such folder either, every file that says it is one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from runbook.authoring.diff.sides import Placed, Side
from runbook.document.load import load
from runbook.document.model import Config, Runbook, Steps
from runbook.document.schema import KINDS
from runbook.errors import UsageError
from runbook.hosts.collecting import Library
from runbook.hosts.trees import Single
from runbook.lint.files import is_foreign, named

if TYPE_CHECKING:
    from runbook.document.spec import Specs
    from runbook.hosts.trees import Tree

_SUFFIXES: Final = (".yaml", ".yml")
_OURS: Final = re.compile(rb"^kind:[ \t]*[\"']?(" + "|".join(KINDS).encode() + rb")\b", re.MULTILINE)
_CONFIGS: Final = ("runbook.yaml", "runbook.yml")


class Half:
    """One half of a comparison. `root` is the project's folder in the tree; findings call files `label` and path.

    `config` is the name of the configuration's file, where it is not the usual one.
    """

    def __init__(self, tree: Tree, specs: Specs, root: str, *, label: str = "", config: str | None = None) -> None:
        self.tree = tree
        self.specs = specs
        self.root = root
        self.everything = False  # also what stands in no project
        self._label = label
        self._configs = _CONFIGS if config is None else (config,)
        self._loaded: dict[str, Placed] = {}

    @cached_property
    def config_path(self) -> str | None:
        """The configuration's file."""
        paths = (str(PurePosixPath(self.root, name)) for name in self._configs)
        return next((path for path in paths if path in self.tree.entries), None)

    @cached_property
    def config(self) -> Config | None:
        """The configuration; DocumentError where it cannot be used."""
        data = self.tree.bytes_of([self.config_path])[self.config_path] if self.config_path else None
        if data is None or self.config_path is None:
            return None
        document = load(data, self.specs, path=self._label + self.config_path).document
        return document if isinstance(document, Config) else None

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Files that may be documents, in order."""
        if isinstance(self.tree, Single):
            return tuple(self.tree.entries)
        found = [path for path in self.tree.entries if path.endswith(_SUFFIXES) and not _hidden(path, self.root)]
        if self.everything:
            return tuple(path for path in found if _is_below(path, self.root))
        config = self.config or Config()
        here = Side((), self.specs, root=self.root)
        folders = [here.within(folder) for folder in config.folders]
        named_files = [
            here.within(file) for file in (config.policy, *(one.policy for one in config.environments)) if file
        ]
        wanted = {*named_files, self.config_path}
        return tuple(path for path in found if path in wanted or any(_is_below(path, folder) for folder in folders))

    @property
    def is_project(self) -> bool:
        """Whether there is a configuration, or a folder of runbooks."""
        library = str(PurePosixPath(self.root, "runbooks"))
        return self.config_path is not None or any(_is_below(path, library) for path in self.tree.entries)

    @cached_property
    def data(self) -> Mapping[str, bytes]:
        """The bytes of every document."""
        datas = self.tree.bytes_of(self.paths)
        return {path: data for path, data in datas.items() if data is not None and self._is_ours(data)}

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """Files that may be documents and are none to read: links, and what is too large."""
        datas = self.tree.bytes_of(self.paths)
        return tuple(path for path, data in datas.items() if data is None)

    def _is_ours(self, data: bytes) -> bool:
        return bool(_OURS.search(data)) if self.everything or isinstance(self.tree, Single) else not is_foreign(data)

    def placed(self, path: str) -> Placed:
        """A document of a file; DocumentError."""
        if path not in self._loaded:
            loaded = load(self.data[path], self.specs, path=self._label + path)
            self._loaded[path] = Placed(path, loaded.kind, loaded.document, loaded.source)
        return self._loaded[path]

    def side(self, documents: Iterable[Placed]) -> Side:
        """What is compared of this tree."""
        files = {path: entry for path, entry in self.tree.entries.items() if path not in self.data}
        return Side(tuple(documents), self.specs, root=self.root, files=files, text=self.text)

    def text(self, path: str) -> str | None:
        """A file's text; None for what is none."""
        data = self.tree.bytes_of([path])[path]
        if data is None or b"\0" in data:
            return None
        return data.decode("utf-8", "replace")

    # --- runbooks with all that they use --------------------------------------------------------------------------

    @cached_property
    def index(self) -> Mapping[tuple[str, str], list[str]]:
        """Files by the kind and name that they give themselves."""
        found: dict[tuple[str, str], list[str]] = {}
        for path, data in self.data.items():
            key = named(data)
            if key is not None:
                found.setdefault(key, []).append(path)
        return found

    @cached_property
    def library(self) -> Library:
        """Runbooks as a run would collect them."""
        return Library(
            self.specs,
            find=self._find,
            read=lambda path: self.data[path.as_posix()],
            shown=lambda path: self._label + path.as_posix(),
            names=lambda kind: sorted(name for known, name in self.index if known == kind),
        )

    def hold_to_others(self, placed: Placed | None) -> None:
        """DocumentError where a document names others that are not there, or cannot be used with it.

        Of a single file nobody can tell what stands around it.
        """
        document = placed.document if placed is not None else None
        if placed is None or isinstance(self.tree, Single) or not isinstance(document, Runbook | Steps):
            return
        hands_over = isinstance(document, Runbook) and any(option.continue_with for option in document.resolution)
        if document.includes or hands_over:
            look = self.library.runbook if isinstance(document, Runbook) else self.library.part
            with suppress(UsageError):  # an evidence plan that is not there: lint says so
                look(Path(placed.path))

    def _find(self, kind: str, name: str, near: Path) -> Path | None:
        paths = [Path(path) for path in self.index.get((kind, name), ())]
        return next((path for path in paths if path.parent == near.parent), paths[0] if paths else None)


def _is_below(path: str, folder: str) -> bool:
    return folder in ("", ".") or path.startswith(f"{folder}/")


def _hidden(path: str, root: str) -> bool:
    inner = (
        PurePosixPath(path).parts[len(PurePosixPath(root).parts) :]
        if _is_below(path, root)
        else PurePosixPath(path).parts
    )
    return any(part.startswith(".") for part in inner)
