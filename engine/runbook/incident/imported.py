"""Which incidents of elsewhere are here already, by form and id there: asked again as others import at the same time.

It stands in the first record of an incident. So only that one is read, and what is damaged behind it keeps nobody from
importing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runbook.errors import BrokenChain
from runbook.incident.desk import COUNTER, numbered, stream_of
from runbook.incident.records import DECLARED, PREFIX
from runbook.journal import Journal, Unread

_HINT: Final = "what was imported before is not known, so nothing was imported; `runbook log verify {id}`"


class Imported:
    """What was imported until now. `look` brings it up to date; within a transaction nothing can follow unseen."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[tuple[str, str], tuple[str, str | None]] = {}  # what it is called here, and its time
        self._awaited: set[int] = set()  # numbers that were given out, and have no incident yet
        self._upto = journal.number(COUNTER)
        unread: list[Unread] = []
        for skim in journal.skim(PREFIX, {DECLARED}, unread):
            if skim.records:
                self._keep(skim.stream, skim.records[0].data)
        for one in unread:
            self._read(one.stream)
        here = {int(name.rpartition("-")[2]) for name in journal.names(PREFIX)}
        self._awaited |= set(range(1, self._upto + 1)) - here

    def __contains__(self, key: tuple[str, str]) -> bool:
        return key in self._known

    def another(self, key: tuple[str, str], at: str | None) -> str | None:
        """What the one of this key is called here, where it was declared at another time: two files may count alike."""
        here, then = self._known.get(key, ("", at))
        return here if then != at else None

    def look(self) -> None:
        """Take in what was declared since. BrokenChain where the first record of an incident cannot be read."""
        newest = self._journal.number(COUNTER)
        self._awaited |= set(range(self._upto + 1, newest + 1))
        self._upto = newest
        for number in sorted(self._awaited):
            stream = stream_of(numbered(str(number)))
            if self._journal.head(stream) is not None:
                self._read(stream)
                self._awaited.discard(number)

    def _read(self, stream: str) -> None:
        try:
            first = next(self._journal.read(stream))
        except BrokenChain as error:
            hint = _HINT.format(id=stream.removeprefix(PREFIX))
            raise BrokenChain(error.message, stream=stream, seq=error.seq, hint=hint) from error
        self._keep(stream, first.data)

    def _keep(self, stream: str, declared: Mapping[str, Any]) -> None:
        imported = declared.get("imported")
        if imported is not None:
            self._known[imported["from"], imported["id"]] = (stream.removeprefix(PREFIX), declared.get("at"))
