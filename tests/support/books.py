"""Every runbook that this repository has: the starter library, and the runbooks for real alerts of the docs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from runbook.bootstrap import Project
from runbook.document.model import Runbook
from runbook.document.source import read

ROOT = Path(__file__).parents[2]
LIBRARIES = (ROOT / "runbooks", ROOT / "docs" / "examples" / "runbooks")


class Book(NamedTuple):
    """A runbook with the bytes of its file."""

    book: Runbook
    data: bytes
    parts: tuple[bytes, ...] = ()  # documents that it uses: steps that it includes, its evidence plan

    @property
    def source(self) -> dict[str, object]:
        """Its document as plain data."""
        return read(self.data)[0].data


@cache
def every() -> tuple[Book, ...]:
    """All of them."""
    return tuple(_every())


def _every() -> Iterator[Book]:
    for root in LIBRARIES:
        project = Project(root)
        for path in project.runbooks().values():
            book, pinned = project.runbook(str(path))
            used = (*(part.data for part in pinned.steps), *([pinned.evidence] if pinned.evidence else ()))
            yield Book(book, pinned.runbook, used)


def one(name: str) -> Book:
    """The runbook of a name."""
    return next(book for book in every() if book.book.name == name)
