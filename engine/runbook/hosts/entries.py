"""Where names lead: the entries of a library in order, each a folder of the working tree, or one at a commit.

The first entry that has a name gives it. Authors look at the working tree, whatever the configuration says; runs look
at commits where it names some.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.clients.repository import project_of
from runbook.document.model import Config
from runbook.errors import UsageError
from runbook.hosts.files import heading, heading_of, kept, read, relative

if TYPE_CHECKING:
    from runbook.hosts.shelves import CommitShelf

Key = tuple[str, str]  # kind and name


class Entries:
    """The library of a configuration that stands in `root`; with `as_reviewed`, its commits are read."""

    def __init__(self, config: Config, root: Path, environ: Mapping[str, str], *, as_reviewed: bool) -> None:
        self._config = config
        self._root = root
        self._environ = environ
        self._as_reviewed = as_reviewed
        self._beside: dict[Path, dict[Key, Path]] = {}  # what each folder has, looked at once

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """The library as it lies in the working tree. UsageError for a folder that anybody could have filled."""
        return tuple(kept(self._root / folder, self._root) for folder in self._config.folders)

    @cached_property
    def shelves(self) -> tuple[CommitShelf, ...]:
        """What is read from commits, in order."""
        if not self._as_reviewed or not self._config.reviewed:
            return ()
        from runbook.hosts.shelves import CommitShelf

        return tuple(CommitShelf(entry, self._root, self._environ) for entry in self._config.reviewed)

    def shelf(self, path: Path) -> CommitShelf | None:
        """The commit that a path belongs to; None for that of a file. Opens nothing: such a path came from there."""
        opened: tuple[CommitShelf, ...] = self.__dict__.get("shelves", ())
        return next((shelf for shelf in opened if shelf.holds(path)), None)

    @property
    def searched(self) -> str:
        """Where names are looked up, in words."""
        return ", ".join(commit.named if commit else relative(folder) for folder, commit in self._each())

    def _each(self) -> Iterator[tuple[Path, CommitShelf | None]]:
        """Each entry: its folder in the working tree, and the commit that is read in its place."""
        commits = iter(self.shelves)
        for entry, folder in zip(self._config.library, self.folders, strict=True):
            yield folder, (next(commits, None) if not isinstance(entry, str) else None)

    def files(self) -> Iterator[Path]:
        """All documents, in order."""
        for folder, commit in self._each():
            if commit:
                yield from commit.paths()
            else:
                yield from sorted(p for p in folder.rglob("*.y*ml") if p.suffix in (".yaml", ".yml"))

    def unreadable(self) -> Iterator[str]:
        """Why folders and files of the working tree say nothing of themselves, a sentence each."""
        denied: list[OSError] = []
        for folder, commit in self._each():
            for current, _, names in os.walk(folder, onerror=denied.append) if commit is None else ():
                for path in (Path(current, name) for name in sorted(names) if name.endswith((".yaml", ".yml"))):
                    try:
                        read(path)
                    except UsageError as error:
                        yield str(error)
        missing = (FileNotFoundError, NotADirectoryError)
        for each in (each for each in denied if not isinstance(each, missing)):
            yield f"{relative(Path(each.filename))} cannot be looked into: {each.strerror}"

    @cached_property
    def places(self) -> Mapping[Key, tuple[Path, ...]]:
        """Where there are documents of a kind and name, found without loading them; the first one counts."""
        found: dict[Key, tuple[Path, ...]] = {}
        for path in self.files():
            if (key := self._heading(path)) is not None:
                found[key] = (*found.get(key, ()), path)
        return found

    @cached_property
    def index(self) -> Mapping[Key, Path]:
        """The documents by kind and name."""
        return {key: paths[0] for key, paths in self.places.items()}

    def beside(self, near: Path, kind: str, name: str) -> Path | None:
        """A document in the same folder as another one, of the same commit where that is of one."""
        shelf = self.shelf(near)
        folder = near.parent if shelf else near.resolve().parent
        if folder not in self._beside:
            files = folder.glob("*.y*ml") if shelf is None else (p for p in shelf.paths() if p.parent == folder)
            headings = [(self._heading(path), path) for path in sorted(files, reverse=True)]
            self._beside[folder] = {key: path for key, path in headings if key is not None}
        return self._beside[folder].get((kind, name))

    def committed(self, file: Path) -> Path | None:
        """The same document in a commit, where its file has not been changed since."""
        real, data = file.resolve(), read(file)
        for shelf in self.shelves:
            if real.is_relative_to(shelf.folder):
                twin = shelf.top / real.relative_to(shelf.folder)
                if twin in shelf.paths() and shelf.read(twin) == data:
                    return twin
        return None

    def policy(self, name: str, what: str = "policy") -> Path:
        """The file of the policy (or catalog): of the commit, where the library is read from one of this project.

        UsageError where it is not in that commit.
        """
        own = next((shelf for shelf in self.shelves if shelf.of_project), None)
        if own is None:
            file = kept(self._root / name, self._root)
            if not file.exists():
                raise UsageError(
                    f"there is no file {relative(file)}, which the configuration names as its {what}",
                    hint="make it, or correct runbook.yaml",
                )
            return file
        if (found := own.there(name)) is None:
            raise UsageError(
                f"the {what} {name} is not in {own.entry.ref}, {own.commit.oid[:12]}",
                hint="commit it and have it merged; what is in the working tree does not count",
            )
        return found

    def bytes_of(self, path: Path) -> bytes:
        """The bytes of a document, from its commit or its file; UsageError."""
        shelf = self.shelf(path)
        return shelf.read(path) if shelf else read(path)

    def read(self, path: Path) -> bytes:
        """The same for a document of the library; UsageError where a link in it leads out of the project."""
        if self.shelf(path):
            return self.bytes_of(path)
        folder = next((folder for folder in self.folders if path.is_relative_to(folder)), None)
        inside = (project_of(self._root), *(folder.resolve() for folder in self.folders))
        if folder is not None and not any(path.resolve().is_relative_to(each) for each in inside):
            raise UsageError(
                f"{path} is a link out of the project",
                hint="copy the document into the library, where it is reviewed with the rest",
            )
        return read(path)

    def shown(self, path: Path) -> str:
        """A path as people see it: from the working directory where that is shorter; of a commit, as git spells it."""
        shelf = self.shelf(path)
        return shelf.shown(path) if shelf else relative(path)

    def _heading(self, path: Path) -> Key | None:
        """As `heading`; what a commit has in the place of a document goes by the name of its file."""
        shelf = self.shelf(path)
        if shelf is None:
            return heading(path)
        try:
            return heading_of(shelf.read(path))
        except UsageError:
            return "Runbook", path.stem
