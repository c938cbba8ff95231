"""Which files are meant by the paths that were typed, and their bytes: never blocking, never out of the tree.

A folder in a repository may hold a pipe, a device or a link to `/etc`; none of them is opened. What cannot be
read is a finding, not an end. YAML that says it is somebody else's (a Kubernetes manifest) is left alone.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from runbook.document.characters import MAX_BYTES
from runbook.document.findings import Finding
from runbook.document.schema import KINDS
from runbook.errors import DocumentError, UsageError

_SUFFIXES: Final = (".yaml", ".yml")
_FOREIGN: Final = re.compile(rb"^apiVersion:[ \t]*[\"']?(?!runbook/)[A-Za-z]", re.MULTILINE)
_OURS: Final = re.compile(rb"^kind:[ \t]*[\"']?(" + "|".join(KINDS).encode() + rb")\b", re.MULTILINE)
_SCENARIOS: Final = re.compile(rb"^kind:[ \t]*[\"']?Scenario\b", re.MULTILINE)
_REHEARSED: Final = re.compile(rb"^runbook:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)
_NAME: Final = re.compile(rb"^name:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)


def found(paths: Sequence[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Every file to look at, with the folder that was searched for it (None: it was named itself), in order."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UsageError(f"there is no file or folder '{path}'", hint="check the path and the working directory")
        searched = path if path.is_dir() else None
        for file in _below(path) if searched else [path]:
            if file not in seen:
                seen.add(file)
                yield file, searched


def _below(folder: Path) -> Iterator[Path]:
    """Its documents; and the folders that cannot be looked into, which reading them says."""
    denied: list[Path] = []
    for current, folders, files in os.walk(folder, onerror=lambda error: denied.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(current, name)
    yield from denied


def read(path: Path, searched: Path | None = None, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file inside the folder that was searched; DocumentError says why not.

    Of one that is longer than its `limit`, one byte more than that.
    """
    try:
        if searched is not None and path.is_symlink() and not path.resolve().is_relative_to(searched.resolve()):
            raise _unreadable(path, f"it is a link out of '{searched}'", "name the file itself to check it")
        return _bytes(path, limit)
    except OSError as error:
        raise _unreadable(path, (error.strerror or str(error)).lower(), None) from None


def _bytes(path: Path, limit: int) -> bytes:
    _regular(path, path.stat())  # before opening: opening a device may do something
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        _regular(path, os.fstat(descriptor))
        return file.read(limit + 1)


def _regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _unreadable(path, "it is a folder that may not be looked into", None)
    if not stat.S_ISREG(status.st_mode):
        raise _unreadable(path, "it is not a regular file", None)


def _unreadable(path: Path, reason: str, hint: str | None) -> DocumentError:
    message = f"the file cannot be read: {reason}"
    return DocumentError([Finding(path=str(path), line=1, column=1, code="RB050", message=message, hint=hint)])


def named(data: bytes) -> tuple[str, str] | None:
    """Kind and name that a file gives itself, even if it cannot be used otherwise."""
    kind, name = _OURS.search(data), _NAME.search(data)
    return (kind[1].decode(), name[1].decode()) if kind and name else None


def rehearsed(data: bytes) -> str | None:
    """The runbook of which a file says that it holds the scenarios; None for any other file."""
    runbook = _REHEARSED.search(data) if _SCENARIOS.search(data) else None
    return runbook[1].decode() if runbook else None


def is_foreign(data: bytes) -> bool:
    """True for YAML with somebody else's `apiVersion` and none of our kinds."""
    return _FOREIGN.search(data) is not None and _OURS.search(data) is None
