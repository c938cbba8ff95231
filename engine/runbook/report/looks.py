"""Steps with `until`, as their looks come in: what is news, and what is still being waited for.

Of thirty looks that say the same, the first and the last are told, and where the verdict changed in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from runbook.core.history import address
from runbook.core.records import Written
from runbook.core.words import Verdict
from runbook.document.durations import spoken
from runbook.report.known import Known
from runbook.report.times import span


class Look(NamedTuple):
    """The newest look at a step: `again` when the next begins, `until` when time is over, `news` if worth a line."""

    path: str
    id: str
    number: int
    verdict: Verdict | None
    first: float
    until: float
    again: float | None
    news: bool
    said: str


class Looks:
    """The newest look at each step that is observed until it passes."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._newest: dict[str, Look] = {}

    def of(self, key: str) -> Look | None:
        """The newest look at the step of a key; None for a step without `until`."""
        return self._newest.get(address(key))

    def open(self) -> Iterator[tuple[Look, float]]:
        """The newest looks at steps that will be looked at again, and when."""
        for look in self._newest.values():
            if look.again is not None:
                yield look, look.again

    def take(self, record: Written) -> None:
        """Fold a record in."""
        data = record.data
        if record.type != "step.observed" or "until" not in data or data.get("round") is None:
            return
        path, number = address(record.key or ""), int(data["round"])
        before = self._newest.get(path) if number > 1 else None
        verdict = Verdict(data["verdict"]) if data.get("verdict") else None
        first = before.first if before else float(data.get("started") or record.time)
        again = float(data["again"]) if data.get("again") is not None else None
        id_ = str(data.get("id") or path.rsplit("/", 1)[-1])
        self._newest[path] = Look(
            path=path,
            id=id_,
            number=number,
            verdict=verdict,
            first=first,
            until=float(data["until"]),
            again=again,
            news=before is None or again is None or before.verdict is not verdict,
            said=self._said(id_, number, again, record.time - first),
        )

    def _said(self, id_: str, number: int, again: float | None, took: float) -> str:
        """What a line says about the looks: how long it goes on, or how many there were."""
        if again is None:
            return f"look {number}, after {spoken(float(int(took)))}" if number > 1 else ""
        step = self._known.step(id_)
        if number > 1 or step is None or step.until is None:
            return f"look {number}, and again"
        return f"looked at again every {span(step.until.every)} for up to {span(step.until.within)}"
