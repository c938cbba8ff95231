"""`metrics --html`: one page with the numbers, what they are made of, and what is not known; to print or to send on.

A section for each measure: a table with a row for each group, the plots, and the gaps. Without `--by` the command asks
for severity, service, type and month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runbook.core.words import Ended, Mode
from runbook.document.durations import spoken
from runbook.incident.metrics.compute import Breakdown, Group, Metrics
from runbook.incident.metrics.measures import BY_NAME
from runbook.incident.metrics.outages import NAME as MTBF
from runbook.incident.metrics.samples import METHOD, Sample
from runbook.incident.metrics.trend import FEWEST
from runbook.report import html, svg
from runbook.report.markup import Child, Markup, element, joined
from runbook.report.metrics import plots, words
from runbook.report.metrics.plots import sample_of
from runbook.report.metrics.runs_text import DECIDERS, ago
from runbook.report.metrics.words import NOTHING, Told, length
from runbook.report.times import instant, minute

_MOST = 200  # impossible lengths that are listed


def metrics_page(told: Told) -> str:
    """The whole file."""
    metrics = told.metrics
    measures = [*(one.name for one in words.shown_measures(metrics)), MTBF]
    known = bool(metrics.whole.incidents)
    nav = [(_anchor(name), words.measure_label(name)) for name in measures] if known else []
    nav += [("runs", "Runbooks"), *([("impossible", "Impossible")] if metrics.invalid else []), ("terms", "Terms")]
    return html.page(
        "Incident metrics",
        _headline(told, measures) if known else html.banner(html.paragraph(_NONE), role="busy"),
        *([_section(told, name) for name in measures] if known else []),
        _runs(told),
        _impossible(metrics) if metrics.invalid else None,
        _terms(metrics),
        head=_head(told),
        nav=nav,
        foot=["Measured ", element("time", minute(told.at), datetime=instant(told.at)), "."],
        style=svg.STYLE,
    )


_NONE = "No incident began in this window. `runbook incident declare` begins one; --since and --until move the window."


def _head(told: Told) -> list[tuple[str, Child]]:
    metrics = told.metrics
    head: list[tuple[str, Child]] = [("Window", words.window_words(metrics)), ("Incidents", metrics.whole.incidents)]
    if running := metrics.whole.samples["mttr_resolve"].open:
        head.append(("Not resolved yet", running))
    if metrics.left_out:
        head.append(("Imported, left out", metrics.left_out))
    if told.unread:
        head.append(("Unreadable", words.unread_words(told)))
    return head


def _headline(told: Told, measures: Sequence[str]) -> Markup:
    """A large number for each measure: its median, with how many that is of."""
    return html.figures([(words.measure_label(name), *_large(told.metrics, name)) for name in measures])


def _large(metrics: Metrics, name: str) -> tuple[Child, Child]:
    sample, target = sample_of(metrics.whole, name), metrics.target(name)
    if not sample.n:
        return NOTHING, "nothing known"
    small: list[Child] = [element("div", f"median of {sample.n}"), element("div", f"p90 {length(sample.p90)}")]
    if target is not None:
        small.append(element("div", f"{words.percent(sample.below(target), sample.n)} below {spoken(target)}"))
    return length(sample.median), small


# --- a measure ----------------------------------------------------------------------------------------------------


def _section(told: Told, name: str) -> Markup:
    metrics = told.metrics
    measure, target = BY_NAME.get(name), metrics.target(name)
    aim = f" Target: below {spoken(target)}." if target is not None else ""
    means = f"{words.clocks(measure)}." if measure else f"{words.MTBF_MEANS[0].upper()}{words.MTBF_MEANS[1:]}."
    sample = sample_of(metrics.whole, name)
    return html.section(
        f"{words.measure_label(name)}: {words.title_of(name)}",
        html.paragraph(f"{means[0].upper()}{means[1:]}{aim}", soft=True),
        _table(metrics, name, target),
        *_notes(metrics, name, sample),
        _drawings(metrics, name) if sample.n else None,
        anchor=_anchor(name),
    )


def _table(metrics: Metrics, name: str, target: float | None) -> Markup:
    within = ["in target"] if target is not None else []
    header = ["", "n", "median", "p90", *within, "min", "max", "mean", "missing", "not over"]
    rows: list[Sequence[Child] | Markup] = [_row("all", metrics.whole, name, target)]
    for breakdown in metrics.breakdowns:
        if breakdown.by == ("month",) and sample_of(metrics.whole, name).n:
            continue  # drawn below
        rows.append(html.between(words.by_name(breakdown.by), len(header)))
        rows += [_row(words.group_name(breakdown.by, group), group, name, target) for group in breakdown.groups]
    return html.table(header, rows, numbers=range(1, len(header)), heads=True)


def _row(title: str, group: Group, name: str, target: float | None) -> list[Child]:
    sample = sample_of(group, name)
    mean = group.between.mean if name == MTBF else sample.mean
    within = [words.percent(sample.below(target), sample.n)] if target is not None else []
    lengths = map(length, (sample.least, sample.most, mean))
    unknown = [str(count) if count else "" for count in (sample.missing, sample.open)]
    return [title, sample.n, length(sample.median), length(sample.p90), *within, *lengths, *unknown]


def _notes(metrics: Metrics, name: str, sample: Sample) -> Iterator[Markup]:
    notes = [words.uptime(metrics.whole.between)] if name == MTBF else []
    notes += words.gaps(sample)
    trend = words.trend_words(
        metrics.whole.trends.get(name), sample, compared=metrics.question.since is not None and name != MTBF
    )
    notes += [trend] if trend else []
    if notes:
        yield html.bullets([f"{note[0].upper()}{note[1:]}." for note in notes])


def _drawings(metrics: Metrics, name: str) -> Markup:
    """The plots: shares and single lengths by the first breakdown with a few groups, then the months."""
    split = next((one for one in metrics.breakdowns if "month" not in one.by and _few(one)), None)
    plot = plots.plot_of(metrics, name, split)
    drawn = [plots.ecdf(plot), plots.strip(plot)]
    for breakdown in metrics.breakdowns:
        if breakdown.by == ("month",):
            drawn.append(plots.months(plots.plot_of(metrics, name, breakdown)))
    return element("div", [html.figure(each) for each in drawn], class_="drawings")


def _few(breakdown: Breakdown) -> bool:
    return len(breakdown.groups) <= len(svg.SERIES)


# --- the rest -----------------------------------------------------------------------------------------------------


def _runs(told: Told) -> Markup:
    runs = told.runs
    facts: list[tuple[str, Child]] = [("Runs", f"{runs.runs}; {words.ended_words(runs.outcomes) or 'none has ended'}")]
    facts += [("Open", runs.open)] if runs.open else []
    facts += [("Dry runs, left out", told.left_out_runs)] if told.left_out_runs else []
    sample = runs.approvals
    took = (
        f"median {length(sample.median)}, p90 {length(sample.p90)} (n {sample.n})"
        if sample.n
        else "no gate that people were asked at"
    )
    facts += [("Time to approve", took), ("Gates", words.ended_words(runs.decisions) or "none opened")]
    rehearsed = [f"{book}: {ago(at, told.at)}" for book, at in runs.rehearsed.items()]
    facts += [("Last rehearsal", html.bullets(rehearsed) if rehearsed else "none in this store")]
    facts += [("Last drill", ago(runs.drilled, told.at))]
    modes: list[Sequence[Child]] = [
        [
            DECIDERS[Mode(one.mode)],
            one.runs,
            words.share(one.resolved, one.finished),
            length(one.took.median),
            one.took.n,
        ]
        for one in runs.modes
    ]
    options = [
        [
            html.code(f"{one.runbook}/{one.option}"),
            words.share(one.resolved, one.tried),
            words.ended_words(one.ended, Ended.RESOLVED) or NOTHING,
        ]
        for one in runs.options
    ]
    return html.section(
        "Runbooks",
        html.facts(facts),
        html.table(
            ["decided by", "runs", "resolved of finished", "median until resolved", "n"],
            modes,
            numbers={1, 2, 3, 4},
            heads=True,
        )
        if modes
        else None,
        html.table(["option", "resolved when tried", "ended otherwise"], options, numbers={1}, heads=True)
        if options
        else None,
        anchor="runs",
    )


def _impossible(metrics: Metrics) -> Markup:
    found = metrics.invalid
    rows = [[one.incident, words.measure_label(one.measure), words.impossible(one)] for one in found[:_MOST]]
    more = f"and {len(found) - _MOST} more; `runbook metrics --output json` lists all of them"
    return html.section(
        "Impossible",
        html.paragraph("It ended before it began: times were mixed up, or clocks differ. None of these is counted."),
        html.table(["incident", "measure", "why"], rows, heads=True),
        html.paragraph(more, soft=True) if len(found) > _MOST else None,
        anchor="impossible",
    )


def _terms(metrics: Metrics) -> Markup:
    others = [one for one in BY_NAME.values() if one.name.startswith("mttr_")]
    rows: list[Sequence[Child]] = [
        [one.label, words.clocks(one), sample.n, length(sample.median), length(sample.p90)]
        for one in others
        if (sample := metrics.whole.samples[one.name]) is not None
    ]
    return html.section(
        "Terms",
        html.bullets(
            [
                "An incident belongs to the window and the month in which its impact began, as far as that is known.",
                "Its severity is the highest that it ever had.",
                "What is missing is counted as missing, never as zero; what is not over yet is counted as that.",
                f"Quantiles are of {METHOD}.",
                f"A trend is said from {FEWEST} incidents in either window on, and only beyond what chance does.",
                joined(["MTTR: ", words.MTTR_MEANS, "."]),
            ]
        ),
        html.table(["", "clock", "n", "median", "p90"], rows, numbers={2, 3, 4}, heads=True, caption="The four MTTRs"),
        anchor="terms",
    )


def _anchor(name: str) -> str:
    return name.replace("_", "-")
