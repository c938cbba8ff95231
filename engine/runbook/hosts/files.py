"""Documents as files of this machine: their bytes, what they call themselves, and whether a path may be believed."""

from __future__ import annotations

import stat
from pathlib import Path

from runbook.clients.repository import project_of
from runbook.errors import UsageError

LARGEST = 1024 * 1024


def read(path: Path) -> bytes:
    """The bytes of a document; UsageError for what is not a regular file of a sensible size."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{relative(path)} is not a regular file")
        if status.st_size > LARGEST:
            raise UsageError(f"{relative(path)} is larger than 1 MiB", hint="split it")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{relative(path)} cannot be read: {error.strerror}") from error


def heading(path: Path) -> tuple[str, str] | None:
    """Kind and name of the document in a file, from its top-level lines; None for anything else."""
    try:
        return heading_of(read(path))
    except UsageError:
        return None


def heading_of(data: bytes) -> tuple[str, str] | None:
    """Kind and name of a document, from its top-level lines; None for anything else."""
    kind = name = None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    for line in text.splitlines():
        if line.startswith("kind:"):
            kind = _scalar(line)
        elif line.startswith("name:") or (line.startswith("runbook:") and name is None):
            name = _scalar(line)
        if kind and name:
            return kind, name
    return None


def _scalar(line: str) -> str:
    value = line.partition(":")[2].split(" #")[0].strip()
    return value.strip("\"'")


def relative(path: Path) -> str:
    """A path from the working directory where it is below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def kept(path: Path, root: Path) -> Path:
    """A path that a config names, which may lead out of the project, but not to where everybody may write."""
    real = path.resolve()
    if real.is_relative_to(project_of(root)):
        return path
    for each in (real, real.parent):
        if each.exists() and each.stat().st_mode & stat.S_IWOTH:
            raise UsageError(
                f"{path} is not used: it is outside of the project, and everybody may write to {each}",
                hint=f"keep it in the project, or chmod o-w {each}",
            )
    return path
