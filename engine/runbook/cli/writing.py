"""Files that a command makes: whole or not at all, all of them or none."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from runbook.errors import UsageError

_PART = ".part"


def written(texts: Mapping[Path, str], what: str) -> None:
    """Write every text to its file, through a file beside it; UsageError, with nothing replaced, where one cannot be.

    A link stays one, and a file that was there keeps its permissions. `what` is the word for such a file in that
    error: `page`, `draft`.
    """
    parts: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path in texts:
            if path.is_dir():
                raise UsageError(f"the {what} cannot be written: {path} is a folder", hint="name a file")
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
