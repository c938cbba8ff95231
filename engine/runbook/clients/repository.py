"""Where the project of a folder begins: its repository's root, found by looking, without git."""

from __future__ import annotations

from pathlib import Path


def project_of(folder: Path) -> Path:
    """The root of the repository that a folder is in, else the folder itself."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
