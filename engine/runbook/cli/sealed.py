"""Which seals and which keys a command looks at: those that were named, and those of the project it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.cli.session import Session
    from runbook.journal.trust import TrustedKey


def given(files: Iterable[Path]) -> list[str]:
    """The seals in files. UsageError for a file without one."""
    from runbook.journal.seals import seals_in

    found: list[str] = []
    for file in files:
        texts = seals_in(file.read_text(encoding="utf-8", errors="replace"))
        if not texts:
            raise UsageError(f"{file} holds no seal", hint="a seal has three lines, a blank one, and a signature")
        found += texts
    return found


def keys(session: Session, named: Sequence[str]) -> list[TrustedKey]:
    """The keys that were named, by their lines or in files; else those of the configuration."""
    from runbook.journal.trust import trusted

    if not named:
        sealing = session.project.sealing()
        return [] if sealing is None else sealing.keys()
    lines: list[str] = []
    for name in named:
        path = Path(name)
        text = path.read_text(encoding="utf-8", errors="replace") if "+" not in name and path.is_file() else name
        lines += [line for line in text.splitlines() if line.strip() and not line.startswith("#")] or [name]
    return [trusted(line) for line in lines]


def published(session: Session, stream: str | None) -> list[str]:
    """The seals of a stream that lie where the project publishes them."""
    sealing = session.project.sealing() if stream is not None else None
    return [] if sealing is None or stream is None else sealing.places.found(stream)


def check_used(texts: Iterable[str], streams: Iterable[str | None]) -> None:
    """UsageError for a seal that was named, and is of none of these streams: nothing would be held against it."""
    from runbook.journal.seals import parsed

    known = set(streams)
    for text in texts:
        stream = parsed(text).stream
        if stream not in known:
            raise UsageError(f"the seal is of {stream}, which is not looked at", hint="name that run, or its export")
