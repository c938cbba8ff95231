"""The composition root: from a working directory to a project, its journal, its people and a place to run in.

    directory → runbook.yaml (searched upward to the repository's root, never beyond) → Config, Policy
              → Journal, Secrets, Connections, People → Place

Nothing is opened before it is asked for: a command that only lists runbooks opens no store and reads no secret.
"""

from __future__ import annotations

import copy
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from runbook import kinds
from runbook.document.environments import within
from runbook.document.load import Loaded, load
from runbook.document.model import Config, Environment, Policy, Runbook, Scenarios
from runbook.document.spec import Specs
from runbook.errors import StoreError, UsageError
from runbook.hosts.entries import Entries
from runbook.hosts.files import heading, read, relative

if TYPE_CHECKING:
    from runbook.clients.secrets import Secrets
    from runbook.hosts.collecting import Collected, Library
    from runbook.hosts.layout import Layout
    from runbook.hosts.local import Place
    from runbook.hosts.pinned import Pinned
    from runbook.hosts.rehearsal import Script
    from runbook.hosts.sealing import Sealing
    from runbook.hosts.shelves import CommitShelf
    from runbook.journal import Journal
    from runbook.policy.people import People

__all__ = ["CONFIG", "SCENARIOS", "Project", "found_config", "heading", "read"]

CONFIG = "runbook.yaml"
SCENARIOS = ".scenarios.yaml"
_OF_AN_ENVIRONMENT = ("policy_file", "policy", "people", "place", "journal")  # made anew, or the whole project's
_OF_A_VIEW = (*_OF_AN_ENVIRONMENT, "entries")  # what differs between a commit and the working tree


class Project:
    """A project: its root, what its config says, and everything that is opened from that, once.

    `root` is the folder of `runbook.yaml`, else the working directory; commands run there.
    """

    def __init__(
        self,
        directory: Path,
        *,
        config: Path | None = None,
        store: str | None = None,
        environ: Mapping[str, str] | None = None,
        console: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.directory = directory.resolve()
        self.environ = dict(os.environ if environ is None else environ)
        self.specs: Specs = kinds.specs()
        self.config_path = config or found_config(self.directory)
        self.root = self.config_path.resolve().parent if self.config_path else self.directory
        self._store = store or self.environ.get("RUNBOOK_STORE")
        self._console = console
        self.environment: Environment | None = None
        self._whole: Project | None = None  # where this one is only what an environment makes of it
        self._environments: dict[str, Project] = {}
        self._as_reviewed = True

    # --- environments -------------------------------------------------------------------------------------

    def within(self, environment: Environment | None) -> Project:
        """This project as it is in one of its environments: other connections, perhaps another policy, one journal."""
        whole = self._whole or self
        if environment is None:
            return whole
        if environment.name not in whole._environments:
            here = copy.copy(whole)
            here._whole, here.environment = whole, environment
            for name in _OF_AN_ENVIRONMENT:
                here.__dict__.pop(name, None)
            here.__dict__["config"] = within(whole.config, environment)
            whole._environments[environment.name] = here
        return whole._environments[environment.name]

    def working(self) -> Project:
        """This project as it lies in the working tree: what authors lint, rehearse and render. One journal."""
        if not self._as_reviewed or not self.config.reviewed:
            return self
        here = copy.copy(self._whole or self)
        here._as_reviewed, here._environments = False, {}
        for name in _OF_A_VIEW:
            here.__dict__.pop(name, None)
        return here.within(self.environment)

    def at(self, revision: str, *folders: Path) -> Project:
        """This project's library, and these folders, as they were at a revision of its repository."""
        from runbook.document.model import GitLibrary

        entries = [
            one if isinstance(one, GitLibrary) else GitLibrary(git=".", ref="", path=one) for one in self.config.library
        ]
        entries += [
            GitLibrary(git=".", ref="", path=os.path.relpath(each.resolve(), self.root.resolve())) for each in folders
        ]
        here = copy.copy(self._whole or self)
        here._as_reviewed, here._environments = True, {}
        for name in _OF_A_VIEW:
            here.__dict__.pop(name, None)
        library = tuple(msgspec.structs.replace(one, ref=revision) for one in dict.fromkeys(entries) if one.git == ".")
        here.__dict__["config"] = msgspec.structs.replace(self.config, library=library)
        return here.within(self.environment)

    # --- documents ----------------------------------------------------------------------------------------

    @cached_property
    def config(self) -> Config:
        """What `runbook.yaml` says; sensible local defaults without one."""
        if self.config_path is None:
            return Config()
        document = load(read(self.config_path), self.specs, path=relative(self.config_path)).document
        if not isinstance(document, Config):
            raise UsageError(f"{self.config_path} is not a Config document", hint="its kind must be `Config`")
        return document

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
        from runbook.document.suggest import did_you_mean

        where = self.searched
        hint = did_you_mean(name, known, what="runbooks are") if known else f"there are no runbooks in {where}"
        raise UsageError(f"no runbook {name!r} in {where}", hint=hint)

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

    def laid_out(self, documents: Pinned) -> Pinned:
        """The documents of a run that is about to start, with the files of their commit where its steps use any."""
        if not documents.reviewed and not documents.continues:
            return documents
        from runbook.hosts.reviewing import with_files

        return with_files(documents, self.specs, self.layout)

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

    # --- what is opened -----------------------------------------------------------------------------------

    @cached_property
    def store_url(self) -> str:
        """The store: a flag, the environment, the config, else one file for each user."""
        url = self._store or self.config.store
        if url is None:
            from platformdirs import user_state_path

            return f"sqlite:///{user_state_path('runbook') / 'journal.db'}"
        return self.store_named(url)

    def store_named(self, url: str) -> str:
        """A store as somebody writes it down: what names a file is looked for from the project's folder."""
        if url.startswith("sqlite:///"):
            return f"sqlite:///{self.root / url.removeprefix('sqlite:///')}"
        return url if ":" in url else f"sqlite:///{self.root / url}"

    @cached_property
    def journal(self) -> Journal:
        """The journal, opened now; one for all environments."""
        if self._whole is not None:
            return self._whole.journal
        from runbook.journal import open_store

        if self.store_url.startswith("sqlite:///"):
            parent = Path(self.store_url.removeprefix("sqlite:///")).parent
            try:
                parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise StoreError(
                    f"the folder of the store cannot be made: {parent}: {error.strerror}",
                    hint="name another with --store or `store:` in runbook.yaml",
                ) from error
        return open_store(self.store_url)

    @property
    def attempts(self) -> Path:
        """The folder of the attempts' locked files, beside the store."""
        if self.store_url.startswith("sqlite:///"):
            return Path(self.store_url.removeprefix("sqlite:///") + ".d") / "attempts"
        from platformdirs import user_state_path

        return Path(user_state_path("runbook")) / "attempts"

    @cached_property
    def layout(self) -> Layout:
        """Where the files of commits are laid out, beside the store."""
        from runbook.hosts.layout import Layout

        return Layout(self.attempts.parent, self.environ)

    @cached_property
    def people(self) -> People:
        """The people of the policy, seen by the OS user."""
        from runbook.policy.identity import os_user
        from runbook.policy.people import People

        path = self.shown(self.policy_file) if self.policy_file else CONFIG
        return People(self.policy, os_user(), path=path)

    @cached_property
    def place(self) -> Place:
        """All that a run needs of the project."""
        from runbook.clients.secrets import Secrets
        from runbook.hosts.connections import Connections
        from runbook.hosts.local import Place
        from runbook.policy.auto import policy_digest

        secrets = Secrets(self.environ, self.root, self._learned)
        return Place(
            journal=self.journal,
            project=self.root,
            environ=self.environ,
            connections=Connections(self.config.connections, secrets.resolve),
            secrets=secrets,
            channels=self.config.channels,
            people=self.people,
            policy_digest=policy_digest(self.bytes_of(self.policy_file)) if self.policy_file else None,
            attempts=self.attempts,
            layout=self.layout,
            specs=self.specs,
            console=self._console,
            sealing=self.sealing(secrets),
        )

    def sealing(self, secrets: Secrets | None = None) -> Sealing | None:
        """How runs are sealed; None where the config does not say."""
        if self.config.seals is None:
            return None
        from runbook.clients.secrets import Secrets
        from runbook.hosts.publishing import Places
        from runbook.hosts.sealing import Sealing

        secrets = secrets or Secrets(self.environ, self.root, self._learned)
        places = Places(
            self.config.seals.publish,
            project=self.root,
            environ=self.environ,
            channels=self.config.channels,
            secret=secrets.resolve,
            console=self._console,
        )
        return Sealing(
            self.config.seals,
            journal=self.journal,
            project=self.root,
            secrets=secrets,
            places=places,
            tell=self._console,
        )

    def _learned(self, secret: str) -> None:
        """A secret was resolved: mask it from now on, and say so if it is too short for that."""
        warning = self.journal.masker.add(secret)
        if warning:
            self._console(f"warning: {warning}")

    def source(self) -> dict[str, Any]:
        """Which commit the project is at, and whether its tree is dirty; nothing outside a repository."""
        host = {"host": os.uname().nodename, "root": str(self.root)}
        if not any((folder / ".git").exists() for folder in (self.root, *self.root.parents)):
            return host
        return host | _commit(self.root, self.environ)


def found_config(directory: Path) -> Path | None:
    """`runbook.yaml` from a directory upward to its repository's root; outside a repository only in it.

    UsageError in a directory that everybody may write to: anybody could have put it there.
    """
    inside = next((folder for folder in (directory, *directory.parents) if (folder / ".git").exists()), None)
    for folder in (directory, *directory.parents):
        path = folder / CONFIG
        if path.is_file():
            mode = folder.stat().st_mode
            if mode & stat.S_IWOTH:
                raise UsageError(
                    f"{path} is not used: everybody may write to {folder}",
                    hint=f"chmod o-w {folder}, or name the file with --config",
                )
            return path
        if inside is None or folder == inside:
            return None
    return None


def _commit(root: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    from runbook.clients.git import state

    return state(root, environ)
