"""Kubernetes manifests of the project's repository, as its last commit has them: what the next deployment will send.

Only files that name one of the objects asked for are read further. A file that is no plain YAML (a template of Helm, a
patch), that is too large or nested too deeply, is passed over: what cannot be read is not guessed from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from runbook.clients import git
from runbook.errors import RunbookError
from runbook.incident.declared import Manifest

_ENDS: Final = (".yaml", ".yml")
_LARGEST: Final = 256 * 1024  # bytes of a file
_MOST: Final = 5_000  # files of a repository that are looked at
_DEEPEST: Final = 1_000  # brackets, or columns of indentation: libyaml does not survive 50,000 levels


def manifests(project: Path, environ: Mapping[str, str], names: Collection[str]) -> list[Manifest]:
    """The objects of these names in the repository around a project; none without a repository and a commit."""
    if not names:
        return []
    try:
        repository = git.opened(project, environ)
        files = repository.files(repository.resolve("HEAD"))
        paths = {path: file.oid for path, file in files.items() if path.endswith(_ENDS) and file.regular}
        wanted = dict(list(paths.items())[:_MOST])
        found = repository.bytes_of(wanted.values(), _LARGEST)
    except RunbookError:
        return []
    sought = [name.encode() for name in names]
    return [
        manifest
        for path, oid in wanted.items()
        if isinstance(data := found[oid], bytes) and any(name in data for name in sought)
        for manifest in _objects(path, data)
    ]


def _objects(path: str, data: bytes) -> Iterator[Manifest]:
    if data.count(b"[") + data.count(b"{") > _DEEPEST or max(map(_indented, data.split(b"\n"))) > _DEEPEST:
        return
    try:
        documents = list(yaml.load_all(data, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError):
        return
    for document in documents:
        for one in _each(document):
            if isinstance(one, Mapping):
                yield Manifest(path, one)


def _each(document: Any) -> list[Any]:
    """A document's object, or those of a `List`."""
    if isinstance(document, Mapping) and document.get("kind") == "List" and isinstance(document.get("items"), list):
        return list(document["items"])
    return [document]


def _indented(line: bytes) -> int:
    """How far a line's content stands from the margin, dashes of lists included."""
    return len(line) - len(line.lstrip(b" -"))
