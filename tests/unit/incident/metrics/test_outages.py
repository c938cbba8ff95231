"""Uptime between failures."""

from __future__ import annotations

from runbook.incident.metrics.outages import Outages, Window
from support.measured import DAY, HOUR, START, incident

YEAR = Window(START, START + 365 * DAY)


def failed(number, day, hours, **given):
    """A failure that began so many days into the year."""
    given = {"impact_started": 0, "mitigated": hours * HOUR, "resolved": (hours + 1) * HOUR} | given
    return incident(number, at=START + day * DAY, **given)


def test_uptime_runs_from_the_end_of_a_failure_to_the_next():
    """Of n failures there are n - 1 stretches; the mean is of all uptime, seen whole or not."""
    between = Outages([failed(1, 10, 12), failed(2, 20, 12), failed(3, 40, 24)]).within(YEAR)
    assert between.sample.values == [9.5 * DAY, 19.5 * DAY]
    assert (between.failures, between.downtime, between.mean) == (3, 2 * DAY, 121 * DAY)


def test_a_mean_is_not_alone():
    """One failure in a window that begins with it has no stretch, no median, and so no mean."""
    between = Outages([failed(1, 0, 1)]).within(Window(START, START + HOUR))
    assert (between.failures, between.sample.n, between.mean) == (1, 0, None)


def test_overlapping_impact_is_one_failure():
    """Three alerts of one night are three incidents and one failure; what lies inside another adds nothing."""
    night = [failed(1, 10, 12), failed(2, 10.25, 12), failed(3, 10.3, 1), failed(4, 10.75, 1)]
    between = Outages(night).within(YEAR)
    assert (between.failures, between.downtime, between.sample.values) == (1, 19 * HOUR, [])


def test_services_fail_by_themselves():
    """A failure of one ends no uptime of another; one that nobody named a service for belongs to none."""
    between = Outages([failed(1, 10, 1), failed(2, 20, 1, service="db"), failed(3, 30, 1, service=None)]).within(YEAR)
    assert (between.services, between.failures, between.sample.n) == (2, 2, 0)
    assert between.sample.lacks == {"service": 1}
    assert between.uptime + between.downtime == 2 * 365 * DAY


def test_an_incident_that_nobody_resolved_is_no_failure_for_ever():
    """It is said that it is not over; the failures after it count."""
    forgotten = incident(1, at=START + DAY, impact_started=0)
    between = Outages([forgotten, failed(2, 10, 1), failed(3, 20, 1)]).within(YEAR)
    assert (between.failures, between.sample.n, between.sample.open) == (2, 1, 1)


def test_an_end_before_its_beginning_is_listed():
    """And takes no part."""
    between = Outages([failed(1, 10, -2), failed(2, 20, 1)]).within(YEAR)
    assert between.failures == 1
    assert [(one.incident, one.seconds) for one in between.sample.invalid] == [("INC-1", -2 * HOUR)]


def test_a_window_cuts_failures_and_keeps_stretches_whole():
    """A stretch belongs to the window in which the failure began that ended it."""
    outages = Outages([failed(1, 10, 48), failed(2, 40, 1)])
    january = outages.within(Window(START, START + 31 * DAY))
    february = outages.within(Window(START + 31 * DAY, START + 59 * DAY))
    assert (january.failures, january.sample.n, january.downtime) == (1, 0, 48 * HOUR)
    assert (february.failures, february.sample.values, february.downtime) == (1, [28 * DAY], HOUR)


def test_a_window_without_failures_is_all_uptime():
    """Of the services that are known by then; MTBF has no value without a failure."""
    quiet = Outages([failed(1, 10, 1)]).within(Window(START + 100 * DAY, START + 101 * DAY))
    assert (quiet.services, quiet.uptime, quiet.failures, quiet.mean) == (1, DAY, 0, None)
    assert Outages([]).within(YEAR)[2:] == (0, 0, 0.0, 0.0)
