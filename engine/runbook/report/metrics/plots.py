"""Plots of measures: the share that was over after how long, every length beside the others, and months in a row.

Drawn by hand out of `report/svg.py`: three kinds of plots are less code than what a library would bring (matplotlib is
20 MB and a third of a second at each start), and theirs neither follow the reader's dark setting nor tell a screen
reader what they show. All scales of time are logarithmic.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from runbook.document.durations import spoken
from runbook.incident.metrics.compute import Breakdown, Group, Metrics
from runbook.incident.metrics.outages import NAME as MTBF
from runbook.incident.metrics.samples import Sample
from runbook.report import axes, svg
from runbook.report.axes import Axis
from runbook.report.markup import Markup
from runbook.report.metrics import words
from runbook.report.metrics.words import length
from runbook.report.safe import cut, shown

WIDTH: Final = 480.0
_LEFT, _RIGHT, _TOP = 46.0, 462.0, 36.0
_ROW: Final = 46.0  # height of a row of a strip
_MOST_DOTS: Final = 150  # of a row; more of them are drawn as columns
_MOST_LINES: Final = len(svg.SERIES)
_MOST_ROWS: Final = 12
_SHARE: Final = "share of incidents that took no longer"
_SHARES: Final = {MTBF: "share of stretches of uptime that were no longer"}


class Line(NamedTuple):
    """A group with a name and its sample."""

    name: str
    sample: Sample


class Plot(NamedTuple):
    """What to draw: which measure, in words too, its target in seconds, and its groups; the first is that of all."""

    measure: str
    label: str
    title: str
    target: float | None
    lines: Sequence[Line]


def files(metrics: Metrics) -> dict[str, str]:
    """Plots by the names of their files: an ECDF and a strip for each measure, and its months where somebody asked.

    Measures that nothing is known of have none.
    """
    found: dict[str, str] = {}
    for name in [*metrics.whole.samples, MTBF]:
        if not sample_of(metrics.whole, name).n:
            continue
        called = name.replace("_", "-")
        split = next((one for one in metrics.breakdowns if "month" not in one.by), None)
        plot = plot_of(metrics, name, split)
        found[f"{called}-ecdf.svg"] = f"{ecdf(plot, alone=True)}\n"
        found[f"{called}-strip.svg"] = f"{strip(plot, alone=True)}\n"
        for breakdown in metrics.breakdowns:
            if breakdown.by == ("month",):
                found[f"{called}-month.svg"] = f"{months(plot_of(metrics, name, breakdown), alone=True)}\n"
    return found


def plot_of(metrics: Metrics, name: str, breakdown: Breakdown | None = None) -> Plot:
    """A measure of all incidents, and of the groups of a breakdown."""
    lines = [Line("all", sample_of(metrics.whole, name))]
    if breakdown is not None:
        lines += [Line(words.group_name(breakdown.by, one), sample_of(one, name)) for one in breakdown.groups]
    title = words.title_of(name)
    return Plot(name, words.measure_label(name), title, metrics.target(name), lines)


def sample_of(group: Group, name: str) -> Sample:
    """The sample of a measure, MTBF among them."""
    return group.between.sample if name == MTBF else group.samples[name]


def ecdf(plot: Plot, *, alone: bool = False) -> Markup:
    """The share of incidents that took no longer than so long: one line for all, or one for each of a few groups."""
    groups = [line for line in plot.lines[1:] if line.sample.n]
    lines = groups if 2 <= len(groups) <= _MOST_LINES else plot.lines[:1]
    bottom = 230.0
    across = axes.durations(_extent(plot, lines), _LEFT, _RIGHT)
    up = axes.shares(bottom, _TOP)
    keys = [f"{cut(shown(line.name), 14)} (n {line.sample.n})" for line in lines]
    legend, height = _legend(keys, bottom + 40)
    drawn = [
        *axes.across(across, _TOP, bottom),
        *axes.beside(up, _LEFT, _RIGHT),
        *_target(plot, across, _TOP, bottom),
        *(
            svg.steps(_staircase(line.sample.values, across, up), role)
            for line, role in zip(lines, svg.SERIES, strict=False)
        ),
        *legend,
    ]
    told = "; ".join(f"{line.name}: {_summary(line.sample)}" for line in lines)
    return _framed(plot, "ecdf", drawn, height, f"{plot.label}: {_SHARES.get(plot.measure, _SHARE)}", told, alone)


def strip(plot: Plot, *, alone: bool = False) -> Markup:
    """Every length in a row for each group: dots, or columns where there are many; median and p90 are marked."""
    lines = [line for line in plot.lines if line.sample.n][: _MOST_ROWS + 1]
    bottom = _TOP + _ROW * len(lines)
    left = _LEFT + 70
    across = axes.durations(_extent(plot, lines), left, _RIGHT)
    rows = [mark for at, line in enumerate(lines) for mark in _row(line, _TOP + at * _ROW, across)]
    drawn = [*axes.across(across, _TOP, bottom), *_target(plot, across, _TOP, bottom), *rows]
    key = svg.words(_RIGHT, bottom + 36, "thick line: median; dotted line: p90", "", "end")
    told = "; ".join(f"{line.name}: {_summary(line.sample)}" for line in lines)
    left_out = sum(bool(line.sample.n) for line in plot.lines) - len(lines)
    more = f"; {left_out} further groups are not drawn" if left_out > 0 else ""
    title = f"{plot.label}: every one of them, by group"
    return _framed(plot, "strip", [*drawn, key], bottom + 44, title, told + more, alone)


def months(plot: Plot, *, alone: bool = False) -> Markup:
    """Month by month: the median, from it to p90 a line, and how many it was made of."""
    lines = plot.lines[1:]
    bottom = 210.0
    known = [line.sample for line in lines if line.sample.n]
    up = axes.durations([*_extent(plot, [Line("", one) for one in known], ends=False)], bottom, _TOP, upright=True)
    room = (_RIGHT - _LEFT) / max(1, len(lines))
    drawn: list[Markup] = [*axes.beside(up, _LEFT, _RIGHT)]
    if plot.target is not None:
        at = up.at(plot.target)
        drawn += [
            svg.line(_LEFT, at, _RIGHT, at, "target"),
            svg.words(_RIGHT, _TOP - 5, f"target < {spoken(plot.target)}", "target", "end"),
        ]
    every = max(1, round(54 / room))  # a label for so many months
    for number, line in enumerate(lines):
        x = _LEFT + room * (number + 0.5)
        drawn += _month(line, x, up, min(5.0, room / 3))
        if number % every == 0:
            drawn.append(svg.words(x, bottom + 18, line.name, "", "middle"))
            drawn.append(svg.words(x, bottom + 34, f"n {line.sample.n}", "", "middle"))
    told = "; ".join(f"{line.name}: {_summary(line.sample)}" for line in lines)
    title = f"{plot.label}: median (dot) to p90 (end of the line) by month"
    return _framed(plot, "month", drawn, bottom + 46, title, told, alone)


def _framed(
    plot: Plot, kind: str, drawn: Sequence[Markup], height: float, title: str, told: str, alone: bool
) -> Markup:
    heading = svg.words(2, 13, title, "strong")
    name = f"{plot.measure.replace('_', '-')}-{kind}"
    described = f"{plot.title}. {told}" + (f"; target below {spoken(plot.target)}" if plot.target is not None else "")
    return svg.drawing(name, heading, *drawn, width=WIDTH, height=height, title=title, told=described, alone=alone)


def _extent(plot: Plot, lines: Sequence[Line], *, ends: bool = True) -> list[float]:
    """What the axis of time has to hold."""
    values = [
        value
        for line in lines
        for value in ((line.sample.least, line.sample.most) if ends else (line.sample.median, line.sample.p90))
        if value is not None
    ]
    return [*values, *([plot.target] if plot.target is not None else [])]


def _target(plot: Plot, across: Axis, top: float, bottom: float) -> Iterator[Markup]:
    if plot.target is None:
        return
    at = across.at(plot.target)
    yield svg.line(at, top, at, bottom, "target")
    said = f"target < {spoken(plot.target)}"
    fits = at + 5 + svg.breadth(said) < _RIGHT + 16
    yield svg.words(at - 2 if fits else at + 2, top - 5, said, "target", "start" if fits else "end")


def _staircase(values: Sequence[float], across: Axis, up: Axis) -> list[tuple[float, float]]:
    """A point for each pixel at most: ten thousand incidents are no longer a line than three hundred."""
    points = [(across.start, up.at(0.0))]
    at = 0
    while at < len(values):
        after = bisect_right(values, values[at])
        place = across.at(values[at])
        level = up.at(after / len(values))
        if place - points[-1][0] < 1 and len(points) > 1:
            points[-1] = (points[-1][0], level)
        else:
            points.append((place, level))
        at = after
    return [*points, (across.end, up.at(1.0))]


def _legend(keys: Sequence[str], y: float) -> tuple[list[Markup], float]:
    """Each line's name after a piece of it, in as many rows as they need; and where they end."""
    x, marks = _LEFT, []
    for key, role in zip(keys, svg.SERIES, strict=False):
        room = 25 + svg.breadth(key) + 8
        if x + room > WIDTH and x > _LEFT:
            x, y = _LEFT, y + 18
        marks += [svg.way([(x, y - 4), (x + 20, y - 4)], role), svg.words(x + 25, y, key)]
        x += room
    return marks, y + 8


def _row(line: Line, top: float, across: Axis) -> Iterator[Markup]:
    sample = line.sample
    middle = top + _ROW / 2
    yield svg.words(2, middle - 2, cut(shown(line.name), 15), "strong")
    yield svg.words(2, middle + 13, f"n {sample.n}")
    yield from _dots(sample, middle, across) if sample.n <= _MOST_DOTS else _columns(sample, top, across)
    for value, role in ((sample.p90, "end"), (sample.median, "mid")):
        if value is not None:
            at = across.at(value)
            yield svg.line(at, top + 6, at, top + _ROW - 6, role)


def _dots(sample: Sample, middle: float, across: Axis) -> Iterator[Markup]:
    """One for each, those that would hide each other side by side: up and down in turns."""
    taken: dict[int, int] = {}
    for value in sample.values:
        at = across.at(value)
        place = round(at / 5)
        number = taken[place] = taken.get(place, 0) + 1
        lift = (number // 2) * 4.0 * (1 if number % 2 else -1)
        yield svg.dot(at, middle + max(-16.0, min(16.0, lift)), 3, said=length(value))


def _columns(sample: Sample, top: float, across: Axis) -> Iterator[Markup]:
    """How many there are at each place, the highest as high as the row."""
    counts: dict[int, int] = {}
    for value in sample.values:
        place = int(across.at(value) // 4)
        counts[place] = counts.get(place, 0) + 1
    most = max(counts.values())
    for place, count in sorted(counts.items()):
        height = max(1.0, count / most * (_ROW - 14))
        yield svg.bar(place * 4.0, top + _ROW - 6 - height, 3.2, height, said=str(count))


def _month(line: Line, x: float, up: Axis, radius: float) -> Iterator[Markup]:
    median, p90 = line.sample.median, line.sample.p90
    if median is None or p90 is None:
        return
    yield svg.line(x, up.at(median), x, up.at(p90), "end")
    yield svg.line(x - radius, up.at(p90), x + radius, up.at(p90), "reach")
    yield svg.dot(x, up.at(median), radius, "ring", f"{line.name}: {_summary(line.sample)}")


def _summary(sample: Sample) -> str:
    if not sample.n:
        return "nothing known"
    return f"n {sample.n}, median {length(sample.median)}, p90 {length(sample.p90)}"
