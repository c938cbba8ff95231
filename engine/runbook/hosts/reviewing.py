"""What of the files of a commit a run is going to use: whether it needs any, and whether those that it names are there.

A runbook that only speaks to servers needs none, however large its repository is. A step that runs a command may open
any file of the project, so for one of those all of them are laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from runbook import kinds
from runbook.document.every_step import every_step
from runbook.document.model import Step
from runbook.document.spec import Specs
from runbook.errors import UsageError
from runbook.hosts.documents import Pinned
from runbook.hosts.layout import OUTSIDE, Layout
from runbook.hosts.shelves import POINTER

COMMANDS: Final = frozenset({"command.run", "shell.run"})
_FILES: Final = {"kubernetes.apply": "file", "tls.certificate": "ca_file"}  # kinds of ours that open one, and where


def with_files(documents: Pinned, specs: Specs, layout: Layout) -> Pinned:
    """The documents with the files of their commit laid out and pinned, where a step of theirs uses files.

    UsageError for a step that names a file which the commit has not got as one.
    """
    continues = {name: with_files(one, specs, layout) for name, one in documents.continues.items()}
    documents = msgspec.structs.replace(documents, continues=continues)
    steps = list(every_step(*documents.loaded(specs))) if documents.reviewed else []
    if not any(map(uses_files, steps)):
        return documents
    own, folder = layout.laid_out(documents.reviewed[0])
    for step in steps:
        for name in _named(step.inputs):
            if why := _unusable(folder, name):
                raise UsageError(f"the step {step.id} uses {name}, which {why} at {own.commit[:12]} ({own.ref})")
    return msgspec.structs.replace(documents, reviewed=(own, *documents.reviewed[1:]))


def uses_files(step: Step) -> bool:
    """Whether a step may open files of the project; who knows what a kind of somebody else's opens."""
    if step.uses in _FILES:
        return _FILES[step.uses] in step.inputs
    return step.uses in COMMANDS or step.uses not in kinds.MODULES


def _unusable(folder: Path, name: str) -> str | None:
    path = folder / name
    try:
        if path.is_symlink() and str(path.readlink()) == OUTSIDE:
            return "is a link out of the project"
        if path.is_file():
            with path.open("rb") as file:
                return "is a pointer to Git LFS, without its content" if file.read(len(POINTER)) == POINTER else None
    except (OSError, ValueError):
        return None
    return None


def _named(inputs: Any) -> Iterator[str]:
    """Every text of a step's inputs that may be a path in the project."""
    if isinstance(inputs, Mapping):
        for value in inputs.values():
            yield from _named(value)
    elif isinstance(inputs, list | tuple):
        for value in inputs:
            yield from _named(value)
    elif isinstance(inputs, str) and _may_be_a_path(inputs):
        yield inputs


def _may_be_a_path(text: str) -> bool:
    plain = 0 < len(text) < 1024 and not text.startswith(("/", "-")) and "\0" not in text and "\n" not in text
    return plain and ".." not in text.split("/")
