"""Trees of files to compare: a commit, a working tree, a folder, one file. Nothing is checked out, no link followed.

tree.called                 what people call it: `origin/main (1a2b3c4d)`, `the working tree`, `old/`
tree.entries                {path: Entry(mode, digest)}; git's modes and digests, so that trees compare with each other
tree.bytes_of(paths)        {path: bytes, or None for what is no file, too large, or not there}
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from runbook.authoring.diff.sides import Entry
from runbook.clients.git import LINK, SUBMODULE
from runbook.errors import UsageError
from runbook.lint.files import read

if TYPE_CHECKING:
    from runbook.clients.git import Repository

LARGEST: Final = 1 << 20  # bytes of a file that are compared as text; a document has no more
_MOST_FILES: Final = 200_000
_CHUNK: Final = 1 << 20


class Tree(Protocol):
    """Files by path, with slashes, from the tree's root."""

    called: str

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every file, link and submodule."""
        ...

    def bytes_of(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes of regular files of at most 1 MiB; None for everything else."""
        ...


class Committed:
    """The files of one commit."""

    def __init__(self, repository: Repository, commit: str, called: str) -> None:
        self._repository = repository
        self._commit = commit
        self.called = called

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """As git has them."""
        files = self._repository.files(self._commit)
        return {path: Entry(file.mode, file.oid) for path, file in files.items()}

    def bytes_of(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """All read at once."""
        asked = dict.fromkeys(paths)
        oids = {
            path: self.entries[path].digest for path in asked if path in self.entries and _regular(self.entries[path])
        }
        found = self._repository.bytes_of(oids.values(), LARGEST)
        datas = {path: found[oid] for path, oid in oids.items()}
        return {path: data if isinstance(data := datas.get(path), bytes) else None for path in asked}


class OnDisk:
    """Files of a folder: those given, or all below it but for what begins with a dot."""

    def __init__(
        self,
        root: Path,
        called: str,
        *,
        paths: Iterable[str] | None = None,
        submodules: Mapping[str, str] | None = None,
        algorithm: str = "sha1",
    ) -> None:
        self.root = root
        self.called = called
        self._paths = paths
        self._submodules = submodules or {}
        self._algorithm = algorithm

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Digests are those that git would give, read once each."""
        found = {}
        for path in sorted(_below(self.root) if self._paths is None else self._paths):
            entry = self._entry(path)
            if entry is not None:
                found[path] = entry
        return found

    def bytes_of(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """One after the other; what is a pipe, a device or a link is not opened."""
        return {path: self._read(path) if _regular(self.entries.get(path)) else None for path in paths}

    def _entry(self, path: str) -> Entry | None:
        if path in self._submodules:
            return Entry(SUBMODULE, self._submodules[path])
        full = self.root / path
        try:
            status = full.lstat()
            if stat.S_ISLNK(status.st_mode):
                return Entry(LINK, self._digest([os.fsencode(full.readlink())], None))
            if not stat.S_ISREG(status.st_mode):
                return None
            mode = "100755" if status.st_mode & stat.S_IXUSR else "100644"
            with full.open("rb") as file:
                chunks = iter(lambda: file.read(_CHUNK), b"")
                return Entry(mode, self._digest(chunks, status.st_size))
        except OSError:
            return None  # gone, or not to be read: then it is not there

    def _digest(self, chunks: Iterable[bytes], size: int | None) -> str:
        """As git names a blob."""
        whole = list(chunks) if size is None else chunks
        length = sum(map(len, whole)) if isinstance(whole, list) else size
        digest = hashlib.new(self._algorithm, b"blob %d\0" % (length or 0), usedforsecurity=False)
        for chunk in whole:
            digest.update(chunk)
        return digest.hexdigest()

    def _read(self, path: str) -> bytes | None:
        try:
            descriptor = os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                data = file.read(LARGEST + 1)
        except OSError:
            return None
        return data if len(data) <= LARGEST else None


class Single:
    """One file. Both sides of a comparison know theirs by one name, however the files are called."""

    def __init__(self, path: Path, name: str) -> None:
        self.called = str(path)
        self._path = path
        self._name = name

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The file alone."""
        data = self._data
        return {self._name: Entry("100644", hashlib.sha256(data).hexdigest())}

    def bytes_of(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """The file's bytes."""
        return {path: self._data if path == self._name else None for path in paths}

    @cached_property
    def _data(self) -> bytes:
        return read(self._path)


def working_tree(repository: Repository) -> OnDisk:
    """The files that somebody would commit: those git knows, and new ones that are not ignored."""
    algorithm = "sha256" if len(repository.resolve("HEAD")) > 40 else "sha1"
    return OnDisk(
        repository.root,
        "the working tree",
        paths=repository.present(),
        submodules=repository.submodules(),
        algorithm=algorithm,
    )


def _regular(entry: Entry | None) -> bool:
    return entry is not None and entry.mode not in (LINK, SUBMODULE)


def _below(root: Path) -> Iterable[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name).relative_to(root).as_posix() for name in names]
        if len(found) > _MOST_FILES:
            raise UsageError(f"{root} holds more than {_MOST_FILES:,} files", hint="name a smaller folder")
    return found
