"""A folder of the library as it is at one commit: every document in it, read from the object database, once.

Nothing is checked out, and no file of the working tree is opened: a document's path here is none that exists
(`/src/shop@0123456789ab/runbooks/api.yaml`), so that whoever takes it for a file finds nothing rather than what was
not reviewed. People see it as git spells it: `origin/main:runbooks/api.yaml`.

Whatever cannot be read as a document (a link that leads out, a pointer to Git LFS, more than 1 MiB) is said when it is
asked for by its file's name, and stands in nobody's way until then.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from runbook.clients.git import LINK, SUBMODULE, File, NotARepository, Repository, opened
from runbook.clients.git.commits import Commit
from runbook.document.model import GitLibrary
from runbook.errors import RunbookError, UsageError
from runbook.hosts.documents import Pinned, Reviewed

if TYPE_CHECKING:
    from runbook.hosts.collecting import Library

LARGEST: Final = 1024 * 1024
POINTER: Final = b"version https://git-lfs.github.com/spec/"
TEMPLATES: Final = "templates"
_LINKS: Final = 5  # links that lead to links


class CommitShelf:
    """One entry of the library. What is wrong with its repository or its ref is raised at the first look."""

    def __init__(self, entry: GitLibrary, root: Path, environ: Mapping[str, str]) -> None:
        self.entry = entry
        self.folder = (root / entry.git).resolve()
        own = root.resolve()
        self.of_project = own.is_relative_to(self.folder)  # whose policy it has, and whose commands start in it
        self._start = own.relative_to(self.folder).as_posix() if self.of_project else "."
        self._environ = environ

    @cached_property
    def repository(self) -> Repository:
        """The repository; UsageError where there is none."""
        if not self.folder.is_dir():
            raise UsageError(f"the library's repository is not here: {self.folder}", hint="clone it, or correct `git:`")
        try:
            return opened(self.folder, self._environ)
        except NotARepository as error:
            raise self._said(error, "`git:` of a library names a folder in a clone") from error

    @cached_property
    def commit(self) -> Commit:
        """The commit that the ref means now, for as long as this process lives; UnknownRevision."""
        try:
            return self.repository.about(self.repository.resolve(self.entry.ref))
        except RunbookError as error:
            raise self._said(error, error.hint) from error

    @cached_property
    def top(self) -> Path:
        """The path that all of its documents begin with."""
        return Path(f"{self.folder}@{self.commit.oid[:12]}")

    @property
    def named(self) -> str:
        """What it is, in words."""
        return f"{self.entry.ref}:{self.entry.path}" if self.entry.path != "." else self.entry.ref

    @cached_property
    def reviewed(self) -> Reviewed:
        """Where its documents come from, as it is recorded."""
        fetched = self.repository.fetched(self.entry.ref)
        return Reviewed(
            repository=str(self.folder),
            ref=self.entry.ref,
            commit=self.commit.oid,
            at=self.commit.at.isoformat(),
            author=self.commit.author,
            fetched=fetched.isoformat() if fetched else None,
            start=self._start,
        )

    def holds(self, path: Path) -> bool:
        """Whether a path is that of a document here."""
        return "top" in self.__dict__ and path.is_relative_to(self.top)

    def paths(self) -> Collection[Path]:
        """Its documents, in order."""
        return self._documents.keys()

    def read(self, path: Path) -> bytes:
        """The bytes of a document; UsageError says why there are none."""
        found = self._documents.get(path)
        if found is None:
            found = self._one(path)
        if isinstance(found, str):
            raise UsageError(f"{self.shown(path)} {found}", hint=f"it is read from the commit {self.commit.oid[:12]}")
        return found

    def shown(self, path: Path) -> str:
        """A path as git spells it."""
        return f"{self.entry.ref}:{self._in_repository(path)}"

    def there(self, name: str) -> Path | None:
        """The path of a file that the project's configuration names, where the commit has it."""
        below = posixpath.normpath(posixpath.join(self._start, name))
        inside = not posixpath.normpath(posixpath.join(self.repository.prefix, below)).startswith(("..", "/"))
        path = self.top / below
        return path if inside and self.repository.entry(self.commit.oid, self._in_repository(path)) else None

    def templates(self) -> dict[str, bytes]:
        """The message templates of the project at this commit, by name."""
        where = posixpath.normpath(posixpath.join(self.repository.prefix, self._start, TEMPLATES))
        found = self.repository.files(self.commit.oid, where)
        names = {name.removesuffix(".md"): file for name, file in found.items() if "/" not in name}
        files = {n: f for n, f in names.items() if f.regular and f"{n}.md" in found}
        datas = self.repository.bytes_of([file.oid for file in files.values()], LARGEST)
        read = {name: datas[file.oid] for name, file in files.items()}
        return {name: data for name, data in read.items() if isinstance(data, bytes) and not data.startswith(POINTER)}

    # --- the tree -----------------------------------------------------------------------------------------

    @cached_property
    def _documents(self) -> dict[Path, bytes | str]:
        """Each document with its bytes, or with what it is instead."""
        where = posixpath.normpath(posixpath.join(self.repository.prefix, self.entry.path))
        if where.startswith(("..", "/")):
            raise UsageError(f"`path: {self.entry.path}` leads out of the repository {self.folder}")
        where = "" if where == "." else where
        files = self.repository.files(self.commit.oid, where)
        if not files:
            raise self._nothing(where)
        wanted = {name: file for name, file in files.items() if name.endswith((".yaml", ".yml"))}
        followed = {name: self._followed(posixpath.join(where, name), file) for name, file in sorted(wanted.items())}
        datas = self.repository.bytes_of([f.oid for f in followed.values() if isinstance(f, File)], LARGEST)
        prefix = self.repository.prefix
        return {
            self.top / posixpath.relpath(posixpath.join(where, name), prefix or "."): file
            if isinstance(file, str)
            else _sound(datas[file.oid])
            for name, file in followed.items()
        }

    def _one(self, path: Path) -> bytes | str:
        """A document that does not stand in the library's folder, such as the policy."""
        name = self._in_repository(path)
        file = self.repository.entry(self.commit.oid, name)
        if file is None:
            return "is not there"
        found = self._followed(name, file)
        return found if isinstance(found, str) else _sound(self.repository.bytes_of([found.oid], LARGEST)[found.oid])

    def _followed(self, name: str, file: File) -> File | str:
        """The file that an entry leads to, in this tree; or what it is instead."""
        for _ in range(_LINKS):
            if file.mode == SUBMODULE:
                return "is a submodule: another repository, which is not read"
            if file.mode != LINK:
                return file
            target = os.fsdecode(self.repository.blob(file.oid, 4096))
            name = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if name.startswith(("..", "/")):
                return f"is a link out of the repository, to {target}"
            found = self.repository.entry(self.commit.oid, name)
            if found is None:
                return f"is a link to {target}, which is not in this commit"
            file = found
        return "is a link to a link to a link"

    def _in_repository(self, path: Path) -> str:
        below = path.relative_to(self.top).as_posix()
        return posixpath.normpath(posixpath.join(self.repository.prefix, below))

    def _nothing(self, where: str) -> UsageError:
        """Why there is no document, and what stands in the way of one."""
        at = f"{self.entry.ref}, {self.commit.oid[:12]}"
        for part in (where, *(str(above) for above in Path(where).parents)):
            found = self.repository.entry(self.commit.oid, part) if part not in ("", ".") else None
            if found is not None and found.mode == SUBMODULE:
                hint = f"name it as a library of its own: {{git: {part}, ref: …}}"
                return UsageError(f"{part} is a submodule at {at}: its files are another repository's", hint=hint)
            if found is not None and found.mode == LINK:
                return UsageError(f"{part} is a link at {at}, and links to folders are not followed")
        hint = "correct `path:`, or commit the folder and have it merged"
        return UsageError(f"there is no folder {where or '.'} with files at {at}", hint=hint)

    def _said(self, error: RunbookError, hint: str | None) -> RunbookError:
        where = f"the library {self.entry.ref} of {self.folder} cannot be read"
        return type(error)(f"{where}: {error.message}", hint=hint)


def _sound(data: bytes | int) -> bytes | str:
    if isinstance(data, int):
        return "is larger than 1 MiB"
    return "is a pointer to Git LFS: its text is not in the repository" if data.startswith(POINTER) else data


def reviewed(
    pinned: Pinned,
    path: Path,
    library: Library,
    shelves: Sequence[CommitShelf],
    shown: Callable[[Path], str],
) -> Pinned:
    """What a run is pinned to, with the commits that it was read from and their templates; what was not, is named."""

    def of(document: Path) -> CommitShelf | None:
        return next((shelf for shelf in shelves if shelf.holds(document)), None)

    def whole(one: Pinned, own: CommitShelf | None) -> Pinned:
        if own is None:  # a folder of the library: its run is in the working tree
            return one
        commits = dict.fromkeys([own.reviewed, *(shelf.reviewed for shelf in used if shelf is not own)])
        return msgspec.structs.replace(one, reviewed=tuple(commits), templates=own.templates())

    used = [shelf for shelf in map(of, library.used) if shelf]
    continues = {name: whole(one, of(library.where[name])) for name, one in pinned.continues.items()}
    plain = tuple(shown(document) for document in library.used if of(document) is None)
    return msgspec.structs.replace(whole(pinned, of(path)), continues=continues, unreviewed=plain)
