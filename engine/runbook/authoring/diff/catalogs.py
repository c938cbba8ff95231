"""A catalog of incidents beside what it was: severities, types and roles by their names."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.authoring.diff.fields import matched, told
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.document.catalog import Catalog

_LISTS = {"severities": "severity", "types": "type", "roles": "role"}


def told_catalog(spot: Spot, before: Catalog, after: Catalog) -> Iterator[Meaning]:
    """All of a catalog."""
    for key, word in _LISTS.items():
        old, new = getattr(before, key), getattr(after, key)
        entries = matched(old, new, lambda one: one.name)
        if entries.moved:
            yield spot.at(key).tells("changed", f"'{key}' stand in another order")
        for one in entries.gone:
            yield spot.parted((key, old.index(one)), (key,)).tells("changed", f"the {word} '{one.name}' is gone")
        for one in entries.new:
            yield spot.parted((key,), (key, new.index(one))).tells("changed", f"the {word} '{one.name}' is new")
        for was, is_ in entries.pairs:
            here = spot.parted((key, old.index(was)), (key, new.index(is_)), f"{word} {is_.name}")
            yield from told(here, was, is_, {})
    yield from told(spot.at("targets", called="targets"), before.targets, after.targets, {})
