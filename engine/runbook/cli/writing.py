"""Files that a command makes: whole or not at all, all of them or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from runbook.errors import UsageError

_PART = ".part"


def _replaceable(path: Path, what: str) -> None:
    """UsageError for `-`, and for what a file must not put out of the way: a folder, a device (`-o /dev/null`)."""
    if path.name == "-":
        raise UsageError(f"the {what} cannot be written: '-' is no file's name", hint="name a file")
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "no file"
        raise UsageError(f"the {what} cannot be written: {path} is {kind}", hint="name a file")


@contextmanager
def whole(path: Path, what: str) -> Iterator[BinaryIO]:
    """A file that appears whole once the block is left, or not at all: what was there stays until then.

    UsageError where it cannot be written; whatever ends the block early leaves nothing behind.
    """
    _replaceable(path, what)
    target = path.resolve()
    part = target.with_name(target.name + _PART)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a file that has its name may still be empty after a power loss
        part.replace(target)
    except OSError as error:
        raise UsageError(f"the {what} cannot be written: {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def written(texts: Mapping[Path, str], what: str) -> None:
    """Write every text to its file, through a file beside it; UsageError, with nothing replaced, where one cannot be.

    A link stays one, and a file that was there keeps its permissions. `what` is the word for such a file in that
    error: `page`, `draft`.
    """
    parts: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path in texts:
            _replaceable(path, what)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            target = path.resolve()
            part = target.with_name(target.name + _PART)
            parts.append((part, target))
            part.write_text(text, encoding="utf-8", newline="\n")
            if target.exists():
                part.chmod(stat.S_IMODE(target.stat().st_mode))
        for part, path in parts:
            part.replace(path)
    except OSError as error:
        raise UsageError(f"the {what} cannot be written: {path}: {error.strerror}") from error
    finally:
        for part in (part for part, _ in parts if not part.is_dir()):
            part.unlink(missing_ok=True)
