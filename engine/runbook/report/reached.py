"""How much of each runbook its scenarios reach, and what none of them does, with the line where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor
from typing import Any, Final

import msgspec

from runbook.report.safe import columns, padded, shown
from runbook.report.style import Style
from runbook.scenario.coverage import (
    AFTER_FAILURE,
    APPROVED,
    DENIED,
    DONE,
    NONE,
    NOT_HELPED,
    SEVERAL,
    SKIPPED,
    TRIED,
    Coverage,
    Point,
)

_NEVER: Final = {
    TRIED: "never tried",
    SKIPPED: "never skipped",
    APPROVED: "nobody ever says yes",
    DENIED: "nobody ever says no, or stays silent",
    DONE: "never reached",
    AFTER_FAILURE: "never taken back after a failure",
    NOT_HELPED: "never taken back when it did not help",
    NONE: "never over no item",
    SEVERAL: "never over several items",
    "pass": "never pass",
    "fail": "never fail",
    "unknown": "never unknown",
}
_PREFIX: Final = "resolution/"


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """One runbook with the number of its scenarios. `lines` are those of what its points are about, by address."""

    runbook: str
    path: str
    scenarios: int
    coverage: Coverage
    lines: Mapping[str, int] = {}


def total(covered: Sequence[Covered]) -> Coverage:
    """All runbooks as one; the same point of two runbooks is two."""
    points = [(one.runbook, point) for one in covered for point in one.coverage.points]
    reached = [(one.runbook, point) for one in covered for point in one.coverage.reached]
    return Coverage(tuple(_of(*pair) for pair in points), frozenset(_of(*pair) for pair in reached))


def _of(runbook: str, point: Point) -> Point:
    return point._replace(of=f"{runbook}:{point.of}")


def percent(coverage: Coverage) -> str:
    """Rounded down to a tenth, so that 100 % is all of it: `89.9 %`."""
    return f"{floor(coverage.percent * 10) / 10:g} %"


def coverage_text(covered: Sequence[Covered], style: Style) -> str:
    """Every runbook with what no scenario reached."""
    return "\n".join(line for one in covered for line in _runbook(one, style))


def _runbook(one: Covered, style: Style) -> Iterator[str]:
    coverage = one.coverage
    count = f"{len(coverage.points) - len(coverage.missing)} of {len(coverage.points)}"
    scenarios = f"{one.scenarios} scenario{'' if one.scenarios == 1 else 's'}" if one.scenarios else "no scenario"
    name = style.paint("heading", shown(one.runbook))
    role = "bad" if not one.scenarios else "warn" if coverage.missing else "good"
    yield f"{name}: {style.paint(role, percent(coverage))}, {count}, {scenarios}"
    if not one.scenarios:
        yield f"  {shown(one.path)}: nothing of it is rehearsed"
        return
    rows = [(f"{one.path}:{_line(one, point)}", shown(_about(point)), _NEVER[point.what]) for point in coverage.missing]
    widths = [max((columns(shown(row[i])) for row in rows), default=0) for i in (0, 1)]
    for place, about, never in rows:
        yield f"  {style.paint('dim', padded(shown(place), widths[0]))}  {padded(about, widths[1])}  {never}"


def _about(point: Point) -> str:
    """What it is about: an option's gate, a step, a check, by the shortest address that people use."""
    path = point.of.removeprefix(_PREFIX)
    return f"{point.about} {path}" if point.about != "verdict" else path


def _line(one: Covered, point: Point) -> int:
    return one.lines.get(point.of, 1)


def coverage_object(covered: Sequence[Covered], under: float | None) -> dict[str, Any]:
    """What `--coverage` adds to the JSON; `under` is what every runbook must reach, in percent."""
    whole = total(covered)
    return {
        "percent": round(whole.percent, 2),
        "fail_under": under,
        "runbooks": [
            {
                "runbook": one.runbook,
                "path": one.path,
                "scenarios": one.scenarios,
                "points": len(one.coverage.points),
                "reached": len(one.coverage.points) - len(one.coverage.missing),
                "percent": round(one.coverage.percent, 2),
                "missing": [
                    {"about": point.about, "of": point.of, "what": point.what, "line": _line(one, point)}
                    for point in one.coverage.missing
                ],
            }
            for one in covered
        ],
    }
