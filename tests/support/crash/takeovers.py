"""A store in memory whose claims run out, as a row in PostgreSQL does when its runner is held up."""

from __future__ import annotations

import itertools

from runbook.journal.memory import MemoryStore
from runbook.journal.port import Claim


class RunsOut(MemoryStore):
    """Each claim has a number; one that has run out is nobody's, and its runner knows so by its own clock."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens = itertools.count(1)
        self._claimed: dict[str, int] = {}

    def claim(self, stream: str) -> Claim | None:
        if stream in self._claimed:
            return None
        token = self._claimed[stream] = next(self._tokens)

        def release() -> None:
            if self._claimed.get(stream) == token:
                del self._claimed[stream]

        return Claim(release, lambda: self._claimed.get(stream) == token)

    def claimed(self, stream: str) -> bool:
        return stream in self._claimed

    def run_out(self, stream: str) -> None:
        """Its runner was held up for too long."""
        self._claimed.pop(stream, None)
