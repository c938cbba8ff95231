"""A catalog's names: each once, whatever its case, and none that is taken already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.catalog import ROLES, Catalog
from runbook.document.rules.walk import Checked

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_SHORTEST: Final = 60.0  # seconds


def each_once(doc: Checked) -> Iterator[Finding]:
    """Severities, types and roles are named on a command line, where `sev1` is SEV1."""
    catalog = doc.document
    assert isinstance(catalog, Catalog)  # noqa: S101
    yield from _twice(doc, "severities", (one.name for one in catalog.severities))
    yield from _twice(doc, "types", (one.name for one in catalog.types))
    yield from _twice(doc, "roles", (one.name for one in catalog.roles))
    for i, role in enumerate(catalog.roles):
        if role.name in ROLES:
            message = f"the role '{role.name}' is always there"
            yield doc.source.finding(("roles", i, "name"), "RB030", message, "leave it out")


def possible_cadence(doc: Checked) -> Iterator[Finding]:
    """Nobody can be told every 0 seconds."""
    assert isinstance(doc.document, Catalog)  # noqa: S101
    for i, level in enumerate(doc.document.severities):
        if level.response.update_every is not None and level.response.update_every < _SHORTEST:
            message = f"an update every {level.response.update_every} is more than anybody could write, or read"
            place = ("severities", i, "response", "update_every")
            yield doc.source.finding(place, "RB039", message, "write a longer time, such as 15m")


def _twice(doc: Checked, key: str, names: Iterable[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        place = (key, i, "name")
        if name.casefold() in first:
            message = f"the name '{name}' is used a second time; the first is at line {first[name.casefold()]}"
            yield doc.source.finding(place, "RB030", message, "rename one of them; upper and lower case are the same")
        else:
            first[name.casefold()] = doc.source.at(place)[0]
