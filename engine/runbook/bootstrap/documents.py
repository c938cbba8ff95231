"""A project's documents: its config, its policy, and the library in which runbooks are looked up by name.

Files and commits are read here, and nothing else is opened: no store, no secret, no connection.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import msgspec

from runbook import kinds
from runbook.bootstrap.config import found, read_config
from runbook.document.environments import within
from runbook.document.load import Loaded, load
from runbook.document.model import Config, Environment, Policy, Runbook, Scenarios
from runbook.document.spec import Specs
from runbook.errors import UsageError
from runbook.hosts.entries import Entries
from runbook.hosts.files import heading, relative

if TYPE_CHECKING:
    from runbook.bootstrap.catalog import Catalogued
    from runbook.hosts.collecting import Collected, Library
    from runbook.hosts.pinned import Pinned
    from runbook.hosts.rehearsal import Script
    from runbook.hosts.shelves import CommitShelf

SCENARIOS = ".scenarios.yaml"


class Documents:
    """The documents of the project that a directory belongs to, as they are in an environment, or at a commit.

    `root` is the folder of `runbook.yaml`, else the working directory; commands run there.
    """

    _PER_ENVIRONMENT: ClassVar[tuple[str, ...]] = ("policy_file", "policy")  # made anew there, or the whole project's

    def __init__(self, directory: Path, *, config: Path | None = None, environ: Mapping[str, str]) -> None:
        self.directory = directory.resolve()
        self.environ = dict(environ)
        self.specs: Specs = kinds.specs()
        self.config_path = config or found(self.directory)
        self.root = self.config_path.resolve().parent if self.config_path else self.directory
        self.environment: Environment | None = None
        self._whole: Self | None = None  # where this one is only what an environment makes of it
        self._environments: dict[str, Self] = {}
        self._as_reviewed = True

    @cached_property
    def config(self) -> Config:
        """What `runbook.yaml` says; sensible local defaults without one."""
        return Config() if self.config_path is None else read_config(self.config_path, self.specs)

    # --- views: an environment, the working tree, a revision ------------------------------------------------

    def within(self, environment: Environment | None) -> Self:
        """This project as it is in one of its environments: other connections, perhaps another policy, one journal."""
        whole = self._whole or self
        if environment is None:
            return whole
        if environment.name not in whole._environments:
            here = copy.copy(whole)
            here._whole, here.environment = whole, environment
            for name in self._PER_ENVIRONMENT:
                here.__dict__.pop(name, None)
            here.__dict__["config"] = within(whole.config, environment)
            whole._environments[environment.name] = here
        return whole._environments[environment.name]

    def working(self) -> Self:
        """This project as it lies in the working tree: what authors lint, rehearse and render. One journal."""
        if not self._as_reviewed or not self.config.reviewed:
            return self
        return self._viewed(as_reviewed=False).within(self.environment)

    def at(self, revision: str, *folders: Path) -> Self:
        """This project's library, and these folders, as they were at a revision of its repository."""
        from runbook.document.model import GitLibrary

        entries = [
            one if isinstance(one, GitLibrary) else GitLibrary(git=".", ref="", path=one) for one in self.config.library
        ]
        entries += [
            GitLibrary(git=".", ref="", path=os.path.relpath(each.resolve(), self.root.resolve())) for each in folders
        ]
        here = self._viewed(as_reviewed=True)
        library = tuple(msgspec.structs.replace(one, ref=revision) for one in dict.fromkeys(entries) if one.git == ".")
        here.__dict__["config"] = msgspec.structs.replace(self.config, library=library)
        return here.within(self.environment)

    def _viewed(self, *, as_reviewed: bool) -> Self:
        """The whole project again, with nothing in it yet of what differs between a commit and the working tree."""
        here = copy.copy(self._whole or self)
        here._as_reviewed, here._environments = as_reviewed, {}
        for name in (*self._PER_ENVIRONMENT, "entries"):
            here.__dict__.pop(name, None)
        return here

    # --- policy and library ---------------------------------------------------------------------------------

    @cached_property
    def policy_file(self) -> Path | None:
        """The policy's file; None where the config names none. UsageError where anybody could have put it there."""
        if self.config.policy is None:
            return None
        return self.entries.policy(self.config.policy)

    @cached_property
    def policy(self) -> Policy | None:
        """The policy, if the config names one."""
        if self.policy_file is None:
            return None
        document = self.load(self.policy_file).document
        if not isinstance(document, Policy):
            raise UsageError(f"{self.policy_file} is not a Policy document", hint="its kind must be `Policy`")
        return document

    @cached_property
    def catalogued(self) -> Catalogued:
        """What incidents are called here: the config's catalog, else the one that is shipped."""
        from runbook.bootstrap.catalog import catalog_of

        return catalog_of(self)

    def load(self, path: Path) -> Loaded:
        """Load one document; findings call it by its path from the working directory."""
        return load(self.bytes_of(path), self.specs, path=self.shown(path))

    @cached_property
    def entries(self) -> Entries:
        """The library, where names are looked up; the same in all environments."""
        if self._whole is not None:
            return self._whole.entries
        return Entries(self.config, self.root, self.environ, as_reviewed=self._as_reviewed)

    def bytes_of(self, path: Path) -> bytes:
        """The bytes of a document, from its commit or its file; UsageError."""
        return self.entries.bytes_of(path)

    def shown(self, path: Path) -> str:
        """A path as people see it: from the working directory where that is shorter; of a commit, as git spells it."""
        opened = (self._whole or self).__dict__.get("entries")  # without one no path can be that of a commit
        return opened.shown(path) if opened else relative(path)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The library as it lies in the working tree. UsageError for a folder that anybody could have filled."""
        return self.entries.folders

    @property
    def shelves(self) -> tuple[CommitShelf, ...]:
        """What of the library is read from commits, in order; nothing where the working tree is looked at."""
        return self.entries.shelves

    @property
    def searched(self) -> str:
        """Where names are looked up, in words."""
        return self.entries.searched

    def files(self) -> Iterator[Path]:
        """All documents of the library, in order."""
        return self.entries.files()

    @property
    def index(self) -> Mapping[tuple[str, str], Path]:
        """The library's documents by kind and name."""
        return self.entries.index

    def runbooks(self) -> dict[str, Path]:
        """Runbooks by name."""
        return {name: path for (kind, name), path in sorted(self.index.items()) if kind == "Runbook"}

    def runbook_file(self, name: str, near: Path | None = None) -> Path:
        """The file of a runbook: by a path, beside the file `near`, or in the library; UsageError with the nearest."""
        given = Path(name)
        if near is not None and (beside := self.entries.beside(near, "Runbook", name)) is not None:
            return beside
        if given.suffix in (".yaml", ".yml") and given.is_file():
            return self.entries.committed(given) or given
        known = self.runbooks()
        if name in known:
            return known[name]
        raise self._unknown(name, known)

    def _unknown(self, name: str, known: Mapping[str, Path]) -> UsageError:
        """No runbook is called so: is there one nearly so, none at all, or some of which nobody knows their names?"""
        from runbook.document.suggest import did_you_mean

        where = self.searched
        hint = did_you_mean(name, known, what="runbooks are") if known else "`runbook init` makes a first one"
        if unreadable := list(self.entries.unreadable()):
            hint = "; ".join(unreadable[:3])
        if Path(name).suffix in (".yaml", ".yml"):
            return UsageError(f"there is no file {name}, and no runbook of that name in {where}", hint=hint)
        return UsageError(f"no runbook {name!r} in {where}", hint=hint)

    def runbook(self, name: str, near: Path | None = None) -> tuple[Runbook, Pinned]:
        """A runbook with the exact bytes that a run is pinned to, and those of everything that it uses.

        A file that is named, and is not as it was committed, is taken with what lies beside it in the working tree.
        """
        path = self.runbook_file(name, near)
        here = self.working() if self.shelves and path == Path(name) else self
        library = here._library
        book, pinned = library.runbook(path)
        if not here.shelves:
            return book, msgspec.structs.replace(pinned, unreviewed=tuple(map(here.shown, library.used)))
        from runbook.hosts.shelves import reviewed

        return book, reviewed(pinned, path, library, here.shelves, here.shown)

    def parts(self) -> dict[str, Path]:
        """Steps to include by name."""
        return {name: path for (kind, name), path in sorted(self.index.items()) if kind == "Steps"}

    def part(self, name: str) -> Collected:
        """Steps to include, by name or file, with all that they include themselves."""
        return self._library.part(self.parts().get(name, Path(name)))

    @property
    def _library(self) -> Library:
        from runbook.hosts.collecting import Library

        return Library(
            self.specs,
            find=self._document_file,
            read=self.entries.read,
            shown=self.shown,
            names=lambda kind: sorted(name for known, name in self.index if known == kind),
        )

    def _document_file(self, kind: str, name: str, near: Path) -> Path | None:
        """The file of a document that another names: beside that one, or in the library."""
        return self.entries.beside(near, kind, name) or self.index.get((kind, name))

    def script(self, name: str, near: Path | None = None) -> Script:
        """What a rehearsal of a runbook is played from."""
        from runbook.hosts.rehearsal import Script

        book, documents = self.runbook(name, near)
        return Script(
            book=book,
            documents=documents,
            specs=self.specs,
            policy=self.policy,
            templates=self.message_template,
            environment=self.environment,
        )

    def message_template(self, name: str) -> bytes | None:
        """The project's own message template of a name, if it has one."""
        path = self.root / "templates" / f"{name}.md"
        return path.read_bytes() if path.is_file() else None

    def scenarios(self, name: str) -> list[tuple[Path, Scenarios]]:
        """The scenarios of a runbook, from the library and from beside its file."""
        assert not self.shelves  # noqa: S101 - rehearsals are of the working tree
        near = self.runbook_file(name).resolve().parent.glob("*.y*ml")
        paths = dict.fromkeys(path.resolve() for path in (*self.files(), *sorted(near)))
        loaded = [(p, self.load(p).document) for p in paths if heading(p) == ("Scenario", name)]
        return [(path, document) for path, document in loaded if isinstance(document, Scenarios)]
