"""Which days are working days: weekends, and the public holidays of a country as the `holidays` library knows them.

The library is an extra (`calendar`), and only asked when a day must be counted. A calendar that knows no holidays says
why; then a deadline is moved for weekends alone, so it is never later than it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from datetime import date, timedelta
from typing import Final, NamedTuple

from runbook.document.regime import Holidays
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError

SATURDAY: Final = 5
INSTALL: Final = "pip install 'runbook-engine[calendar]'"
Public = Callable[[str, str | None], Callable[[date], bool]]  # country, subdivision → whether a day is a public holiday


class Calendar(NamedTuple):
    """Working days. `name` says whose holidays count; `unknown` why they are not known, None where they are."""

    name: str
    holiday: Callable[[date], bool]
    unknown: str | None = None

    def works(self, day: date) -> bool:
        """Whether it is neither a weekend nor a holiday."""
        return day.weekday() < SATURDAY and not self.holiday(day)

    def next(self, day: date) -> date:
        """The first working day after a day."""
        day += timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def after(self, day: date, count: int) -> date:
        """The working day so many after a day."""
        for _ in range(count):
            day = self.next(day)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days there are, both ends included."""
        return sum(self.works(first + timedelta(days=n)) for n in range((last - first).days + 1))


WEEKENDS: Final = Calendar("weekends only", lambda _: False)


class _EveryDay(Calendar):
    def works(self, day: date) -> bool:
        del day
        return True


EVERY_DAY: Final = _EveryDay("every day", lambda _: False)  # for what has a rule of its own about weekends


def local(holidays: Holidays, public: Public) -> Calendar:
    """The calendar of a project: the holidays of its country, where it names one, and days of its own."""
    own = {date.fromisoformat(day) for day in holidays.dates}
    if holidays.country is None:
        unknown = None if own else "no country is set: obligations, holidays, country in runbook.yaml"
        return Calendar("weekends and days of your own" if own else "weekends only", own.__contains__, unknown)
    name = "-".join(filter(None, (holidays.country, holidays.subdivision)))
    return _of(holidays.country, holidays.subdivision, f"public holidays of {name}", own, public)


def federal(public: Public) -> Calendar:
    """The days on which the SEC takes filings: the federal holidays of the United States are left out."""
    return _of("US", None, "federal holidays of the US", (), public)


def _of(country: str, subdivision: str | None, name: str, own: Collection[date], public: Public) -> Calendar:
    try:
        known = public(country, subdivision)
    except ModuleNotFoundError:
        return Calendar("weekends only", own.__contains__, f"the library `holidays` is missing: {INSTALL}")
    return Calendar(name, lambda day: day in own or known(day))


def public(country: str, subdivision: str | None) -> Callable[[date], bool]:
    """Public holidays as the library knows them; ModuleNotFoundError without it, UsageError for no such country."""
    import holidays

    try:
        whole = holidays.country_holidays(country)
    except NotImplementedError as error:
        raise UsageError(
            f"the library `holidays` knows no country {country!r}", hint="write its two letters (ISO 3166), such as DE"
        ) from error
    try:
        days: Container[date] = holidays.country_holidays(country, subdiv=subdivision) if subdivision else whole
    except NotImplementedError as error:
        hint = did_you_mean(str(subdivision), whole.subdivisions, what="its parts are")
        raise UsageError(f"the library `holidays` knows no part {subdivision!r} of {country}", hint=hint) from error
    return days.__contains__
