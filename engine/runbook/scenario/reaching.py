"""Which points of a runbook a run came to, read from its records.

What a scenario gives nothing for is not rehearsed: a step that is *not simulated* was not done, and its *unknown* is
nobody's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runbook.core.addresses import item, parts, whole
from runbook.core.history import address, short
from runbook.core.records import Written
from runbook.core.repeating import EMPTY
from runbook.core.words import Answer, Applied, Ended
from runbook.document.words import Verb
from runbook.scenario.answers import NOT_SIMULATED
from runbook.scenario.coverage import (
    AFTER_FAILURE,
    APPROVED,
    DENIED,
    DONE,
    NONE,
    NOT_HELPED,
    SEVERAL,
    SKIPPED,
    TRIED,
    Point,
)

_DECIDED = {Answer.GRANTED: APPROVED, Answer.DENIED: DENIED, Answer.EXPIRED: DENIED}
_TAKEN_BACK = {Ended.FAILED: AFTER_FAILURE, Ended.STALE: AFTER_FAILURE, Ended.NOT_HELPED: NOT_HELPED}


def reached(records: Iterable[Written]) -> frozenset[Point]:
    """Every point that these records of one run came to, and more: names that no point has do not matter."""
    fold = _Reached()
    for record in records:
        fold.take(record)
    return frozenset(fold.points)


class _Reached:
    """Takes records in order. `ended` is how each option ended, `items` the keys that each loop had."""

    def __init__(self) -> None:
        self.points: set[Point] = set()
        self.ended: dict[str, Ended] = {}
        self.items: dict[str, set[str]] = {}

    def take(self, record: Written) -> None:
        """Fold one record in."""
        key, data = record.key or "", record.data
        path = address(key)
        split = parts(path)
        if len(split) > 2 and split[0] == "resolution":
            self._point("option", f"resolution/{split[1]}", TRIED)
        self._looped(path)
        match record.type:
            case "step.observed" if not data.get("arrived"):
                self._observed(path, data)
            case "decision.given" if len(split) == 2 and data["verdict"] in _DECIDED:
                self._point("gate", path, _DECIDED[Answer(data["verdict"])])
            case "answer.given" if not data.get("expired"):
                self._point("step", whole(path), DONE)
            case "change.resulted" if Applied(data.get("applied", "no")) is not Applied.NO:
                self._changed(path, key)
            case "note.added":
                self._noted(path, data)

    def _point(self, about: str, of: str, what: str) -> None:
        self.points.add(Point(about, of, what))

    def _observed(self, path: str, data: Any) -> None:
        error = data.get("error") or {}
        if error.get("code") == NOT_SIMULATED.code or data.get("asked") is False:
            return
        step = whole(short(path))
        self._point("step", step, DONE)
        if data.get("verdict"):
            self._point("verdict", step, str(data["verdict"]))

    def _changed(self, path: str, key: str) -> None:
        """A change reached the world, or was taken back after its option had ended."""
        if f":{Verb.UNDO}#" not in key:
            self._point("step", whole(path), DONE)
            return
        option = "/".join(parts(path)[:2])
        if self.ended.get(option) in _TAKEN_BACK:
            self._point("undo", option, _TAKEN_BACK[self.ended[option]])

    def _noted(self, path: str, data: Any) -> None:
        if data.get("about") == "option" and data.get("ended"):
            self.ended[path] = Ended(data["ended"])
            tried = Point("option", path, TRIED) in self.points
            if self.ended[path] is not Ended.SKIPPED:
                self._point("option", path, TRIED)
            elif not tried:
                self._point("option", path, SKIPPED)
        elif data.get("about") == "step" and data.get("verdict"):  # an alert's own word is a symptom that was seen
            self._point("step", whole(path), DONE)
        if data.get("reason") == EMPTY:
            self._point("loop", whole(path), NONE)

    def _looped(self, path: str) -> None:
        """Remember the items of every loop in an address: of a step, or of all steps of an option."""
        key = item(path)
        if key is None:
            return
        split = parts(path)
        at = next(i for i, part in enumerate(split) if "[" in part)
        for loop in {whole("/".join(split[: at + 1])), "/".join(split[:at])}:
            self.items.setdefault(loop, set()).add(key)
            if len(self.items[loop]) > 1:
                self._point("loop", loop, SEVERAL)
