"""Which store a project keeps its records in, what lies beside it, and how it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runbook.core.spellings import passwords
from runbook.errors import StoreError

if TYPE_CHECKING:
    from runbook.core.masking import Masker
    from runbook.journal import Journal

_FILE = "sqlite:///"


def store_url(named: str | None, root: Path) -> str:
    """The URL of a store as somebody writes it down; one file for each user where nobody has.

    What names a file is looked for from `root`.
    """
    if named is None:
        return f"{_FILE}{_state() / 'journal.db'}"
    if named.startswith(_FILE):
        return f"{_FILE}{root / named.removeprefix(_FILE)}"
    return named if ":" in named else f"{_FILE}{root / named}"


def attempts_of(url: str) -> Path:
    """The folder of the attempts' locked files: beside the store's file, else on this machine."""
    if url.startswith(_FILE):
        return Path(url.removeprefix(_FILE) + ".d") / "attempts"
    return _state() / "attempts"


def opened(url: str, masker: Masker) -> Journal:
    """The journal in a store; the folder of a file is made. What is secret in the URL is masked from now on."""
    from runbook.journal import open_store

    for password in passwords(url):
        masker.add(password)
    if url.startswith(_FILE):
        parent = Path(url.removeprefix(_FILE)).parent
        try:
            parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(
                f"the folder of the store cannot be made: {parent}: {error.strerror}",
                hint="name another with --store or `store:` in runbook.yaml",
            ) from error
    return open_store(url, masker=masker)


def _state() -> Path:
    from platformdirs import user_state_path

    return Path(user_state_path("runbook"))
