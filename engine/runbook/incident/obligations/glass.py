"""Glasses that were broken in a run, as its records tell: a gate or a freeze overridden, a runbook not reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from runbook.core.records import Written
from runbook.incident.obligations.standing import Broken

BREAKING: Final = frozenset(("run.started", "decision.given"))  # the records that can tell of one


def broken(run: str, records: Iterable[Written]) -> Broken | None:
    """The first in a run, with how many there were; None where there was none."""
    found = list(_all(run, records))
    if not found:
        return None
    first = found[0]
    more = f" (and {len(found) - 1} more in this run)" if len(found) > 1 else ""
    return first._replace(reason=first.reason + more)


def _all(run: str, records: Iterable[Written]) -> Iterator[Broken]:
    for record in records:
        data = record.data
        if record.type == "run.started" and (data.get("unreviewed") or {}).get("break_glass"):
            unreviewed = data["unreviewed"]
            by = str(unreviewed.get("by") or data.get("initiator") or record.actor.id)
            yield Broken(run, record.time, by, str(unreviewed.get("reason") or "what runs was not reviewed"))
        elif record.type == "decision.given" and data.get("break_glass") and data.get("verdict") == "granted":
            by = ", ".join(map(str, data.get("by") or ())) or "somebody"
            yield Broken(run, record.time, by, str(data.get("reason") or "no reason given"))
