"""Working days, with the library of holidays and without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from runbook.document.regime import Holidays
from runbook.errors import UsageError
from runbook.incident.obligations.calendars import federal, local, public

CHRISTMAS_EVE = date(2026, 12, 24)


def gone(country: str, subdivision: str | None) -> Callable[[date], bool]:
    raise ModuleNotFoundError(name="holidays")


def test_public_holidays_are_those_of_the_country_and_its_part() -> None:
    """Epiphany is a holiday in Bavaria, and a Tuesday in Berlin."""
    pytest.importorskip("holidays")
    bavaria = local(Holidays(country="DE", subdivision="BY", dates=("2026-12-24",)), public)
    assert not bavaria.works(date(2026, 1, 6))
    assert not bavaria.works(CHRISTMAS_EVE)
    assert local(Holidays(country="DE"), public).works(date(2026, 1, 6))
    assert bavaria.name == "public holidays of DE-BY"


def test_the_federal_holidays_are_observed_on_weekdays() -> None:
    """Independence Day 2026 is a Saturday, and the SEC is closed on Friday."""
    pytest.importorskip("holidays")
    assert not federal(public).works(date(2026, 7, 3))


def test_without_the_library_it_says_so_and_knows_weekends_and_own_days() -> None:
    """Nothing stops, and nobody believes that holidays were counted."""
    calendar = local(Holidays(country="DE", dates=("2026-12-24",)), gone)
    assert str(calendar.unknown).startswith("the library `holidays` is missing: pip install")
    assert not calendar.works(CHRISTMAS_EVE)
    assert calendar.works(date(2026, 12, 25))


def test_without_a_country_it_says_so_unless_days_of_ones_own_are_named() -> None:
    """Who lists days has thought of it."""
    assert local(Holidays(), gone).unknown == "no country is set: obligations, holidays, country in runbook.yaml"
    assert local(Holidays(dates=("2026-12-24",)), gone).unknown is None


def test_a_country_or_a_part_that_there_is_not_is_refused() -> None:
    """A calendar that silently knows no holidays would count wrongly for years."""
    pytest.importorskip("holidays")
    with pytest.raises(UsageError, match="knows no country 'XX'"):
        local(Holidays(country="XX"), public)
    with pytest.raises(UsageError, match="knows no part 'BX' of DE"):
        local(Holidays(country="DE", subdivision="BX"), public)
