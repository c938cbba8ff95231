"""What a schema cannot say of a regime: one number to a limit, counted as such numbers are; anchors that are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.regime import Counting, Regime, Report
from runbook.document.rules.walk import Checked, Pointer
from runbook.document.suggest import did_you_mean

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_UNITS: Final = ("hours", "days", "business_days", "months", "aim")
_COUNTED: Final = {  # what is written in a unit can be counted so
    "hours": {Counting.ELAPSED, Counting.EU},
    "days": {Counting.CALENDAR_DAYS, Counting.EU},
    "months": {Counting.EU},
    "business_days": {Counting.BUSINESS_DAYS, Counting.SEC},
    "aim": set(Counting),
}
FILED: Final = "filed:"


def sound_limits(doc: Checked) -> Iterator[Finding]:
    """Each limit has one number, in a unit that its report can count, from an anchor that is said what it means."""
    regime = _regime(doc)
    for place, report, limit in _limits(regime, doc):
        units = [unit for unit in _UNITS if unit in limit]
        if len(units) != 1:
            got = " and ".join(f"'{unit}'" for unit in units) or "none"
            hint = "write one of hours, days, business_days, months, or aim where the rule names no number"
            yield doc.source.finding(place, "RB062", f"a limit has one number, and this one has {got}", hint)
        elif report.counting not in _COUNTED[units[0]]:
            able = " or ".join(sorted(_COUNTED[units[0]]))
            message = f"'{units[0]}' cannot be counted as {report.counting}"
            yield doc.source.finding((*place, units[0]), "RB062", message, f"count them as {able}")
        for key in ("from", "unless_later"):
            anchor = limit.get(key)
            if anchor is not None and (hint_ := _unknown(regime, anchor)) is not None:
                yield doc.source.finding((*place, key), "RB062", f"'{anchor}' is no anchor of this regime", hint_)


def unique_names(doc: Checked) -> Iterator[Finding]:
    """Reports are told apart by their ids, and what a report must say by the ids of its items."""
    regime = _regime(doc)
    yield from _twice(doc, [(one.id, ("reports", i, "id")) for i, one in enumerate(regime.reports)])
    for i, report in enumerate(regime.reports):
        places: list[tuple[str, Pointer]] = [
            (item.id, ("reports", i, "information", j, "id")) for j, item in enumerate(report.information)
        ]
        yield from _twice(doc, places)


def days_in_order(doc: Checked) -> Iterator[Finding]:
    """A version ends after it begins."""
    regime = _regime(doc)
    if regime.valid_until is not None and regime.valid_until <= regime.valid_from:
        message = f"this version ends on {regime.valid_until}, which is not after its first day"
        yield doc.source.finding(("valid_until",), "RB062", message, "write a later day")


def _regime(doc: Checked) -> Regime:
    assert isinstance(doc.document, Regime)  # noqa: S101
    return doc.document


def _limits(regime: Regime, doc: Checked) -> Iterator[tuple[Pointer, Report, Any]]:
    for i, report in enumerate(regime.reports):
        for j in range(len(report.limits)):
            place: Pointer = ("reports", i, "limits", j)
            yield place, report, doc.raw(place)


def _unknown(regime: Regime, anchor: str) -> str | None:
    """What to write instead of an anchor that there is not; None where it is one."""
    reports = [FILED + report.id for report in regime.reports]
    known = {*regime.anchors, *reports}
    return None if anchor in known else did_you_mean(anchor, known, what="its anchors are") or "name it under anchors"


def _twice(doc: Checked, named: list[tuple[str, Pointer]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for name, place in named:
        line = doc.source.at(place)[0]
        if name in first:
            message = f"the id '{name}' is used a second time; the first is at line {first[name]}"
            yield doc.source.finding(place, "RB030", message, "rename one of them")
        first.setdefault(name, line)
