"""Whether a measure got better or worse from one window to the next, where that can be told at all.

Lengths of incidents scatter so widely that a few of them tell nothing: below `FEWEST` in either window there is no
trend. Above it, the two windows are compared by ranks (Mann and Whitney's U with the normal approximation, corrected
for ties and continuity), which skewed lengths do not disturb; what chance alone brings about more often than one time
in twenty is no trend either.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from runbook.incident.metrics.samples import Sample

FEWEST: Final = 20
CHANCE: Final = 0.05


class Way(StrEnum):
    """Where a measure went. `same` is: no difference beyond chance."""

    SHORTER = "shorter"
    LONGER = "longer"
    SAME = "same"


class Trend(NamedTuple):
    """Two windows compared: medians in seconds, how many in the earlier one, and how often chance would do that."""

    way: Way
    before: float
    now: float
    n_before: int
    chance: float


def trend(before: Sample, now: Sample) -> Trend | None:
    """How a measure went; None where too few were measured."""
    if min(before.n, now.n) < FEWEST or before.median is None or now.median is None:
        return None
    less, chance = compared(before.values, now.values)
    way = Way.SAME if chance >= CHANCE or less == 0 else Way.SHORTER if less < 0 else Way.LONGER
    return Trend(way, before.median, now.median, before.n, chance)


def compared(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Mann and Whitney: how far the second of two sorted samples lies above the first (U above its mean), and the
    two-sided probability of at least that much if both came from the same distribution.
    """
    n, m = len(one), len(other)
    wins = sum(bisect_left(one, value) + bisect_right(one, value) for value in other) / 2
    above = wins - n * m / 2
    together = sorted([*one, *other])
    ties = 0
    at = 0
    while at < n + m:
        after = bisect_right(together, together[at], at)
        ties += (after - at) ** 3 - (after - at)
        at = after
    spread = math.sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
    if not spread:
        return above, 1.0
    return above, min(1.0, math.erfc(max(0.0, abs(above) - 0.5) / spread / math.sqrt(2)))
