"""A git repository of a test: files are written, committed, and looked at by the engine's own reader."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

WHO = ("-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")


class Repo:
    """A repository in a folder, with a branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *argv: str, who: tuple[str, ...] = WHO) -> str:
        """A git command, typed by somebody."""
        done = subprocess.run(["git", *who, *argv], cwd=self.folder, capture_output=True, check=True)
        return os.fsdecode(done.stdout).strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Files by path; None takes one away."""
        for path, text in files.items():
            file = self.folder / path
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(
        self, files: Mapping[str, str | bytes | None], subject: str = "Change something", *, who: tuple[str, ...] = WHO
    ) -> str:
        """Files by path, committed with everything that lies there; its hash."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject, who=who)
        return self.git("rev-parse", "HEAD")
