"""What the limits of a report make of the anchors that are set: its deadline, and in words how it came about.

Several limits: the earliest holds. A limit may lapse (DORA: the 24 hours from awareness, once the classification comes
later), and one without a number gives no deadline, only a time from which to nag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import cached_property
from typing import Final, NamedTuple

from runbook.document.regime import Counting, Limit, Report
from runbook.incident.obligations import counting as count
from runbook.incident.obligations.calendars import EVERY_DAY, Calendar


class Here:
    """Where an organisation is: its zone and calendar, the calendar of the SEC, and which kinds of entity it is.

    The calendars are made when a day is counted: the library behind them is slow to start.
    """

    def __init__(
        self,
        zone: tzinfo,
        calendar: Callable[[], Calendar],
        federal: Callable[[], tuple[tzinfo, Calendar]],
        entities: frozenset[str] = frozenset(),
    ) -> None:
        self.zone = zone
        self.entities = entities
        self._calendar = calendar
        self._federal = federal

    @cached_property
    def calendar(self) -> Calendar:
        """The working days of the organisation."""
        return self._calendar()

    @cached_property
    def federal(self) -> tuple[tzinfo, Calendar]:
        """The zone of New York, and the business days of the SEC."""
        return self._federal()


class Deadline(NamedTuple):
    """When a report is due. Times are seconds since 1970, UTC.

    `anchor` and `since`: what it counts from. `raw` is by the number alone, and alarms go by it; `adjusted` by the
    rules about weekends and holidays. Both are None where the rule names no number; `aim` is then when to nag.
    `extended` is what an authority made of it. `basis` says how it was counted, `unknown` why holidays could not be
    taken into account.
    """

    anchor: str
    since: float
    basis: tuple[str, ...]
    raw: float | None = None
    adjusted: float | None = None
    aim: float | None = None
    unknown: str | None = None
    extended: float | None = None

    @property
    def ends(self) -> float | None:
        """After this instant it is overdue: the adjusted deadline, or the extended one where that is later."""
        return max((each for each in (self.adjusted, self.extended) if each is not None), default=None)

    @property
    def reaches(self) -> bool:
        """Whether it was extended, beyond what it would be otherwise."""
        return self.extended is not None and self.extended == self.ends != self.adjusted

    @property
    def alarm(self) -> float:
        """The instant by which to nag: the deadline as it was extended, else the raw one, else the aim."""
        due = self.extended if self.reaches else self.raw if self.raw is not None else self.aim
        return self.since if due is None else due


def deadline(report: Report, anchors: Mapping[str, float], here: Here, now: float) -> Deadline | None:
    """When a report is due, with these anchors; None where none is set that it counts from, or all limits lapsed."""
    found = [each for each in (_due(report, limit, anchors, here, now) for limit in report.limits) if each is not None]
    return min(found, key=lambda each: each.alarm, default=None)


def missing(report: Report, anchors: Mapping[str, float]) -> tuple[str, ...]:
    """The anchors of a report's limits that are not set, in order, each once."""
    return tuple(dict.fromkeys(limit.from_ for limit in report.limits if limit.from_ not in anchors))


def _due(report: Report, limit: Limit, anchors: Mapping[str, float], here: Here, now: float) -> Deadline | None:
    since = anchors.get(limit.from_)
    if since is None:
        return None
    if limit.aim is not None:
        basis = "at once; no number is named" if limit.aim == 0 else "without undue delay; no number is named"
        return Deadline(limit.from_, since, (basis,), aim=since + limit.aim * count.HOUR)
    counted = _counted(report, limit, since, here)
    if limit.unless_later is not None and anchors.get(limit.unless_later, now) > counted.raw:
        return None
    rules = counted.rules
    if limit.unless_later is not None and limit.unless_later not in anchors:
        rules = (*rules, f"unless '{limit.unless_later}' comes later than that")
    return Deadline(limit.from_, since, rules, counted.raw, counted.adjusted, unknown=counted.unknown)


def _counted(report: Report, limit: Limit, since: float, here: Here) -> count.Counted:
    counted = _COUNTS[report.counting](limit, since, here, bool(report.rolls))
    if report.rolls is None:
        return counted
    excepted = sorted(here.entities.intersection(report.rolls.except_))
    if excepted:
        why = f"no later on weekends and holidays: you are a {excepted[0].replace('_', ' ')}"
        return counted._replace(rules=(*counted.rules, why))
    return count.noon_of_next_working_day(counted, here.zone, here.calendar)


def _hours(limit: Limit, here: Here) -> int:
    special = [hours for entity, hours in limit.hours_for.items() if entity in here.entities]
    return min([*special, limit.hours or 0]) if special else limit.hours or 0


def _elapsed(limit: Limit, since: float, here: Here, rolls: bool) -> count.Counted:
    del rolls
    return count.elapsed(since, _hours(limit, here))


def _eu(limit: Limit, since: float, here: Here, rolls: bool) -> count.Counted:
    calendar = EVERY_DAY if rolls else here.calendar
    if limit.hours is not None:
        return count.eu_hours(since, _hours(limit, here), here.zone, calendar)
    if limit.days is not None:
        return count.eu_days(since, limit.days, here.zone, calendar)
    return count.eu_months(since, limit.months or 0, here.zone, calendar)


def _calendar_days(limit: Limit, since: float, here: Here, rolls: bool) -> count.Counted:
    del rolls
    return count.calendar_days(since, limit.days or 0, here.zone, from_year_end=limit.after is not None)


def _business_days(limit: Limit, since: float, here: Here, rolls: bool) -> count.Counted:
    del rolls
    return count.business_days(since, limit.business_days or 0, here.zone, here.calendar)


def _sec(limit: Limit, since: float, here: Here, rolls: bool) -> count.Counted:
    del rolls
    return count.sec_business_days(since, limit.business_days or 0, *here.federal)


_COUNTS: Final[Mapping[Counting, Callable[[Limit, float, Here, bool], count.Counted]]] = {
    Counting.ELAPSED: _elapsed,
    Counting.EU: _eu,
    Counting.CALENDAR_DAYS: _calendar_days,
    Counting.BUSINESS_DAYS: _business_days,
    Counting.SEC: _sec,
}
