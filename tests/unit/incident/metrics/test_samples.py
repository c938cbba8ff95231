"""One measure: what counts, what is missing, what cannot be."""

from __future__ import annotations

import pytest

from runbook.incident.metrics.measures import BY_NAME, MEASURES, MTTR, target_of
from runbook.incident.metrics.samples import BUCKETS, Sample, judged, sampled
from runbook.incident.words import TIMES, Status
from support.measured import DAY, MINUTE, incident


def sample(name, *incidents):
    return sampled(judged(BY_NAME[name], incidents))


def test_an_incident_is_counted_once_in_each_measure():
    """Measured, missing, not over, or impossible: never two of them, never none."""
    several = [
        incident(1, impact_started=-600, detected=-60, resolved=600),
        incident(2, detected=-60, resolved=600),
        incident(3, impact_started=-600),
        incident(4, impact_started=60, detected=-60, mitigated=30, resolved=-300),
    ]
    for measure in MEASURES:
        one = sample(measure.name, *several)
        assert one.n + one.missing + one.open + len(one.invalid) == 4, measure.name


def test_a_time_that_is_missing_is_named_and_never_zero():
    """An incident without the beginning of its impact says nothing of how long detection took."""
    one = sample("mttd", incident(1, detected=-60), incident(2, impact_started=-60, detected=0))
    assert (one.lacks, one.values) == ({"impact_started": 1}, [60.0])


def test_an_incident_that_goes_on_is_not_missing_its_end():
    """Nobody forgot to write it down. One that is mitigated goes on, but not for the time to mitigate."""
    going = incident(1, impact_started=-600)
    mitigated = incident(2, impact_started=-600, status=Status.MITIGATED)
    assert sample("mttm", going, mitigated)[1:3] == ({"mitigated": 1}, 1)
    assert sample("mttr_recovery", going, mitigated)[1:3] == ({}, 2)


def test_what_ended_before_it_began_is_listed_and_not_counted():
    """Resolved before it was declared, or two clocks that differ: somebody has to put it right."""
    one = sample("mttr_resolve", incident(7, resolved=-180), incident(8, resolved=60))
    [wrong] = one.invalid
    assert (wrong.incident, wrong.start, wrong.end, wrong.seconds) == ("INC-7", "declared", "resolved", -180)
    assert one.values == [60]


def test_what_took_no_time_is_a_length():
    """Zero is not below zero."""
    assert sample("mtta", incident(alerted=0, acknowledged=0)).values == [0]


def test_what_stands_in_for_a_missing_time_is_counted():
    """Without an alert, the clock of MTTA starts when it was detected; that is said."""
    several = [incident(1, detected=0, acknowledged=60), incident(2, alerted=0, detected=-9, acknowledged=30)]
    one = sample("mtta", *several)
    assert (one.values, one.instead) == ([30, 60], {"detected": 1})


def test_four_measures_share_a_name_and_differ_in_their_start():
    """Which MTTR it is, is part of its name; all stop when the incident is resolved."""
    times = {"impact_started": -600, "detected": -300, "alerted": -240, "mobilised": 120, "resolved": 3600}
    took = {name: sample(f"mttr_{name}", incident(**times)).median for name in MTTR}
    assert took == {"resolve": 3900, "recovery": 4200, "respond": 3840, "repair": 3480}
    assert len({measure.label for measure in MEASURES}) == len(MEASURES)


def test_every_time_that_a_measure_names_is_one_of_an_incident():
    """A word that nobody writes would make a measure that is always missing."""
    assert {name for one in MEASURES for name in (*one.starts, *one.ends)} <= set(TIMES)


def test_the_target_of_mttr_holds_for_the_one_that_is_used():
    """Held against all four it would be four targets that nobody has set."""
    targets = {"mttr": 1800.0, "mttd": 300.0}
    assert target_of("mttr_repair", targets, "mttr_repair") == 1800
    assert target_of("mttr_resolve", targets, "mttr_repair") is None
    assert (target_of("mttd", targets, "mttr_repair"), target_of("mtta", targets, "mttr_repair")) == (300, None)


def test_nothing_has_no_median_and_no_mean():
    """Not zero: nothing."""
    one = Sample([])
    assert (one.n, one.median, one.p90, one.least, one.most, one.mean) == (0, None, None, None, None, None)
    assert sum(one.histogram) == 0


def test_one_value_is_its_own_everything():
    """n beside it says how much that is worth."""
    one = Sample([42.0])
    assert {one.median, one.p90, one.least, one.most, one.mean} == {42.0}


@pytest.mark.parametrize("seconds", [0.0, 0.001, *BUCKETS, BUCKETS[-1] + 1, 100 * 365 * DAY])
def test_every_length_is_in_one_bucket(seconds):
    """The end of a bucket belongs to it; the longest have one of their own."""
    histogram = Sample([seconds]).histogram
    assert sum(histogram) == 1
    place = histogram.index(1)
    assert place == len(BUCKETS) or seconds <= BUCKETS[place]
    assert place == 0 or seconds > BUCKETS[place - 1]


def test_a_target_is_met_below_it():
    """`< 5m`: five minutes are too long."""
    assert Sample([299.9, 5 * MINUTE, 301]).below(5 * MINUTE) == 1
