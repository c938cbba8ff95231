"""An answer of a scenario as it is written: itself, or `{answer: …, after: 12m}` for one that takes its time."""

from __future__ import annotations

from typing import Any, NamedTuple

from runbook.document.durations import Duration


class Spoken(NamedTuple):
    """An answer, and how many seconds after its question it is given."""

    answer: Any
    after: float = 0.0


def spoken(given: Any) -> Spoken:
    """An entry of `answers`; what is no such map is the answer itself."""
    if problem(given) is not None or not isinstance(given, dict):
        return Spoken(given)
    return Spoken(given["answer"], Duration.parse(given.get("after", "0s")))


def problem(given: Any) -> str | None:
    """Why a map is no answer; None for everything that is one."""
    if not isinstance(given, dict):
        return None
    if "answer" not in given or given.keys() - {"answer", "after"}:
        return "is a map, which has `answer`, and `after` if the answer takes its time"
    try:
        Duration.parse(given.get("after", "0s"))
    except ValueError as error:
        return f"has an `after` that is {error}"
    return None
