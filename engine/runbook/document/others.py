"""The other documents that one refers to, by name: where `Steps` and runbooks are found is the caller's to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from runbook.document.model import Runbook, Steps

Named = TypeVar("Named", Runbook, Steps)


class Shelf(NamedTuple, Generic[Named]):
    """Where documents of a kind are found by name. `broken`: it is there, and cannot be used as it is written.

    What is found has been held to its own rules only; its includes are not carried out yet.
    """

    get: Callable[[str], Named | None]
    broken: Callable[[str], bool] = lambda _: False
    names: Callable[[], Iterable[str]] = tuple


class Others(NamedTuple):
    """The documents that a document may refer to. `runbooks` None: hand-overs were held to theirs before."""

    steps: Shelf[Steps]
    runbooks: Shelf[Runbook] | None = None


def shelved(documents: Iterable[Named]) -> Shelf[Named]:
    """A shelf with these documents, all of them sound, and nothing else."""
    table = {document.name: document for document in documents}
    return Shelf(table.get, names=lambda: table)
