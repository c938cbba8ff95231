"""Where values stand in a drawing: a scale from values to pixels, its ticks, and how both are drawn.

Lengths of time go over many orders of magnitude, so their scale is logarithmic; what took no time at all stands at its
beginning. Ticks are lengths that people say (`30s`, `10m`, `1d`), as many as there is room for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from runbook.document.durations import spoken
from runbook.report import svg
from runbook.report.markup import Markup

_MINUTE, _HOUR, _DAY, _YEAR = 60.0, 3600.0, 86400.0, 365 * 86400.0

# The more telling first: where there is no room for all, the later ones give way.
_SAID: Final = (
    (1.0, _MINUTE, _HOUR, _DAY, 30 * _DAY, _YEAR, 10 * _YEAR, 100 * _YEAR),
    (10.0, 10 * _MINUTE, 7 * _DAY, 6 * _HOUR),
    (30.0, 30 * _MINUTE, 5 * _MINUTE, 5.0, 2 * _HOUR, 12 * _HOUR, 3 * _DAY, 90 * _DAY, 3 * _YEAR, 30 * _YEAR),
    (2.0, 20.0, 2 * _MINUTE, 20 * _MINUTE, 4 * _HOUR, 2 * _DAY, 14 * _DAY, 180 * _DAY, 2 * _YEAR, 5 * _YEAR),
    (0.001, 0.01, 0.1, 0.5),
)
_ROOM: Final = 14.0  # pixels between two labels
_LEAST: Final = 0.001  # seconds; records do not tell times more closely than that


class Axis(NamedTuple):
    """From values (`low` to `high`) to pixels (`start` to `end`); `ticks` are values with their labels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """The pixel of a value; what lies outside stands at the nearer end."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def durations(values: Iterable[float], start: float, end: float, *, upright: bool = False) -> Axis:
    """A logarithmic axis that holds all these lengths of time, in seconds; upright, labels need less room."""
    positive = [max(value, _LEAST) for value in values if value > 0] or [1.0]
    said = sorted(value for rank in _SAID for value in rank)
    low = max((value for value in said if value <= min(positive)), default=min(positive))
    high = min((value for value in said if value >= max(positive)), default=max(positive))
    if high <= low:
        low, high = max((value for value in said if value < low), default=low / 10), high * 2
    bare = Axis(low, high, start, end, True, ())
    return bare._replace(ticks=_ticks(bare, upright=upright))


def shares(start: float, end: float) -> Axis:
    """A linear axis from 0 to 100 %."""
    ticks = tuple((part / 4, f"{part * 25} %") for part in range(5))
    return Axis(0.0, 1.0, start, end, False, ticks)


def _ticks(axis: Axis, *, upright: bool) -> tuple[tuple[float, str], ...]:
    """As many as stand apart from each other, the more telling ones first."""
    kept: list[tuple[float, str]] = []
    for value in (value for rank in _SAID for value in rank if axis.low <= value <= axis.high):
        label = spoken(value) if value >= 0.1 else f"{round(value * 1000)}ms"
        room = 2.0 * svg.LETTER if upright else svg.breadth(label) + _ROOM
        if all(abs(axis.at(value) - axis.at(other)) >= room for other, _ in kept):
            kept.append((value, label))
    return tuple(sorted(kept))


def across(axis: Axis, top: float, bottom: float) -> list[Markup]:
    """An axis along the bottom: lines up to `top`, labels below."""
    return _drawn(
        axis, lambda at, label: [svg.line(at, top, at, bottom, "grid"), svg.words(at, bottom + 16, label, "", "middle")]
    )


def beside(axis: Axis, left: float, right: float) -> list[Markup]:
    """An axis along the left side: lines to the right, labels before them."""
    return _drawn(
        axis, lambda at, label: [svg.line(left, at, right, at, "grid"), svg.words(left - 8, at + 4, label, "", "end")]
    )


def _drawn(axis: Axis, tick: Callable[[float, str], Sequence[Markup]]) -> list[Markup]:
    return [mark for value, label in axis.ticks for mark in tick(axis.at(value), label)]
