"""Lengths of time as a statistician asks about them: how many, which are missing and why, where the middle is.

Such lengths are skewed: a few long ones carry the mean wherever they like. So what describes them is the median, the
90th percentile and the distribution; the mean is only beside those. Quantiles are of type 7 (Hyndman and Fan 1996):
what lies between two values is read off the straight line between them, as R, NumPy and spreadsheets do by default.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from runbook.incident.metrics.facts import Facts
from runbook.incident.metrics.measures import Measure

METHOD: Final = "type 7 (linear, as in NumPy and R by default)"
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0

# Upper ends of the histogram's buckets, each one included, in seconds; one more holds what is longer.
BUCKETS: Final = (
    _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR,
    8 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY, 365 * _DAY,
)  # fmt: skip


class Invalid(NamedTuple):
    """A length that cannot be: what ended before it began. `seconds` is below zero."""

    incident: str
    measure: str
    start: str
    end: str
    seconds: float


class Lacks(NamedTuple):
    """A length that is not known, for want of this time."""

    time: str


class Instead(NamedTuple):
    """A length in seconds for which other times stood in: these."""

    seconds: float
    used: tuple[str, ...]


Judged = float | Instead | Lacks | Invalid | None  # None: not over yet


class Sample(NamedTuple):
    """One measure of a group of incidents; `values` are seconds, the shortest first.

    Each incident of the group is in exactly one of `values`, `lacks` (by the time that is missing), `open` (it is not
    over yet) and `invalid`. `instead` counts the values that another time stood in for (by that time).
    """

    values: Sequence[float]
    lacks: Mapping[str, int] = {}
    open: int = 0
    invalid: Sequence[Invalid] = ()
    instead: Mapping[str, int] = {}

    @property
    def n(self) -> int:
        """How many lengths are known."""
        return len(self.values)

    @property
    def missing(self) -> int:
        """How many incidents are over, and lack a time that should have been written down."""
        return sum(self.lacks.values())

    def quantile(self, share: float) -> float | None:
        """The length that this share (0 to 1) of the values does not exceed; None of nothing."""
        return quantile(self.values, share)

    @property
    def median(self) -> float | None:
        """The middle."""
        return self.quantile(0.5)

    @property
    def p90(self) -> float | None:
        """What nine of ten do not exceed."""
        return self.quantile(0.9)

    @property
    def least(self) -> float | None:
        """The shortest."""
        return self.values[0] if self.values else None

    @property
    def most(self) -> float | None:
        """The longest."""
        return self.values[-1] if self.values else None

    @property
    def mean(self) -> float | None:
        """The arithmetic mean; show it beside `n` and the median only."""
        return math.fsum(self.values) / self.n if self.values else None

    def below(self, target: float) -> int:
        """How many are shorter than a target."""
        return bisect_left(self.values, target)

    @property
    def histogram(self) -> list[int]:
        """How many lie in each of `BUCKETS`, and in the one beyond the last."""
        counts = [0] * (len(BUCKETS) + 1)
        for value in self.values:
            counts[bisect_left(BUCKETS, value)] += 1
        return counts


def judged(measure: Measure, incidents: Iterable[Facts]) -> list[Judged]:
    """What a measure is of each incident, in their order."""
    both = attrgetter(measure.start, measure.end)
    found: list[Judged] = []
    for one in incidents:
        start, end = both(one)
        if start is not None and end is not None and end >= start:
            found.append(float(end - start))
        else:
            found.append(_otherwise(measure, one))
    return found


def sampled(judgements: Sequence[Judged]) -> Sample:
    """A measure of a group, from what it is of each of its incidents."""
    values = [one for one in judgements if isinstance(one, float)]
    lacks: Counter[str] = Counter()
    instead: Counter[str] = Counter()
    invalid: list[Invalid] = []
    running = 0
    for one in judgements:
        if isinstance(one, float):
            continue
        if one is None:
            running += 1
        elif isinstance(one, Instead):
            values.append(one.seconds)
            instead.update(one.used)
        elif isinstance(one, Lacks):
            lacks[one.time] += 1
        else:
            invalid.append(one)
    values.sort()
    return Sample(values, dict(lacks), running, tuple(invalid), dict(instead))


def _otherwise(measure: Measure, one: Facts) -> Judged:
    """Where a time is missing, or the wrong way round."""
    start = next((name for name in measure.starts if getattr(one, name) is not None), None)
    end = next((name for name in measure.ends if getattr(one, name) is not None), None)
    if start is None:
        return Lacks(measure.start)
    if end is None:
        return None if one.is_open(measure.end) else Lacks(measure.end)
    took = float(getattr(one, end) - getattr(one, start))
    if took < 0:
        return Invalid(one.id, measure.name, start, end, took)
    used = tuple(used for used, meant in ((start, measure.start), (end, measure.end)) if used != meant)
    return Instead(took, used) if used else took


def quantile(values: Sequence[float], share: float) -> float | None:
    """Type 7 of sorted values, to the last bit as NumPy's default; None of nothing."""
    if not values:
        return None
    place = (len(values) - 1) * share
    below = math.floor(place)
    low, high = values[below], values[min(below + 1, len(values) - 1)]
    part = place - below
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part
