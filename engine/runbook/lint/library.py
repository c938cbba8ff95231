"""Documents by name, kind and place: those that are checked, and their neighbours on disk when one is referred to.

A scenario that is checked alone still refers to a runbook beside it. Neighbours are loaded when asked for, and
their own findings are not reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runbook.document.build import Document
from runbook.document.catalog import Catalog
from runbook.document.environments import within
from runbook.document.findings import Finding, Severity
from runbook.document.load import load
from runbook.document.model import Config, EvidencePlan, Policy, Runbook, Scenarios, Steps
from runbook.document.others import Others, Shelf
from runbook.document.source import Pointer, Source
from runbook.document.source import read as parsed
from runbook.errors import DocumentError
from runbook.lint.files import found as files_below
from runbook.lint.files import named, read, rehearsed

if TYPE_CHECKING:
    from runbook.document.spec import Specs

CONFIG_NAMES = ("runbook.yaml", "runbook.yml")
Named = TypeVar("Named", Runbook, Steps, EvidencePlan)
Linked = TypeVar("Linked", Runbook, Steps)


class Entry:
    """A document that could be loaded. It keeps bytes; positions are found again when a finding needs them."""

    def __init__(self, path: Path, document: Document, data: bytes) -> None:
        self.path = path
        self.document = document
        self.data = data

    @cached_property
    def source(self) -> Source:
        """The parsed file, until it is let go."""
        return parsed(self.data, str(self.path))[0]

    def let_go(self) -> None:
        """Keep the parsed file no longer: those of a thousand runbooks are half a gigabyte."""
        self.__dict__.pop("source", None)

    def finding(
        self, pointer: Pointer, code: str, message: str, hint: str | None = None, *, key: bool = False
    ) -> Finding:
        """An error at a place of this document."""
        return self.source.finding(pointer, code, message, hint, key=key)

    def warning(self, pointer: Pointer, code: str, message: str, hint: str | None = None) -> Finding:
        """A warning at a place of this document."""
        return self.source.finding(pointer, code, message, hint, severity=Severity.WARNING)


class Library:
    """The documents that can be referred to."""

    def __init__(
        self,
        entries: Iterable[Entry],
        specs: Specs,
        broken: Iterable[tuple[str, str]] = (),
        environment: str | None = None,
    ) -> None:
        self._specs = specs
        self._environment = environment
        self._broken = set(broken)
        self._files: dict[Path, Entry | None] = {}
        self._parents: dict[Path, Path] = {}
        self._configs: dict[Path, tuple[Path, Config] | None] = {}
        self._named: dict[tuple[type[Document], str], Entry] = {}
        self._links: dict[Path, tuple[Finding, ...]] = {}
        self._rehearsed: dict[Path, list[tuple[str, Path]]] = {}
        self._rehearsing_of: dict[Path, dict[str, list[Path]]] = {}
        self.entries = list(entries)
        for entry in self.entries:
            self._files[self._resolved(entry.path)] = entry
            if isinstance(entry.document, Runbook | Steps | EvidencePlan):
                self._named.setdefault((type(entry.document), entry.document.name), entry)

    def _resolved(self, path: Path) -> Path:
        """As `Path.resolve`, which follows every folder on the way anew for each of a thousand files."""
        if path.is_symlink() or path.name in ("", ".."):
            return path.resolve()
        if path.parent not in self._parents:
            self._parents[path.parent] = path.parent.resolve()
        return self._parents[path.parent] / path.name

    def named(self, kind: type[Named], name: str, near: Path) -> Named | None:
        """The document of a name, linked: among those checked, beside `near`, or in the config's library."""
        entry = self._found(kind, name, near)
        if entry is not None:
            self.linked(entry)
        return entry.document if entry and not self.is_broken(kind, name) and isinstance(entry.document, kind) else None

    def linked(self, entry: Entry) -> tuple[Finding, ...]:
        """What is found once a document's includes and hand-overs are held to the documents that they name.

        A runbook has the steps of others in their places from now on; one that cannot have them is broken.
        """
        document = entry.document
        if entry.path in self._links or not (isinstance(document, Runbook | Steps) and _refers(document)):
            return self._links.get(entry.path, ())
        self._links[entry.path] = ()
        try:
            whole = load(entry.data, self._specs, path=str(entry.path), others=self._others(entry.path))
        except DocumentError as error:
            self._links[entry.path] = error.findings
            self._broken.add((type(document).__name__, document.name))
        else:
            entry.document = whole.document
            self._links[entry.path] = (*whole.findings, *self._led_astray(entry, document))
        return self._links[entry.path]

    def _led_astray(self, entry: Entry, document: Runbook | Steps) -> Iterator[Finding]:
        """Names that lead to documents which have trouble with those that they name themselves."""
        named: list[tuple[type[Runbook | Steps], str, Pointer]] = [
            (Steps, include.name, (*include.place, "include")) for include in document.includes
        ]
        for i, option in enumerate(document.resolution if isinstance(document, Runbook) else ()):
            if option.continue_with is not None:
                named.append((Runbook, option.continue_with.runbook, ("resolution", i, "continue_with", "runbook")))
        for kind, name, place in named:
            other = self._found(kind, name, entry.path)
            if other is not None and self.linked(other) and self.is_broken(kind, name):
                self._broken.add((type(document).__name__, document.name))
                message = f"'{name}' cannot be used as it is written"
                yield entry.finding(place, "RB070", message, f"`runbook lint {other.path}` says what is wrong with it")

    def _others(self, near: Path) -> Others:
        def shelf(kind: type[Linked]) -> Shelf[Linked]:
            def get(name: str) -> Linked | None:
                entry = self._found(kind, name, near)
                return entry.document if entry and isinstance(entry.document, kind) else None

            return Shelf(get, lambda name: self.is_broken(kind, name), lambda: self.names(kind))

        return Others(shelf(Steps), shelf(Runbook))

    def _found(self, kind: type[Document], name: str, near: Path) -> Entry | None:
        if (kind, name) not in self._named:
            for folder in self._folders(near):
                self._look(folder, name)
        return self._named.get((kind, name))

    def is_broken(self, kind: type[Document], name: str) -> bool:
        """True for a document that exists and cannot be used; what is wrong with it is said where it stands."""
        return (kind.__name__, name) in self._broken

    def is_unusable(self, entry: Entry) -> bool:
        """True for one of the documents that cannot be used because of those that it names."""
        return any(finding.severity is Severity.ERROR for finding in self.linked(entry))

    def scenarios_of(self, runbook: str, near: Path) -> tuple[Scenarios, ...]:
        """The documents of scenarios that name a runbook: those that are checked, or else those of its project."""
        if runbook not in self._scenarios:
            beside = near.with_name(f"{near.stem}.scenarios{near.suffix}")
            files = [beside] if beside.is_file() else self._rehearsing(near).get(runbook, [])
            found = [entry.document for file in files if (entry := self._entry(file))]
            self._scenarios[runbook] = tuple(
                one for one in found if isinstance(one, Scenarios) and one.runbook == runbook
            )
        return self._scenarios[runbook]

    def _rehearsing(self, near: Path) -> dict[str, list[Path]]:
        """Files in the library's folders that say they hold scenarios, by the runbook; each folder is read once."""
        if near.parent not in self._rehearsing_of:
            rehearsing = self._rehearsing_of[near.parent] = {}
            for folder in self._folders(near):
                if folder not in self._rehearsed:
                    self._rehearsed[folder] = list(self._scenario_files(folder))
                for name, path in self._rehearsed[folder]:
                    rehearsing.setdefault(name, []).append(path)
        return self._rehearsing_of[near.parent]

    def _scenario_files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        for path, searched in files_below([folder]) if folder.is_dir() else ():
            if self._resolved(path) in self._files:
                continue
            try:
                name = rehearsed(read(path, searched))
            except DocumentError:
                continue
            if name:
                yield name, path

    def template(self, name: str, near: Path) -> bytes:
        """The project's own words of a message template; nothing where it has none that can be read."""
        project = self.config(near)
        path = (project[0] if project else Path.cwd()) / "templates" / f"{name}.md"
        try:
            return read(path, path.parent) if path.is_file() else b""
        except DocumentError:
            return b""

    @cached_property
    def _scenarios(self) -> dict[str, tuple[Scenarios, ...]]:
        found: dict[str, tuple[Scenarios, ...]] = {}
        for entry in self.entries:
            if isinstance(entry.document, Scenarios):
                found[entry.document.runbook] = (*found.get(entry.document.runbook, ()), entry.document)
        return found

    def names(self, kind: type[Document]) -> list[str]:
        """Names of the documents of a kind that are known."""
        return sorted(name for known, name in self._named if known is kind)

    def config(self, near: Path) -> tuple[Path, Config] | None:
        """The nearest configuration above a file, with its folder."""
        folder = near.parent
        if folder not in self._configs:
            self._configs[folder] = self._config_above(near)
        return self._configs[folder]

    def _config_above(self, near: Path) -> tuple[Path, Config] | None:
        for folder in _upward(near):
            for name in CONFIG_NAMES:
                entry = self._entry(folder / name)
                if entry and isinstance(entry.document, Config):
                    return folder, entry.document
        return None

    def catalog(self, near: Path) -> Catalog | None:
        """The catalog that the nearest configuration names; None where it names none that can be used."""
        project = self.config(near)
        if project is None or project[1].catalog is None:
            return None
        entry = self._entry(project[0] / project[1].catalog)
        return entry.document if entry and isinstance(entry.document, Catalog) else None

    def surroundings(self, near: Path) -> list[tuple[str | None, Config]]:
        """The nearest configuration as it is in each of its environments, by name: as it stands where it has none."""
        project = self.config(near)
        if project is None:
            return []
        config = project[1]
        found = [one for one in config.environments if self._environment in (None, one.name)]
        return [(one.name, within(config, one)) for one in found] or [(None, config)]

    def policies(self, near: Path) -> list[tuple[str | None, Policy]]:
        """Every policy that holds in a project, each once: with the environment that it holds in, None if in several.

        Without a configuration, the only policy among those checked.
        """
        project = self.config(near)
        if project is None:
            return [(None, self._only_policy)] if self._only_policy else []
        files: dict[str, list[str | None]] = {}
        for name, config in self.surroundings(near):
            if config.policy:
                files.setdefault(config.policy, []).append(name)
        found = [(names, self._entry(project[0] / file)) for file, names in files.items()]
        return [
            (names[0] if len(names) == 1 else None, entry.document)
            for names, entry in found
            if entry and isinstance(entry.document, Policy)
        ]

    @cached_property
    def _only_policy(self) -> Policy | None:
        policies = [entry.document for entry in self.entries if isinstance(entry.document, Policy)]
        return policies[0] if len(policies) == 1 else None

    def _folders(self, near: Path) -> list[Path]:
        folders = [near.resolve().parent]
        if project := self.config(near):
            folders += [project[0] / library for library in project[1].folders]
        return folders

    def _look(self, folder: Path, name: str) -> None:
        """Load those files of a folder in which the name stands."""
        if not folder.is_dir():
            return
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            if path.resolve() in self._files:
                continue
            try:
                if name.encode() not in read(path, folder):
                    continue
            except DocumentError:
                continue
            entry = self._entry(path)
            if entry and isinstance(entry.document, Runbook | Steps | EvidencePlan):  # by its own name: it is read once
                self._named.setdefault((type(entry.document), entry.document.name), entry)

    def _entry(self, path: Path) -> Entry | None:
        """The document of a file; None if there is none that can be used."""
        resolved = self._resolved(path)
        if resolved not in self._files:
            self._files[resolved] = None
            if path.is_file():
                data = b""
                try:
                    data = read(path)
                    self._files[resolved] = Entry(path, load(data, self._specs, path=str(path)).document, data)
                except DocumentError:
                    self._broken |= {name for name in (named(data),) if name}
        return self._files[resolved]


def _refers(document: Runbook | Steps) -> bool:
    """Whether it includes steps, or goes on with another runbook."""
    hands_over = isinstance(document, Runbook) and any(option.continue_with for option in document.resolution)
    return bool(document.includes) or hands_over


def _upward(path: Path) -> list[Path]:
    """Folders in which a file's configuration may stand: up to its repository's root, never beyond.

    Outside of a repository: the file's own folder, the one above (a library stands in a project), and the working
    directory.
    """
    folders = list(path.resolve().parents)
    for index, folder in enumerate(folders):
        if (folder / ".git").exists():
            return folders[: index + 1]
    return [*folders[:2], Path.cwd()]
