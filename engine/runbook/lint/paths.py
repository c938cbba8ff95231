"""Where a configuration leads: to what is there, and inside the project, whose files are reviewed together.

The project is the repository that the configuration stands in, else its own folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from runbook.clients.repository import project_of
from runbook.document.model import Config
from runbook.document.source import Pointer
from runbook.lint.library import Entry

if TYPE_CHECKING:
    from runbook.document.findings import Finding


class _Named(NamedTuple):
    pointer: Pointer
    path: str
    what: str


def sound_paths(entry: Entry, config: Config) -> Iterator[Finding]:
    """An error where nothing is, a warning where it is outside: by `..`, by a whole path, or by a link."""
    folder = entry.path.resolve().parent
    project = project_of(folder)
    for pointer, path, what in _paths(entry, config):
        target = folder / path
        if not (target.is_dir() if what == "folder" else target.is_file()):
            message = f"there is no {what} '{path}' beside the configuration"
            yield entry.finding(pointer, "RB055", message, "create it, or correct the path")
        elif not target.resolve().is_relative_to(project):
            message = f"'{path}' leads out of the project: what is there is not reviewed with it"
            yield entry.warning(pointer, "RB078", message, "keep it inside, or see to it who may write there")


def _paths(entry: Entry, config: Config) -> Iterator[_Named]:
    if "library" in entry.source.data:
        for i, name in enumerate(config.library):
            if isinstance(name, str):
                yield _Named(("library", i), name, "folder")
            elif not name.git.startswith(("/", "..")):  # another repository need not be where this one is linted
                yield _Named(("library", i, "git"), name.git, "folder")
    if config.policy is not None:
        yield _Named(("policy",), config.policy, "file")
    if config.catalog is not None:
        yield _Named(("catalog",), config.catalog, "file")
    for i, file in enumerate(config.obligations.files):
        yield _Named(("obligations", "files", i), file, "file")
    for one in config.environments:
        if one.policy is not None:
            yield _Named(("environments", one.name, "policy"), one.policy, "file")
