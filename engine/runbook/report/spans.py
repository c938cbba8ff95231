"""What lasted from when until when, drawn as bars over a line of time: the impact, the phases, the runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from runbook.report.markup import Markup
from runbook.report.svg import bar, breadth, drawing, line, words
from runbook.report.times import span

_WIDTH: Final = 900.0
_ROW: Final = 26.0
_BAR: Final = 14.0
_BOLD: Final = 1.15  # how much wider names are drawn than other words
_RIGHT: Final = 28.0  # half of a label that stands below the end
_STEPS: Final = (60, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400, 7 * 86400, 30 * 86400, 365 * 86400)
_MOST: Final = 9  # labels below the bars


class Span(NamedTuple):
    """One bar: seconds since 1970; `end` None where it goes on. `role` is one of `s1` to `s5`."""

    name: str
    start: float
    end: float | None
    role: str = "s1"


def span_drawing(name: str, spans: Sequence[Span], now: float) -> Markup | None:
    """The drawing; nothing without a span. What goes on ends at `now`, and says so."""
    rows = [(one, now if one.end is None else max(one.end, one.start)) for one in spans]
    if not rows:
        return None
    first, last = min(one.start for one, _ in rows), max(end for _, end in rows)
    last = max(last, first + 60)
    left = max(breadth(one.name) for one, _ in rows) * _BOLD + 16
    bottom = _ROW * len(rows) + 8

    def at(moment: float) -> float:
        return left + (moment - first) / (last - first) * (_WIDTH - left - _RIGHT)

    marks: list[Markup] = []
    for tick in _ticks(first, last):
        label = datetime.fromtimestamp(tick, UTC).strftime("%H:%M" if last - first < 2 * 86400 else "%d %b")
        marks += [line(at(tick), 4, at(tick), bottom, "grid"), words(at(tick), bottom + 16, label, anchor="middle")]
    for number, (one, end) in enumerate(rows):
        top = 8 + number * _ROW
        took = span(end - one.start) + (" and goes on" if one.end is None else "")
        marks += [
            words(left - 8, top + _BAR - 2, one.name, "strong", anchor="end"),
            bar(at(one.start), top, max(at(end) - at(one.start), 2), _BAR, said=f"{one.name}: {took}"),
        ]
    told = "; ".join(f"{one.name}: {span(end - one.start)}" for one, end in rows)
    title = "What lasted how long, times in UTC"
    return drawing(name, *marks, width=_WIDTH, height=bottom + 24, title=title, told=told)


def _ticks(first: float, last: float) -> list[float]:
    """Round times between the two, as many as can be read."""
    step = next((step for step in _STEPS if (last - first) / step <= _MOST), _STEPS[-1])
    begin = -(-first // step) * step
    return [begin + step * number for number in range(int((last - begin) // step) + 1)]
