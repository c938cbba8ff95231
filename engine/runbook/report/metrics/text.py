"""Measures for a terminal: a table for each, its distribution drawn in the rows, and what is not known below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from runbook.document.durations import spoken
from runbook.incident.metrics.compute import Breakdown, Group
from runbook.incident.metrics.measures import Measure
from runbook.incident.metrics.samples import BUCKETS, Sample
from runbook.incident.metrics.trend import Trend, Way
from runbook.report.layout import heading, labelled, paragraph
from runbook.report.metrics import words
from runbook.report.metrics.runs_text import runs_lines
from runbook.report.metrics.words import Told, length
from runbook.report.safe import columns, cut, padded, shown
from runbook.report.sparks import arrow, bars
from runbook.report.style import Style

MOST = 20  # impossible lengths that are listed; the object has them all
_ROOMY, _NARROW = 92, 66  # columns from which the mean, and the ends, have their place
_NAME = 24  # columns of a group's name, at most


class _Line(NamedTuple):
    name: str
    sample: Sample
    mean: float | None
    trend: Trend | None = None


def metrics_text(told: Told, style: Style) -> str:
    """All of it."""
    metrics = told.metrics
    lines = [heading("Incident metrics", style), *labelled("window", words.window_words(metrics), style)]
    lines += labelled("incidents", _incidents(told), style)
    lines += labelled("unreadable", words.unread_words(told), style, role="warn") if told.unread else []
    if metrics.whole.incidents:
        for measure in words.shown_measures(metrics):
            lines += ["", *_measure(told, measure, style)]
        lines += ["", *_uptime(told, style), *_impossible(told, style)]
    text = "\n".join([*lines, "", *runs_lines(told, style)])
    return text if style.blocks else text.replace("→", "->").replace("≤", "<=")


def _incidents(told: Told) -> str:
    metrics = told.metrics
    count = metrics.whole.incidents
    said = [str(count)] if count else ["none in this window; `runbook incident declare` begins one"]
    said += [f"{running} not resolved yet"] if (running := metrics.whole.samples["mttr_resolve"].open) else []
    said += [f"{metrics.left_out} imported left out (--imported counts them)"] if metrics.left_out else []
    return "; ".join(said)


def _measure(told: Told, measure: Measure, style: Style) -> list[str]:
    metrics, name = told.metrics, measure.name
    target = metrics.target(name)
    aim = f"; target < {spoken(target)}" if target is not None else ""
    sample = metrics.whole.samples[name]
    tables = [("", [_Line("all", sample, sample.mean, metrics.whole.trends.get(name))])]
    for breakdown in metrics.breakdowns:
        found = [(group, group.samples[name]) for group in breakdown.groups]
        lines = [
            _Line(words.group_name(breakdown.by, group), one, one.mean, group.trends.get(name)) for group, one in found
        ]
        tables.append((words.by_name(breakdown.by), lines))
    trend = words.trend_words(metrics.whole.trends.get(name), sample, compared=metrics.question.since is not None)
    notes = [*words.gaps(sample), *([trend] if trend else [])]
    return [
        *_titled(measure.label, f"{measure.title}: {words.clocks(measure)}{aim}", style),
        *_tables(tables, target, style),
        *_by_month(metrics.breakdowns, name, style),
        *_notes(notes, style),
    ]


def _uptime(told: Told, style: Style) -> list[str]:
    """MTBF: the stretches between failures, and what they are part of."""
    metrics = told.metrics
    between = metrics.whole.between
    tables = [("", [_Line("all", between.sample, between.mean)])]
    for breakdown in metrics.breakdowns:
        lines = [
            _Line(words.group_name(breakdown.by, one), one.between.sample, one.between.mean) for one in breakdown.groups
        ]
        tables.append((words.by_name(breakdown.by), lines))
    return [
        *_titled(words.MTBF_LABEL, f"{words.MTBF_TITLE}: {words.MTBF_MEANS}", style),
        *_tables(tables, None, style),
        *_notes([words.uptime(between), *words.gaps(between.sample)], style),
    ]


def _titled(label: str, text: str, style: Style) -> list[str]:
    return [style.paint("heading", label), *paragraph(text, style, role="dim")]


def _tables(tables: Sequence[tuple[str, Sequence[_Line]]], target: float | None, style: Style) -> Iterator[str]:
    """Rows under one header; each breakdown below its name."""
    shape = _Shape(tables, target, style)
    yield shape.header()
    for title, lines in tables:
        if title:
            yield style.paint("dim", f"  {title}")
        yield from map(shape.line, lines)


class _Shape:
    """Which columns there is room for, and how wide they are; the buckets that are not empty anywhere."""

    def __init__(self, tables: Sequence[tuple[str, Sequence[_Line]]], target: float | None, style: Style) -> None:
        lines = [line for _, each in tables for line in each]
        self._style, self._target = style, target
        self._name = min(_NAME, max(columns(shown(line.name)) for line in lines))
        filled = [at for line in lines for at, count in enumerate(line.sample.histogram) if count]
        self._from, self._to = (min(filled), max(filled) + 1) if filled else (0, 0)
        titles = ["n", "median", "p90"]
        titles += ["min", "max"] if style.width >= _NARROW else []
        titles += ["mean"] if style.width >= _ROOMY else []
        titles += ["in target"] if target is not None else []
        self._columns = {
            title: max([len(title), *(len(self._cell(title, line)) for line in lines)]) for title in titles
        }

    def header(self) -> str:
        cells = [title.rjust(width) for title, width in self._columns.items()]
        cells += [self._ends()] if self._to else []
        return self._style.paint("dim", cut(" " * (self._name + 6) + "  ".join(cells), self._style.width))

    def line(self, line: _Line) -> str:
        name = padded(cut(shown(line.name), self._name), self._name)
        cells = [self._cell(title, line).rjust(width) for title, width in self._columns.items()]
        cells += [bars(line.sample.histogram[self._from : self._to], self._style)] if line.sample.n else []
        rest = cut("  ".join(cells).rstrip(), self._style.width - self._name - 6)
        return f"  {name} {self._arrow(line)}  {rest}"

    def _arrow(self, line: _Line) -> str:
        if line.trend is None or line.trend.way is Way.SAME:
            return " "
        longer = line.trend.way is Way.LONGER
        return self._style.paint("bad" if longer else "good", arrow(longer, self._style))

    def _cell(self, title: str, line: _Line) -> str:
        sample = line.sample
        if title == "n":
            return str(sample.n)
        if title == "in target":
            return words.percent(sample.below(self._target or 0.0), sample.n)
        known = {"median": sample.median, "p90": sample.p90, "min": sample.least, "max": sample.most}
        return length(known.get(title, line.mean))

    def _ends(self) -> str:
        """What the first and the last bar stand for."""
        ends = [*(f"≤{spoken(end)}" for end in BUCKETS), f">{spoken(BUCKETS[-1])}"]
        first, last = ends[self._from], ends[self._to - 1]
        return first if first == last else f"{first} to {last}"


def _by_month(breakdowns: Sequence[Breakdown], name: str, style: Style) -> Iterator[str]:
    """Medians of all months in a row of bars, where there are some."""
    for breakdown in breakdowns:
        if breakdown.by != ("month",) or len(breakdown.groups) < 2:
            continue
        groups: Sequence[Group] = breakdown.groups
        drawn = bars([group.samples[name].median for group in groups], style)
        first, last = (words.group_name(breakdown.by, groups[at]) for at in (0, -1))
        yield from labelled("medians", f"{first} {drawn} {last}", style)


def _notes(notes: Iterable[str], style: Style) -> Iterator[str]:
    for note in notes:
        yield from paragraph(note, style, role="dim")


def _impossible(told: Told, style: Style) -> Iterator[str]:
    """Every length below zero, by incident, so that somebody can put it right."""
    found = told.metrics.invalid
    if not found:
        return
    yield ""
    yield style.paint("warn", cut("Impossible: it ended before it began", style.width))
    yield from paragraph("times were mixed up, or clocks differ; none of these is counted", style, role="dim")
    for one in found[:MOST]:
        yield from labelled(one.incident, f"{words.measure_label(one.measure)}: {words.impossible(one)}", style)
    if len(found) > MOST:
        yield from paragraph(f"and {len(found) - MOST} more; --output json has them all", style)
