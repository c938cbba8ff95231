"""The regimes that a project knows: those that are shipped, its own over them, each in the version of a day.

A project may set the time of a regime whose time is not the law's; of law it may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from runbook.document.regime import Counting, Limit, ObligationSettings, Own, Regime, Report, Standing
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError

GLASS: Final = "break_glass_review"  # the regime that a fact in the record sets off, and nobody has to judge


class Version(NamedTuple):
    """A regime, the SHA-256 of its document, and where in a contract its time stands."""

    regime: Regime
    digest: str
    contract: str | None = None

    def counts_on(self, day: str) -> bool:
        """Whether this version is the one of a day."""
        return self.regime.valid_from <= day and (self.regime.valid_until is None or day < self.regime.valid_until)


class Regimes:
    """Regimes by name, each with its versions; a project's own stand in for shipped ones of the same name."""

    def __init__(self, shipped: Iterable[Version], own: Iterable[Version], settings: ObligationSettings) -> None:
        self._versions: dict[str, list[Version]] = {}
        mine = list(own)
        for version in (*(each for each in shipped if each.regime.name not in {m.regime.name for m in mine}), *mine):
            self._versions.setdefault(version.regime.name, []).append(version)
        self._settings = settings
        for name, values in settings.regimes.items():
            self._set(name, values)
        for name in settings.scope or ():
            self.named(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All regimes, proposals included."""
        return tuple(sorted(self._versions))

    def named(self, name: str, at: float | None = None) -> Version:
        """The version of a regime at a time, else its newest; UsageError with the nearest name."""
        if name not in self._versions:
            raise UsageError(f"no regime is called {name!r}", hint=did_you_mean(name, self.names, what="regimes are"))
        versions = sorted(self._versions[name], key=lambda each: each.regime.valid_from)
        if at is None:
            return versions[-1]
        day = datetime.fromtimestamp(at, UTC).date().isoformat()
        return next((each for each in reversed(versions) if each.counts_on(day)), versions[-1])

    def asked(self, at: float) -> Iterator[Version]:
        """Those that people are asked about: in the project's scope, and of a version that counts at that time."""
        day = datetime.fromtimestamp(at, UTC).date().isoformat()
        for name in self._settings.scope or self.names:
            version = self.named(name, at)
            if version.regime.status is not Standing.PROPOSED and version.counts_on(day) and name != GLASS:
                yield version

    def report(self, address: str, at: float | None = None) -> tuple[Version, Report]:
        """The report of `regime.report`, of a regime with one report, or of an id that only one regime has."""
        name, _, id_ = address.partition(".")
        if not id_ and name not in self._versions:
            name, id_ = self._only(name), name
        version = self.named(name, at)
        reports = version.regime.reports
        if not id_ and len(reports) == 1:
            return version, reports[0]
        known = {f"{name}.{each.id}": each for each in reports}
        if f"{name}.{id_}" not in known:
            what = f"{name!r} has several reports" if not id_ else f"no report is called {address!r}"
            raise UsageError(what, hint=did_you_mean(f"{name}.{id_}", known, what="name one of"))
        return version, known[f"{name}.{id_}"]

    def _only(self, id_: str) -> str:
        """The one regime that has a report of this id, and is no proposal; the word itself where none has."""
        all_ = [name for name in self.names if self.named(name).regime.report(id_) is not None]
        having = [name for name in all_ if self.named(name).regime.status is not Standing.PROPOSED] or all_
        if len(having) > 1:
            known = ", ".join(f"{name}.{id_}" for name in having)
            raise UsageError(f"several regimes have a report {id_!r}", hint=f"name one of {known}")
        return having[0] if having else id_

    def _set(self, name: str, own: Own) -> None:
        law = self.named(name).regime.status in (Standing.IN_FORCE, Standing.PROPOSED)
        if law and (own.hours is not None or own.business_days is not None):
            raise UsageError(
                f"the configuration sets the time of {name}, which is law",
                hint="leave it out; hours of a contract belong into a regime of your own (obligations, files)",
            )
        self._versions[name] = [_with(each, own) for each in self._versions[name]]


def _with(version: Version, own: Own) -> Version:
    """A version whose first report has the time of the project."""
    first, *others = version.regime.reports
    if own.hours is not None:
        limits = tuple(Limit(from_=limit.from_, hours=own.hours) for limit in first.limits)
        first = msgspec.structs.replace(first, limits=limits, counting=Counting.ELAPSED, rolls=None)
    elif own.business_days is not None:
        limits = tuple(Limit(from_=limit.from_, business_days=own.business_days) for limit in first.limits)
        first = msgspec.structs.replace(first, limits=limits, counting=Counting.BUSINESS_DAYS, rolls=None)
    regime = msgspec.structs.replace(version.regime, reports=(first, *others))
    return version._replace(regime=regime, contract=own.contract)
