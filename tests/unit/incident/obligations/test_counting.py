"""What holds of every deadline, whenever and wherever it is counted."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.incident.obligations import counting as count
from runbook.incident.obligations.calendars import WEEKENDS, Calendar

ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland")])
MOMENTS = st.floats(min_value=631152000, max_value=3786912000)  # 1990 to 2090
CALENDARS = st.sets(st.integers(min_value=1, max_value=366), max_size=40).map(
    lambda days: Calendar("days of a test", lambda day: day.timetuple().tm_yday in days)
)


def day_of(at: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=1, max_value=400), ZONES, CALENDARS)
def test_hours_are_elapsed_and_rules_only_give_time(at: float, hours: int, zone: ZoneInfo, calendar: Calendar) -> None:
    """No change of clocks makes 72 hours 71, and no rule makes a deadline earlier."""
    counted = count.eu_hours(at, hours, zone, calendar)
    assert counted.raw == at + hours * 3600 == count.elapsed(at, hours).raw
    assert counted.adjusted > counted.raw
    if hours >= 48:
        begins = (at // 3600 + 1) * 3600
        assert calendar.between(day_of(begins, zone), day_of(counted.adjusted, zone)) >= 2
    else:
        assert counted.adjusted <= counted.raw + 3600


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=1, max_value=90), ZONES, CALENDARS)
def test_a_period_of_days_ends_on_a_working_day_and_holds_two(
    at: float, days: int, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Regulation 1182/71, Article 3(4) and (5)."""
    counted = count.eu_days(at, days, zone, calendar)
    begins, ends = day_of(at, zone), day_of(counted.adjusted, zone)
    assert day_of(counted.raw, zone) == begins + timedelta(days=days)
    assert calendar.works(ends) and counted.adjusted >= counted.raw
    assert days < 2 or calendar.between(begins + timedelta(days=1), ends) >= 2


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=1, max_value=24), ZONES)
def test_a_month_ends_on_the_same_number_or_on_the_last_day(at: float, months: int, zone: ZoneInfo) -> None:
    """Regulation 1182/71, Article 3(2)(c): leap days and short months included."""
    begins, ends = day_of(at, zone), day_of(count.eu_months(at, months, zone, WEEKENDS).raw, zone)
    assert (ends.year * 12 + ends.month) - (begins.year * 12 + begins.month) == months
    assert ends.day == min(begins.day, monthrange(ends.year, ends.month)[1])


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=1, max_value=10), CALENDARS)
def test_business_days_are_working_days_after_the_day_of_the_event(at: float, days: int, calendar: Calendar) -> None:
    """The day of the event is none of them; the last is a working day, to 17:30 in New York."""
    zone = ZoneInfo("America/New_York")
    counted = count.sec_business_days(at, days, zone, calendar)
    begins, ends = day_of(at, zone), day_of(counted.adjusted, zone)
    assert calendar.works(ends)
    assert calendar.between(begins + timedelta(days=1), ends) == days
    local = datetime.fromtimestamp(counted.adjusted, UTC).astimezone(zone)
    assert (local.hour, local.minute) == (17, 30)
    assert counted.raw <= counted.adjusted


@settings(deadline=None)
@given(MOMENTS, st.integers(min_value=1, max_value=100), ZONES, CALENDARS)
def test_noon_of_the_next_working_day_is_given_on_other_days_only(
    at: float, hours: int, zone: ZoneInfo, calendar: Calendar
) -> None:
    """Delegated Regulation 2025/301, Article 5(4)."""
    counted = count.noon_of_next_working_day(count.elapsed(at, hours), zone, calendar)
    if calendar.works(day_of(counted.raw, zone)):
        assert counted.adjusted == counted.raw
    else:
        moved = datetime.fromtimestamp(counted.adjusted, UTC).astimezone(zone)
        assert calendar.works(moved.date()) and (moved.hour, moved.minute) == (12, 0)
