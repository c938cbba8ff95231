"""A run's looks at the world as what a scenario gives: entries over time, no more of them than there were changes.

    looks in order → for each step, entries; a new one only where those that are there would answer otherwise

An entry holds from when it was first seen: after the change that came just before it, else at its simulated time. What
is asked of entries is asked by the same function that plays them, so nothing here knows twice how they apply.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import floor
from typing import Any, Final, NamedTuple

from runbook.core.addresses import last
from runbook.core.history import short
from runbook.scenario.answers import answer

_WHEN: Final = ("at", "after")
_UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


class Look(NamedTuple):
    """One question to the world at an address, `at` simulated seconds after the start, and what it was answered.

    `applied` are the paths of the changes that were in the world by then. `heeds` are the words of an entry that the
    question is about; None: all of them. `said` None: nothing is known of it.
    """

    path: str
    at: float
    applied: tuple[str, ...]
    said: Mapping[str, Any] | None
    heeds: Collection[str] | None = None


def given(looks: Sequence[Look]) -> dict[str, Any]:
    """What a scenario gives, by step as people call it, so that each of these looks is answered as it was."""
    steps: dict[str, _Step] = {}
    for look in looks:
        if look.said is not None:
            name = short(look.path)  # a check is one step, whichever option it is looked at for
            steps.setdefault(name, _Step(name)).take(look)
    return {name: step.written for name, step in steps.items() if step.entries}


class _Step:
    """One step: its looks so far, and the entries that answer them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: list[dict[str, Any]] = []
        self._looks: list[Look] = []

    def take(self, look: Look) -> None:
        """Answer one more look as it was answered, and those before it as they were."""
        self._looks.append(look)
        if look.heeds is None and not self.entries:
            self.entries = [dict(look.said or {})]
        elif not self._answers(self.entries, look):
            tried = list(self._longer(look))
            fitting = (entries for entries in tried if all(self._answers(entries, one) for one in self._looks))
            self.entries = next(fitting, tried[-1])

    def _longer(self, look: Look) -> Iterator[list[dict[str, Any]]]:
        """With one more answer: as part of what is there, after the newest change, from its time on, or only both."""
        said = dict(look.said or {})
        if look.heeds is not None and len(self.entries) <= 1:
            yield [{**(self.entries[0] if self.entries else {}), **said}]
        before = self._looks[-2].applied if len(self._looks) > 1 else ()
        after = [{"after": last(path)} for path in look.applied if path not in before][-1:]
        at = {"at": duration(look.at)}
        for when in (*after, at, *({**at, **one} for one in after)):
            yield [*self.entries, {**when, **said}]

    def _answers(self, entries: list[dict[str, Any]], look: Look) -> bool:
        """Whether a look is answered by these entries as it was."""
        came = answer({self.name: entries}, look.path, since_start=look.at, applied=look.applied) or {}
        heard = {word: value for word, value in came.items() if word not in _WHEN}
        said = dict(look.said or {})
        return said == (heard if look.heeds is None else {word: heard[word] for word in look.heeds if word in heard})

    @property
    def written(self) -> Any:
        """As an author would write it."""
        return self.entries[0] if len(self.entries) == 1 else self.entries


def duration(seconds: float) -> str:
    """An exact length of time as text, to the millisecond, never longer than it was."""
    left = floor(seconds * 1000 + 1e-3)
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
