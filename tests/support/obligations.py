"""Obligations for tests: the regimes that are shipped, and places to count in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from runbook import shipped
from runbook.document.load import load
from runbook.document.regime import Holidays, ObligationSettings, Regime
from runbook.incident.desk import told
from runbook.incident.obligations.calendars import Calendar, federal, local, public
from runbook.incident.obligations.cases import case_of
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.naming import Rules
from runbook.incident.obligations.regimes import GLASS, Regimes, Version
from runbook.incident.obligations.standing import Obligation, obligations
from runbook.journal.record import sha256
from support.incidents import Room, declared

NEW_YORK = ZoneInfo("America/New_York")


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
    return Regimes(versions(), [], msgspec.convert(settings, ObligationSettings))


def here(zone: str = "UTC", holidays: str | None = None, entity: tuple[str, ...] = ()) -> Here:
    """A place; with the holidays of a country where one is named, which needs the library."""
    calendar = partial(local, Holidays(country=holidays), public)
    return Here(ZoneInfo(zone), calendar, lambda: (NEW_YORK, federal(public)), frozenset(entity))


def plainly(*days: str, zone: str = "UTC") -> Here:
    """A place whose holidays are these days alone; no library is asked."""
    known = {date.fromisoformat(day) for day in days}
    calendar = Calendar("days of a test", known.__contains__)
    return Here(ZoneInfo(zone), lambda: calendar, lambda: (NEW_YORK, calendar))


def at(text: str) -> float:
    """The instant that text names."""
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def anchors(of: Mapping[str, str]) -> dict[str, float]:
    """Anchors by their names."""
    return {name: at(text) for name, text in of.items()}


ACME = """\
apiVersion: runbook/v1
kind: Regime
name: acme
title: Agreement with Acme
status: user_set
source: {title: "Agreement 17"}
valid_from: 2020-01-01
questions: [Were data of Acme hit?]
anchors: {aware: Somebody of ours knew., asked: Acme asked.}
reports:
  - id: notice
    title: Notice
    to: Acme
    limits:
      - {from: aware, hours: 10}
    phases: true
    information:
      - {id: what, text: What happened}
      - {id: delay, text: Why it comes late, late: true}
  - id: account
    title: Account
    to: Acme
    limits:
      - {from: "filed:notice", days: 14}
    counting: calendar_days
  - id: interview
    title: Interview
    to: Acme
    condition: Acme asked for one.
    limits:
      - {from: asked, aim: 24}
"""


def acme(text: str = ACME, **settings: Any) -> Rules:
    """One regime of a contract, and the review of a broken glass, counted in UTC on weekdays."""
    glass = [each for each in versions() if each.regime.name == GLASS]
    return Rules(Regimes(glass, [version(text.encode())], ObligationSettings(**settings)), plainly())


def begun(place: Room, **data: Any) -> str:
    """An incident that was declared an hour ago; its id."""
    id_ = declared(place, **data)
    place.clock.now += 3600
    return id_


def found(place: Room, rules: Rules, id_: str) -> dict[str, Obligation]:
    """The obligations of an incident by their addresses, as they are now."""
    case = case_of(place.journal, told(place.journal, id_))
    return {one.address: one for one in obligations(case, rules.regimes, rules.here, place.clock.now)}
