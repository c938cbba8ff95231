"""Measures for scripts: one object, or rows of CSV. Lengths are seconds, and null (empty) where nothing is known.

Names are only ever added. `COLUMNS` are what spreadsheets rely on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runbook.incident.metrics.compute import Breakdown, Group, Metrics
from runbook.incident.metrics.measures import BY_NAME
from runbook.incident.metrics.outages import NAME as MTBF
from runbook.incident.metrics.outages import Between
from runbook.incident.metrics.runs import RunMetrics
from runbook.incident.metrics.samples import BUCKETS, METHOD, Sample
from runbook.incident.metrics.trend import Trend
from runbook.report.metrics import words
from runbook.report.metrics.words import Told
from runbook.report.times import instant
from runbook.report.unread import unread_object

COLUMNS: Final = (
    "by", "group", "measure", "from", "to", "incidents", "n", "missing", "open", "invalid", "median_seconds",
    "p90_seconds", "min_seconds", "max_seconds", "mean_seconds", "target_seconds", "within_target",
    "within_target_share", "missing_times", "instead",
)  # fmt: skip


def metrics_object(told: Told) -> dict[str, Any]:
    """All of it, all four MTTRs among them; `mttr` says which one was asked for."""
    metrics = told.metrics
    question = metrics.question
    return {
        "metrics": {
            "at": instant(told.at),
            "window": {
                "since": instant(metrics.window.since),
                "until": instant(metrics.window.until),
                "since_first_incident": question.since is None,
            },
            "timezone": str(question.zone),
            "quantiles": METHOD,
            "mttr": question.mttr,
            "targets": {name: float(target) for name, target in question.targets.items()},
            "incidents": metrics.whole.incidents,
            "imported_left_out": metrics.left_out,
            **_group(metrics, metrics.whole),
            "by": [_breakdown(metrics, one) for one in metrics.breakdowns],
            "invalid": [{**one._asdict(), "seconds": _seconds(one.seconds)} for one in metrics.invalid],
            **unread_object(told.unread),
            "runs": runs_object(told),
        }
    }


def csv_rows(told: Told) -> Iterator[tuple[Any, ...]]:
    """One row for each group and measure, below `COLUMNS`; the group of all comes first."""
    metrics = told.metrics
    for breakdown in (Breakdown((), [metrics.whole]), *metrics.breakdowns):
        for group in breakdown.groups:
            for name, sample in [*group.samples.items(), (MTBF, group.between.sample)]:
                yield _row(metrics, breakdown.by, group, name, sample)


def _row(metrics: Metrics, by: tuple[str, ...], group: Group, name: str, sample: Sample) -> tuple[Any, ...]:
    measure, target = BY_NAME.get(name), metrics.target(name)
    mean = group.between.mean if name == MTBF else sample.mean
    within = sample.below(target) if target is not None else None
    share = within / sample.n if within is not None and sample.n else None
    named, ends = ", ".join(word or "" for word in group.key), (measure.start, measure.end) if measure else (None, None)
    return (
        "+".join(by), named, name, *ends, group.incidents, sample.n, sample.missing, sample.open, len(sample.invalid),
        *map(_seconds, (sample.median, sample.p90, sample.least, sample.most, mean)), target, within, share,
        dict(sample.lacks), dict(sample.instead),
    )  # fmt: skip


def _breakdown(metrics: Metrics, breakdown: Breakdown) -> dict[str, Any]:
    return {
        "by": list(breakdown.by),
        "groups": [
            {"group": dict(zip(breakdown.by, group.key, strict=True)), "incidents": group.incidents}
            | _group(metrics, group)
            for group in breakdown.groups
        ],
    }


def _group(metrics: Metrics, group: Group) -> dict[str, Any]:
    measures = {
        name: _measured(name, sample, metrics.target(name), group.trends.get(name))
        for name, sample in group.samples.items()
    }
    return {"measures": {**measures, MTBF: _between(group.between)}}


def _measured(name: str, sample: Sample, target: float | None, trend: Trend | None) -> dict[str, Any]:
    measure = BY_NAME[name]
    return {
        "title": measure.title,
        "from": measure.start,
        "to": measure.end,
        **_sample(sample),
        "mean_seconds": _seconds(sample.mean),
        "target": _target(sample, target),
        "trend": trend._asdict() if trend else None,
    }


def _sample(sample: Sample) -> dict[str, Any]:
    ends = [*map(float, BUCKETS), None]
    return {
        "n": sample.n,
        "missing": sample.missing,
        "missing_times": dict(sample.lacks),
        "open": sample.open,
        "invalid": len(sample.invalid),
        "instead": dict(sample.instead),
        "median_seconds": _seconds(sample.median),
        "p90_seconds": _seconds(sample.p90),
        "min_seconds": _seconds(sample.least),
        "max_seconds": _seconds(sample.most),
        "histogram": [
            {"up_to_seconds": end, "n": count} for end, count in zip(ends, sample.histogram, strict=True) if sample.n
        ],
    }


def _target(sample: Sample, target: float | None) -> Mapping[str, Any] | None:
    if target is None:
        return None
    within = sample.below(target)
    return {"below_seconds": float(target), "within": within, "share": within / sample.n if sample.n else None}


def _between(between: Between) -> dict[str, Any]:
    return {
        "title": words.MTBF_TITLE,
        **_sample(between.sample),
        "mean_seconds": _seconds(between.mean),
        "window": {"since": instant(between.window.since), "until": instant(between.window.until)},
        "services": between.services,
        "failures": between.failures,
        "uptime_seconds": _seconds(between.uptime),
        "downtime_seconds": _seconds(between.downtime),
    }


def runs_object(told: Told) -> dict[str, Any]:
    """What runs came to."""
    runs: RunMetrics = told.runs
    return {
        "runs": runs.runs,
        "open": runs.open,
        "dry_left_out": told.left_out_runs,
        "outcomes": dict(runs.outcomes),
        "options": [
            {
                "runbook": one.runbook,
                "option": one.option,
                "tried": one.tried,
                "resolved": one.resolved,
                "share": one.resolved / one.tried if one.tried else None,
                "ended": dict(one.ended),
            }
            for one in runs.options
        ],
        "modes": [
            {"mode": one.mode, "runs": one.runs, "finished": one.finished, "resolved": one.resolved}
            | {"until_resolved": _took(one.took)}
            for one in runs.modes
        ],
        "time_to_approve": _took(runs.approvals),
        "decisions": dict(runs.decisions),
        "rehearsed": {book: instant(at) for book, at in runs.rehearsed.items()},
        "drilled": instant(runs.drilled),
    }


def _seconds(value: float | None) -> float | None:
    """To the microsecond: records do not tell times more closely."""
    return None if value is None else round(value, 6)


def _took(sample: Sample) -> dict[str, Any]:
    return {**_sample(sample), "mean_seconds": _seconds(sample.mean)}
