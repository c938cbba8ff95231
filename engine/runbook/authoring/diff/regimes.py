"""A regime beside what it was: its reports by their ids, and within which time each is due."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.authoring.diff.fields import matched, told
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.document.regime import Regime


def told_regime(spot: Spot, before: Regime, after: Regime) -> Iterator[Meaning]:
    """All of a regime but its name."""
    old, new = before.reports, after.reports
    entries = matched(old, new, lambda one: one.id)
    if entries.moved:
        yield spot.at("reports").tells("changed", "'reports' stand in another order")
    for one in entries.gone:
        yield spot.parted(("reports", old.index(one)), ("reports",)).tells("changed", f"the report '{one.id}' is gone")
    for one in entries.new:
        yield spot.parted(("reports",), ("reports", new.index(one))).tells("changed", f"the report '{one.id}' is new")
    for was, is_ in entries.pairs:
        here = spot.parted(("reports", old.index(was)), ("reports", new.index(is_)), f"report {is_.id}")
        yield from told(here, was, is_, {})
    yield from told(spot, before, after, {}, skip=("name", "reports"))
