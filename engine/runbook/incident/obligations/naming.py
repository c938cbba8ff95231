"""Which report, item or anchor somebody means: by its name, by part of it where that suffices, else the nearest."""

from __future__ import annotations

from typing import NamedTuple

from runbook.document.regime import Item, Report
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.regimes import GLASS, Regimes, Version
from runbook.incident.obligations.standing import FILED, Broken, Case, Obligation, one, review, when


class Rules(NamedTuple):
    """What obligations are counted by in a project: its regimes, and where it is."""

    regimes: Regimes
    here: Here


class Named(NamedTuple):
    """A report that somebody named, in its version, with the address of its records; the glass that it is about."""

    version: Version
    report: Report
    address: str
    glass: Broken | None = None


def named(case: Case, rules: Rules, address: str, now: float) -> Named:
    """The report that was meant; UsageError with the nearest. A review is named with its run: `…review:01jd`."""
    plain, _, run = address.partition(":")
    version, report = rules.regimes.report(plain)
    name = version.regime.name
    if name == GLASS:
        return _review(case, version, report, run)
    version = rules.regimes.named(name, when(case, rules.regimes, name, now))
    report = version.regime.report(report.id) or report
    return Named(version, report, f"{name}.{report.id}")


def placed(case: Case, rules: Rules, name: Named, at: float) -> Obligation:
    """Where a report is at a time."""
    if name.glass is not None:
        return review(case, name.version, name.glass, rules.here, at)
    return one(case, name.version, name.report, rules.here, at)


def item_of(name: Named, id_: str) -> Item:
    """The item of a report; UsageError with the nearest."""
    known = {item.id: item for item in name.report.information}
    if id_ not in known:
        hint = did_you_mean(id_, known, what="its items are") or "it asks for nothing"
        raise UsageError(f"{name.address} has no item {id_!r}", hint=hint)
    return known[id_]


def anchor_of(regimes: Regimes, name: str) -> str:
    """An anchor that some regime counts from: `aware`, or of one regime alone `gdpr.aware`."""
    if name.startswith(FILED) or FILED in name:
        report = name.partition(FILED)[2] or "REPORT"
        raise UsageError(f"{name!r} is set by filing that report", hint=f"runbook obligations file INC {report} …")
    of, _, plain = name.rpartition(".")
    all_ = regimes.names if not of else (regimes.named(of).regime.name,)
    known = sorted({each for regime in all_ for each in regimes.named(regime).regime.anchors} - {"glass_broken"})
    if plain not in known:
        raise UsageError(f"{name!r} is no anchor", hint=did_you_mean(plain, known, what="anchors are"))
    return name


def _review(case: Case, version: Version, report: Report, run: str) -> Named:
    found = [each for each in case.broken if each.run.startswith(run)]
    if len(found) == 1:
        return Named(version, report, f"{GLASS}.{report.id}:{found[0].run}", found[0])
    if not found:
        raise UsageError(
            "no glass was broken in a run of this incident" + (f" that begins with {run!r}" if run else "")
        )
    names = ", ".join(f"{GLASS}:{each.run}" for each in found)
    raise UsageError("glasses were broken in several runs", hint=f"name one of {names}")
