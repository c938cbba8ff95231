"""Windows, groups, months."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.incident.metrics.compute import Question, metrics, month_of, month_window
from support.measured import DAY, HOUR, SEVERITIES, START, incident

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def keys(incidents, *by, **more):
    found = metrics(incidents, Question(by=[by], severities=SEVERITIES, **more), START + DAY)
    return [group.key for group in found.breakdowns[0].groups]


def test_an_empty_store_has_a_group_of_all_with_nothing_in_it():
    """No group else, no division by zero, and a window that ends now."""
    found = metrics([], Question(by=[("severity",), ("month",)]), START)
    assert (found.whole.incidents, found.whole.samples["mttd"].n, found.invalid) == (0, 0, [])
    assert [one.groups for one in found.breakdowns] == [[], []]
    assert found.window == (START, START)


def test_groups_stand_in_the_order_in_which_people_read_them():
    """Severities as the Catalog has them, months as they come, what is not known last."""
    severe = [incident(severity=name) for name in ("SEV3", "P0", "SEV1")]
    assert keys(severe, "severity") == [("SEV1",), ("SEV3",), ("P0",)]
    services = [incident(service=name) for name in ("web", None, "api")]
    assert keys(services, "service") == [("api",), ("web",), (None,)]
    assert keys(services, "severity", "service")[-1] == ("SEV1", None)


def test_an_incident_belongs_to_the_window_in_which_it_began():
    """From its beginning on, up to but not at its end."""
    begins = [incident(number, at=START + number * HOUR) for number in range(5)]
    found = metrics(begins, Question(since=START + HOUR, until=START + 3 * HOUR), START + DAY)
    assert found.whole.incidents == 2


def test_imported_incidents_are_left_out_and_counted():
    """Unless they are asked for: their times are often made up by another tool."""
    both = [incident(1), incident(2, at=START - DAY, imported=True)]
    found = metrics(both, Question(), START + 1)
    assert (found.whole.incidents, found.left_out, found.window.since) == (1, 1, START)
    assert metrics(both, Question(since=START), START + 1).left_out == 0
    asked = metrics(both, Question(imported=True), START + 1)
    assert (asked.whole.incidents, asked.left_out) == (2, 0)


def test_a_month_is_that_of_the_zone():
    """New Year's Eve in New York is next year in Berlin."""
    moment = at("2026-12-31T23:30:00Z")
    assert (month_of(moment, UTC), month_of(moment, BERLIN)) == ("2026-12", "2027-01")
    assert keys([incident(at=moment)], "month", zone=BERLIN, until=moment + 1) == [("2027-01",)]


@pytest.mark.parametrize(
    ("month", "zone", "hours"),
    [
        ("2024-02", UTC, 29 * 24),
        ("2026-02", UTC, 28 * 24),
        ("2026-03", BERLIN, 31 * 24 - 1),
        ("2026-10", BERLIN, 31 * 24 + 1),
        ("2026-12", UTC, 31 * 24),
    ],
)
def test_a_month_is_as_long_as_its_clock_says(month, zone, hours):
    """Leap days, and the hours that summer time takes and gives."""
    window = month_window(month, zone)
    assert window.until - window.since == hours * HOUR


@given(st.floats(0, 4e9), st.sampled_from([UTC, BERLIN, ZoneInfo("Pacific/Auckland")]))
def test_every_moment_lies_in_its_month(moment, zone):
    """No hour of the year is in two months, or in none."""
    assert month_window(month_of(moment, zone), zone).holds(moment)


def test_a_length_over_a_change_of_clocks_is_what_passed():
    """Times are UTC: an incident through the night in which an hour is repeated took no hour more or less."""
    night = at("2026-10-25T00:30:00Z")
    found = metrics([incident(at=night, resolved=3 * HOUR)], Question(zone=BERLIN), night + DAY)
    assert found.whole.samples["mttr_resolve"].median == 3 * HOUR


def test_a_trend_needs_a_window_before_and_enough_on_both_sides():
    """Nineteen are too few, and everything since the beginning has nothing before it."""

    def told(before, now, **question):
        early = [incident(n, at=START - DAY + n, resolved=7200 + n) for n in range(before)]
        late = [incident(n, at=START + n, resolved=60 + n) for n in range(now)]
        return metrics([*early, *late], Question(**question), START + DAY).whole.trends

    assert told(20, 20, since=START)["mttr_resolve"].way == "shorter"
    assert told(20, 19, since=START) == told(19, 20, since=START) == told(20, 20) == {}


def test_a_month_of_uptime_is_cut_at_the_window():
    """The months of a window are together as long as it."""
    several = [incident(n, at=START - n * 20 * DAY, impact_started=0, mitigated=HOUR, resolved=HOUR) for n in range(6)]
    question = Question(by=[("month",)], since=START - 100 * DAY, zone=BERLIN)
    windows = [one.between.window for one in metrics(several, question, START).breakdowns[0].groups]
    assert all(one.until == other.since for one, other in pairwise(windows))
    assert windows[0].since == START - 100 * DAY
