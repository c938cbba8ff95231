"""How time is counted from an anchor: hours, days, months and business days, each by the rule that its law names.

Every count gives two instants. The raw one is what the number says by itself; alarms go by it. The adjusted one is what
the rules about weekends, holidays and short periods make of it; it is never earlier. Hours are elapsed hours in UTC, so
no change of clocks makes them longer or shorter. A day ends at 23:59:59 where it is counted.

Sources: Regulation (EEC, Euratom) No 1182/71, Article 3, with C-171/03 Toeters for the day on which a period ends; Form
8-K, General Instruction B.1, and 17 CFR 232.13(a)(2) for filings after 17:30 in New York.
"""

from __future__ import annotations

import calendar as months_of
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from runbook.incident.obligations.calendars import SATURDAY, WEEKENDS, Calendar

HOUR: Final = 3600.0
TWO_DAYS: Final = 48
NOON: Final = time(12)
LAST: Final = time(23, 59, 59)
EDGAR_CLOSES: Final = time(17, 30)


class Counted(NamedTuple):
    """Two instants (seconds since 1970, UTC), and the rules that led from the anchor to them, in words.

    `unknown` says why holidays could not be taken into account, where they might have mattered.
    """

    raw: float
    adjusted: float
    rules: tuple[str, ...]
    unknown: str | None = None


def elapsed(at: float, hours: int) -> Counted:
    """Hours as they pass, weekends and holidays included."""
    due = at + hours * HOUR
    return Counted(due, due, (f"{hours} elapsed hours; weekends and holidays count",))


def eu_hours(at: float, hours: int, zone: tzinfo, calendar: Calendar) -> Counted:
    """Hours by Regulation 1182/71: the hour of the event is not counted, and from 48 on two working days must fall in.

    A working day that falls into the period in part counts: the reading that gives less time.
    """
    begins = (at // HOUR + 1) * HOUR
    ends = begins + hours * HOUR
    rules = [f"{hours} hours, without the hour of the event (Reg. 1182/71 Art. 3(1))"]
    unknown = None
    if hours >= TWO_DAYS:
        first, last = _day(begins, zone), _day(ends - 1, zone)
        missing = 2 - calendar.between(first, last)
        if missing > 0:
            ends = _instant(calendar.after(last, missing), LAST, zone)
            rules.append("at least two working days in it (Art. 3(5))")
        unknown = calendar.unknown
    return Counted(at + hours * HOUR, ends, tuple(rules), unknown)


def eu_days(at: float, days: int, zone: tzinfo, calendar: Calendar) -> Counted:
    """Days by Regulation 1182/71: the day of the event is not counted, weekends are, the last day is a working day."""
    begins = _day(at, zone)
    rule = f"{_many(days, 'day')}, without the day of the event (Reg. 1182/71 Art. 3(1))"
    return _eu(begins, begins + timedelta(days=days), rule, zone, calendar)


def eu_months(at: float, months: int, zone: tzinfo, calendar: Calendar) -> Counted:
    """Months by Regulation 1182/71: they end on the day of the event's number, or on the last of a shorter month."""
    begins = _day(at, zone)
    ends = _months_later(begins, months)
    same = "the same day of the month" if ends.day == begins.day else f"the {begins.day}. does not exist, so the last"
    rule = f"{_many(months, 'month')}: {same} (Reg. 1182/71 Art. 3(2)(c))"
    return _eu(begins, ends, rule, zone, calendar)


def calendar_days(at: float, days: int, zone: tzinfo, *, from_year_end: bool = False) -> Counted:
    """Days of the calendar after the day of the event, or after the end of its year; nothing moves them."""
    begins = _day(at, zone)
    begins = date(begins.year, 12, 31) if from_year_end else begins
    due = _instant(begins + timedelta(days=days), LAST, zone)
    since = f"the end of {begins.year}" if from_year_end else "the day of the event"
    return Counted(due, due, (f"{_many(days, 'calendar day')} after {since}",))


def business_days(at: float, days: int, zone: tzinfo, calendar: Calendar) -> Counted:
    """Working days after the day of the event, to the end of the last."""
    begins = _day(at, zone)
    raw, adjusted = (_instant(each.after(begins, days), LAST, zone) for each in (WEEKENDS, calendar))
    rules = (f"{_many(days, 'business day')} after the day of the event", f"holidays: {calendar.name}")
    return Counted(raw, adjusted, rules, calendar.unknown)


def sec_business_days(at: float, days: int, eastern: tzinfo, federal: Calendar) -> Counted:
    """Business days of the SEC after the day of the event in New York, to 17:30 there on the last.

    An event on a day that is none counts as one of the last day before: the first business day is day one either way.
    """
    begins = _day(at, eastern)
    raw, adjusted = (_instant(each.after(begins, days), EDGAR_CLOSES, eastern) for each in (WEEKENDS, federal))
    rules = (
        f"{_many(days, 'business day')} after the day of the event in New York (Form 8-K, B.1)",
        f"holidays: {federal.name}",
        "what is filed after 17:30 there counts as filed on the next",
    )
    return Counted(raw, adjusted, rules, federal.unknown)


def noon_of_next_working_day(counted: Counted, zone: tzinfo, calendar: Calendar) -> Counted:
    """A deadline that falls on a weekend or a holiday, moved to noon of the next working day."""
    day = _day(counted.raw, zone)
    if calendar.works(day):
        return counted._replace(adjusted=counted.raw, unknown=counted.unknown or calendar.unknown)
    moved = _instant(calendar.next(day), NOON, zone)
    why = "a weekend" if day.weekday() >= SATURDAY else "a holiday"
    rules = (*counted.rules, f"it falls on {why}: noon of the next working day")
    return counted._replace(adjusted=max(moved, counted.raw), rules=rules, unknown=calendar.unknown)


def _eu(begins: date, ends: date, rule: str, zone: tzinfo, calendar: Calendar) -> Counted:
    rules = [rule]
    last = ends
    if not calendar.works(last):
        last = calendar.next(last)
        rules.append("its last day is no working day, so it ends on the next (Art. 3(4))")
    missing = 2 - calendar.between(begins + timedelta(days=1), last)
    if (ends - begins).days >= 2 and missing > 0:
        last = calendar.after(last, missing)
        rules.append("at least two working days in it (Art. 3(5))")
    return Counted(_instant(ends, LAST, zone), _instant(last, LAST, zone), tuple(rules), calendar.unknown)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, months_of.monthrange(year, month + 1)[1]))


def _day(at: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


def _instant(day: date, clock: time, zone: tzinfo) -> float:
    return datetime.combine(day, clock, zone).timestamp()


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
