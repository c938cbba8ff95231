"""All documents that a run of a runbook uses, collected before anything is run: what it includes, what it goes on with.

Where a name leads is the project's to know (`Find`). Whatever cannot be used is an error here, with its own findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from runbook.document.load import load
from runbook.document.model import EvidencePlan, Include, Runbook, Steps
from runbook.document.others import Others, Shelf
from runbook.document.spec import Specs
from runbook.errors import UsageError
from runbook.hosts.pinned import Part, Pinned

Find = Callable[[str, str, Path], Path | None]  # kind, name, and the file that names it


class Collected(NamedTuple):
    """A `Steps` document with all that it includes, and its file."""

    document: Steps
    path: str


class Library:
    """The project's documents by name, each read once."""

    def __init__(
        self,
        specs: Specs,
        *,
        find: Find,
        read: Callable[[Path], bytes],
        shown: Callable[[Path], str],
        names: Callable[[str], Iterable[str]],
    ) -> None:
        self._specs = specs
        self._find = find
        self._read = read
        self._shown = shown
        self._names = names
        self._bytes: dict[Path, bytes] = {}
        self.where: dict[str, Path] = {}  # of each runbook that another one goes on with
        self._alone: dict[Path, object] = {}  # documents held to their own rules only

    def runbook(self, path: Path) -> tuple[Runbook, Pinned]:
        """A runbook with everything that a run of it may come to use; DocumentError, UsageError."""
        book, pinned = self._pinned(path)
        continues: dict[str, Pinned] = {}
        left = [(name, path) for name in _named(book)]
        while left:
            name, near = left.pop(0)
            found = self._find("Runbook", name, near)
            if name in continues or found is None:
                continue
            following, continues[name] = self._pinned(found)
            self.where[name] = found
            left += [(further, found) for further in _named(following)]
        return book, msgspec.structs.replace(pinned, continues=continues)

    @property
    def used(self) -> tuple[Path, ...]:
        """The documents that were read, the runbook first."""
        return tuple(self._bytes)

    def part(self, path: Path) -> Collected:
        """A `Steps` document with what it includes; DocumentError, UsageError."""
        document = self._loaded(path, self._others(path))
        if not isinstance(document, Steps):
            raise UsageError(f"{self._shown(path)} is not a Steps document")
        return Collected(document, self._shown(path))

    def _pinned(self, path: Path) -> tuple[Runbook, Pinned]:
        others = self._others(path)
        book = self._loaded(path, others)
        if not isinstance(book, Runbook):
            raise UsageError(f"{self._shown(path)} is not a Runbook document")
        parts = {name: self._found("Steps", name, path) for name in self._included(book.includes, path)}
        for part in parts.values():
            self._loaded(part, self._others(path))
        plan, where = self._plan(book, path)
        return book, Pinned(
            runbook=self._data(path),
            path=self._shown(path),
            evidence=self._data(where) if where else None,
            evidence_path=self._shown(where) if where else None,
            steps=tuple(
                Part(name=name, data=self._data(part), path=self._shown(part)) for name, part in sorted(parts.items())
            ),
            documents=(book, plan),
        )

    def _plan(self, book: Runbook, path: Path) -> tuple[EvidencePlan | None, Path | None]:
        if book.evidence is None:
            return None, None
        where = self._find("EvidencePlan", book.evidence.plan, path)
        if where is None:
            raise UsageError(
                f"the evidence plan {book.evidence.plan!r} of {self._shown(path)} is not in the library",
                hint=f"add a document of kind EvidencePlan with `name: {book.evidence.plan}`",
            )
        plan = self._loaded(where, None)
        if not isinstance(plan, EvidencePlan):
            raise UsageError(f"{self._shown(where)} is not an EvidencePlan document")
        return plan, where

    def _others(self, near: Path) -> Others:
        """What a file may refer to by name; a document that cannot be used says why itself, by raising."""

        def steps(name: str) -> Steps | None:
            found = self._one("Steps", name, near)
            return found if isinstance(found, Steps) else None

        def runbook(name: str) -> Runbook | None:
            found = self._one("Runbook", name, near)
            return found if isinstance(found, Runbook) else None

        return Others(
            Shelf(steps, names=lambda: self._names("Steps")), Shelf(runbook, names=lambda: self._names("Runbook"))
        )

    def _one(self, kind: str, name: str, near: Path) -> object:
        path = self._find(kind, name, near)
        if path is None:
            return None
        if path not in self._alone:
            self._alone[path] = self._loaded(path, None)
        return self._alone[path]

    def _loaded(self, path: Path, others: Others | None) -> object:
        return load(self._data(path), self._specs, path=self._shown(path), others=others).document

    def _data(self, path: Path) -> bytes:
        if path not in self._bytes:
            self._bytes[path] = self._read(path)
        return self._bytes[path]

    def _found(self, kind: str, name: str, near: Path) -> Path:
        found = self._find(kind, name, near)
        assert found is not None  # noqa: S101 - the runbook that includes it was loaded
        return found

    def _included(self, includes: Iterable[Include], near: Path) -> Iterator[str]:
        """Names of all steps that these includes lead to."""
        for include in includes:
            yield include.name
            part = self._one("Steps", include.name, near)
            if isinstance(part, Steps):
                yield from self._included(part.includes, near)


def _named(book: Runbook) -> list[str]:
    return [option.continue_with.runbook for option in book.resolution if option.continue_with]
