"""What runbooks did, for a terminal: outcomes, options, who decided, how long a yes took, what was rehearsed."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.core.words import Ended, Mode
from runbook.incident.metrics.runs import RunMetrics
from runbook.report.layout import heading, labelled, paragraph, table
from runbook.report.metrics import words
from runbook.report.metrics.words import NOTHING, Told, length
from runbook.report.style import Style
from runbook.report.times import span

_LABEL = 19
DECIDERS = {Mode.BY_HAND: "people", Mode.AUTO: "the policy", Mode.DRY: "nobody (dry)"}


def runs_lines(told: Told, style: Style) -> Iterator[str]:
    """The lines."""
    runs = told.runs
    yield heading("Runbook metrics", style)
    left = (
        f"; {words.counted(told.left_out_runs, 'dry run')} left out (--dry counts them)" if told.left_out_runs else ""
    )
    if not runs.runs:
        yield from paragraph(f"no runs in this window{left}", style)
    else:
        outcomes = words.ended_words(runs.outcomes)
        open_ = f"; {runs.open} open" if runs.open else ""
        said = f"{runs.runs}: {outcomes}{open_}{left}" if outcomes else f"{runs.runs}, all of them open{left}"
        yield from labelled("runs", said, style, width=_LABEL)
        yield from labelled("time to approve", approvals(runs), style, width=_LABEL)
        yield from _modes(runs, style)
        yield from _options(runs, style)
    yield from labelled("last rehearsal", rehearsed(told), style, width=_LABEL)
    yield from labelled("last drill", ago(runs.drilled, told.at), style, width=_LABEL)


def approvals(runs: RunMetrics) -> str:
    """`median 2m, p90 9m (n 14); 1 still open; gates: granted 14, denied 2`."""
    sample = runs.approvals
    took = (
        f"median {length(sample.median)}, p90 {length(sample.p90)} (n {sample.n})"
        if sample.n
        else "no gate that people were asked at"
    )
    gates = words.ended_words(runs.decisions)
    return f"{took}; gates: {gates}" if gates else took


def rehearsed(told: Told) -> str:
    """How long ago each runbook was last rehearsed in this store."""
    if not told.runs.rehearsed:
        return "none in this store"
    return "; ".join(f"{book} {ago(at, told.at)}" for book, at in told.runs.rehearsed.items())


def ago(at: float | None, now: float) -> str:
    """`12d ago`."""
    return "none in this store" if at is None else f"{span(max(0.0, now - at))} ago"


def _modes(runs: RunMetrics, style: Style) -> Iterator[str]:
    """Runs that people decided beside those that the policy did."""
    rows = [
        (
            DECIDERS[Mode(one.mode)],
            str(one.runs),
            words.share(one.resolved, one.finished),
            f"{length(one.took.median)} (n {one.took.n})" if one.took.n else NOTHING,
        )
        for one in runs.modes
    ]
    header = ("decided by", "runs", "resolved of finished", "median until resolved")
    yield from (f"  {line}" for line in table(rows, style.narrowed(2), header=header))


def _options(runs: RunMetrics, style: Style) -> Iterator[str]:
    """Each option, by what came of it when it was tried."""
    rows = [
        (
            f"{one.runbook}/{one.option}",
            words.share(one.resolved, one.tried),
            words.ended_words(one.ended, Ended.RESOLVED) or NOTHING,
        )
        for one in runs.options
    ]
    if rows:
        header = ("option", "resolved when tried", "else")
        yield from (f"  {line}" for line in table(rows, style.narrowed(2), header=header, give=2))
