"""Measures in OpenMetrics 1.0, for a file that a collector reads, or to be pushed.

They are gauges: a window moves on, and what it holds becomes fewer as well as more. Distributions are gauge histograms,
whose buckets count all that is not longer. What is not known has no sample: a 0 would be an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from runbook.incident.metrics.compute import Breakdown, Group
from runbook.incident.metrics.outages import NAME as MTBF
from runbook.incident.metrics.samples import BUCKETS, Sample
from runbook.report.metrics.words import Told

_PREFIX: Final = "runbook_"

Labels = Mapping[str, str]


class _Sample(NamedTuple):
    suffix: str
    labels: Labels
    value: float


class _Family(NamedTuple):
    name: str
    type: str
    unit: str
    help: str
    samples: list[_Sample]


def openmetrics(told: Told) -> str:
    """The whole exposition, with its `# EOF`."""
    families = [*_incidents(told), *_runs(told), _unread(told)]
    return "".join(f"{line}\n" for family in families for line in _lines(family)) + "# EOF\n"


def _incidents(told: Told) -> list[_Family]:
    incidents = _Family("incidents", "gauge", "", "Incidents that began in the window.", [])
    length = "incident_duration_seconds"
    lengths = _Family(length, "gaugehistogram", "seconds", "What a measure is, of each incident where it is known.", [])
    stats = _Family(
        "incident_duration_stat_seconds", "gauge", "seconds", "Median, p90, min, max and mean of a measure.", []
    )
    unknown = _Family("incidents_unmeasured", "gauge", "", "Incidents whose measure is not known, and why.", [])
    within = _Family("incident_within_target_ratio", "gauge", "ratio", "Share of a measure that is below target.", [])
    targets = _Family("incident_target_seconds", "gauge", "seconds", "What a measure is to stay below.", [])
    up = _Family("incident_uptime_seconds", "gauge", "seconds", "Uptime of all services in the window.", [])
    down = _Family("incident_downtime_seconds", "gauge", "seconds", "Downtime of all services in the window.", [])
    failures = _Family("incident_failures", "gauge", "", "Failures that began; those that overlap are one.", [])
    for labels, group in _groups(told):
        incidents.samples.append(_Sample("", labels, group.incidents))
        for name, sample in [*group.samples.items(), (MTBF, group.between.sample)]:
            of = {**labels, "measure": name}
            mean = group.between.mean if name == MTBF else sample.mean
            lengths.samples.extend(_histogram(sample, of))
            stats.samples.extend(_stats(sample, mean, of))
            unknown.samples.extend(_unknown(sample, of))
            target = told.metrics.target(name)
            if target is not None and sample.n:
                within.samples.append(_Sample("", of, sample.below(target) / sample.n))
        up.samples.append(_Sample("", labels, group.between.uptime))
        down.samples.append(_Sample("", labels, group.between.downtime))
        failures.samples.append(_Sample("", labels, group.between.failures))
    for name in told.metrics.whole.samples:
        if (target := told.metrics.target(name)) is not None:
            targets.samples.append(_Sample("", {"measure": name}, target))
    return [incidents, lengths, stats, unknown, within, targets, up, down, failures]


def _groups(told: Told) -> Iterator[tuple[Labels, Group]]:
    """Every group with its labels; `by` says of which breakdown, so that sums do not count an incident twice."""
    metrics = told.metrics
    for breakdown in (Breakdown((), [metrics.whole]), *metrics.breakdowns):
        for group in breakdown.groups:
            words = zip(breakdown.by, group.key, strict=True)
            yield {"by": "+".join(breakdown.by), **{name: word or "" for name, word in words}}, group


def _histogram(sample: Sample, labels: Labels) -> Iterator[_Sample]:
    so_far = 0
    for end, count in zip([*map(_number, BUCKETS), "+Inf"], sample.histogram, strict=True):
        so_far += count
        yield _Sample("_bucket", {**labels, "le": end}, so_far)
    yield _Sample("_gcount", labels, sample.n)
    yield _Sample("_gsum", labels, sum(sample.values))


def _stats(sample: Sample, mean: float | None, labels: Labels) -> Iterator[_Sample]:
    known = {"median": sample.median, "p90": sample.p90, "min": sample.least, "max": sample.most, "mean": mean}
    for stat, value in known.items():
        if value is not None and sample.n:
            yield _Sample("", {**labels, "stat": stat}, value)


def _unknown(sample: Sample, labels: Labels) -> Iterator[_Sample]:
    for name, count in sample.lacks.items():
        yield _Sample("", {**labels, "why": "missing", "time": name}, count)
    yield _Sample("", {**labels, "why": "open", "time": ""}, sample.open)
    yield _Sample("", {**labels, "why": "invalid", "time": ""}, len(sample.invalid))


def _runs(told: Told) -> list[_Family]:
    runs = told.runs
    approve = _Family(
        "approval_wait_seconds", "gaugehistogram", "seconds", "From a gate's opening until people granted it.", []
    )
    approve.samples.extend(_histogram(runs.approvals, {}))
    outcomes = _Family("runs", "gauge", "", "Runs in the window; an open one has no outcome yet.", [])
    outcomes.samples.extend(_Sample("", {"outcome": how}, count) for how, count in runs.outcomes.items())
    outcomes.samples.append(_Sample("", {"outcome": ""}, runs.open))
    modes = _Family("runs_by_mode", "gauge", "", "Runs by who decided.", [])
    modes.samples.extend(_Sample("", {"mode": one.mode}, one.runs) for one in runs.modes)
    options = _Family("option_ended", "gauge", "", "How options ended.", [])
    options.samples.extend(
        _Sample("", {"runbook": one.runbook, "option": one.option, "ended": how}, count)
        for one in runs.options
        for how, count in one.ended.items()
    )
    rehearsed = _Family("rehearsed_timestamp_seconds", "gauge", "seconds", "When a runbook was last rehearsed.", [])
    rehearsed.samples.extend(_Sample("", {"runbook": book}, at) for book, at in runs.rehearsed.items())
    drilled = _Family("drilled_timestamp_seconds", "gauge", "seconds", "When the last drill began.", [])
    drilled.samples.extend(_Sample("", {}, at) for at in [runs.drilled] if at is not None)
    return [outcomes, modes, options, approve, rehearsed, drilled]


def _unread(told: Told) -> _Family:
    """What is in no number above. It is always said, so that an alert on it can tell none from nobody looking."""
    family = _Family("unreadable", "gauge", "", "Records of incidents and runs that could not be read.", [])
    for what in ("incident", "run", "rehearsal", "drill"):
        count = sum(one.stream.startswith(f"{what}/") for one in told.unread)
        family.samples.append(_Sample("", {"what": what}, count))
    return family


def _lines(family: _Family) -> Iterable[str]:
    if not family.samples:
        return
    name = _PREFIX + family.name
    yield f"# TYPE {name} {family.type}"
    if family.unit:
        yield f"# UNIT {name} {family.unit}"
    yield f"# HELP {name} {_escaped(family.help)}"
    for sample in family.samples:
        labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in sample.labels.items())
        yield (
            f"{name}{sample.suffix}{{{labels}}} {_number(sample.value)}"
            if labels
            else (f"{name}{sample.suffix} {_number(sample.value)}")
        )


def _number(value: float) -> str:
    return repr(float(value))


def _escaped(text: str) -> str:
    """As the grammar asks; what no line may hold stays escaped twice, and is text."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
