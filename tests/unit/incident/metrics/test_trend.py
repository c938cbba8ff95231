"""Whether two windows differ by more than chance."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest

from runbook.incident.metrics.samples import Sample
from runbook.incident.metrics.trend import Way, compared, trend


def test_u_is_what_counting_pairs_gives():
    """Each pair in which the second is larger counts one, a tie one half."""
    one, other = sorted([1.0, 2.0, 2.0, 9.0]), sorted([2.0, 3.0, 9.0])
    counted = sum((b > a) + (b == a) / 2 for a, b in product(one, other))
    assert compared(one, other)[0] == counted - len(one) * len(other) / 2


def test_probabilities_are_those_of_the_textbook():
    """Mann and Whitney's own statistic for n = m = 20 without ties: mean 200, variance 20 * 20 * 41 / 12."""
    one = [float(n) for n in range(0, 40, 2)]
    other = [value + 9 for value in one]
    above, chance = compared(one, other)
    z = (abs(above) - 0.5) / math.sqrt(20 * 20 * 41 / 12)
    assert chance == pytest.approx(2 * (1 - 0.5 * (1 + math.erf(z / math.sqrt(2)))))


def test_windows_of_one_distribution_seldom_differ():
    """One time in twenty, about: that is what the limit means."""
    lot = random.Random(5)

    def drawn():
        return Sample(sorted(lot.lognormvariate(6, 1.5) for _ in range(30)))

    differs = sum(trend(drawn(), drawn()).way is not Way.SAME for _ in range(400))
    assert 5 <= differs <= 40


def test_an_outlier_makes_no_trend():
    """A mean would have grown a hundredfold."""
    usual = [60.0 + n for n in range(25)]
    assert trend(Sample(usual), Sample([*usual[:-1], 1e7])).way is Way.SAME


def test_what_is_all_the_same_does_not_differ():
    """Ties on all places leave nothing to rank."""
    assert trend(Sample([60.0] * 20), Sample([60.0] * 20)).way is Way.SAME


@pytest.mark.parametrize(("factor", "way"), [(3.0, Way.LONGER), (1 / 3, Way.SHORTER)])
def test_what_clearly_changed_is_told(factor, way):
    """In the direction in which it changed."""
    before = [60.0 + 5 * n for n in range(30)]
    assert trend(Sample(before), Sample(sorted(value * factor for value in before))).way is way
