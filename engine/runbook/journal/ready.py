"""Could a run be recorded in this store now? Looked at without making or writing anything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import unquote

from runbook.errors import StoreError
from runbook.journal import open_store

LEAST = 64 * 1024 * 1024  # bytes free on the disk; a run writes some hundred KiB, and its evidence more


def ready(url: str) -> str:
    """A line that says where records go. StoreError where they could not, UsageError for a URL of no store."""
    if not url.startswith("sqlite:"):
        open_store(url).check_writable()
        return f"records are kept in {url}"
    path = Path(unquote(url.removeprefix("sqlite:").removeprefix("//")).replace("//", "/", 1)).expanduser()
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    kept = path.exists()
    if kept:
        open_store(url).check_writable()  # what is no store, damaged, or of another version says so itself
    refused = next((one for one in (path if kept else folder, folder) if not os.access(one, os.W_OK)), None)
    if refused is not None:
        raise StoreError(
            f"{refused} is read-only for you, and nothing may be done that cannot be recorded",
            hint="check who owns it, or name another store with --store",
        )
    free = shutil.disk_usage(folder).free
    if free < LEAST:
        raise StoreError(
            f"only {free // 1024 // 1024} MiB are free where {path} is kept",
            hint="free some space on that file system",
        )
    return f"{path} can be written" if kept else f"{path} will be made by the first run"
