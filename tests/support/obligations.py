"""Obligations for tests: the regimes that are shipped, and places to count in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from runbook import shipped
from runbook.document.load import load
from runbook.document.regime import Holidays, ObligationSettings, Regime
from runbook.incident.obligations.calendars import Calendar, federal, local, public
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.regimes import Regimes, Version
from runbook.journal.record import sha256


def versions() -> list[Version]:
    """All that are shipped."""
    return [version(path.read_bytes(), path.name) for path in sorted(shipped.regimes().glob("*.yaml"))]


def version(data: bytes, path: str = "regime.yaml") -> Version:
    """One regime of its text."""
    document = load(data, {}, path=path).document
    assert isinstance(document, Regime)
    return Version(document, sha256(data))


def regimes(**settings: Any) -> Regimes:
    """The shipped regimes, with what a project says of them."""
    return Regimes(versions(), [], ObligationSettings(**settings))


def here(zone: str = "UTC", holidays: str | None = None, entity: tuple[str, ...] = ()) -> Here:
    """A place; with the holidays of a country where one is named, which needs the library."""
    eastern = ZoneInfo("America/New_York")
    calendar = local(Holidays(country=holidays), public)
    return Here(ZoneInfo(zone), calendar, eastern, federal(public), frozenset(entity))


def plainly(*days: str, zone: str = "UTC") -> Here:
    """A place whose holidays are these days alone; no library is asked."""
    known = {date.fromisoformat(day) for day in days}
    calendar = Calendar("days of a test", known.__contains__)
    return Here(ZoneInfo(zone), calendar, ZoneInfo("America/New_York"), calendar)


def at(text: str) -> float:
    """The instant that text names."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def anchors(of: Mapping[str, str]) -> dict[str, float]:
    """Anchors by their names."""
    return {name: at(text) for name, text in of.items()}
