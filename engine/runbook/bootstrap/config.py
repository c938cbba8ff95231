"""`runbook.yaml`: where it is looked for, and what it says."""

from __future__ import annotations

import stat
from pathlib import Path

from runbook.document.load import load
from runbook.document.model import Config
from runbook.document.spec import Specs
from runbook.errors import UsageError
from runbook.hosts.files import read, relative

CONFIG = "runbook.yaml"


def read_config(path: Path, specs: Specs) -> Config:
    """The Config document in a file; UsageError where it is of another kind."""
    document = load(read(path), specs, path=relative(path)).document
    if not isinstance(document, Config):
        raise UsageError(f"{path} is not a Config document", hint="its kind must be `Config`")
    return document


def found(directory: Path) -> Path | None:
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
