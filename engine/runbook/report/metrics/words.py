"""What is said about measures wherever they are drawn: names of groups, what is missing, what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from runbook.document.durations import spoken
from runbook.incident.metrics.compute import Group, Metrics
from runbook.incident.metrics.measures import BY_NAME, Measure
from runbook.incident.metrics.outages import Between
from runbook.incident.metrics.runs import RunMetrics
from runbook.incident.metrics.samples import Invalid, Sample
from runbook.incident.metrics.trend import FEWEST, Trend, Way
from runbook.journal import Unread
from runbook.report.times import span

NOTHING: Final = "-"
MTBF_LABEL: Final = "MTBF"
MTBF_TITLE: Final = "time between failures"
MTBF_MEANS: Final = (
    "uptime of a service from the end of a failure to the beginning of the next; overlapping impact is one failure"
)
MTTR_MEANS: Final = (
    "four measures share this name and differ in where the clock starts: repair when work on it began, respond at the "
    "alert, resolve when it was detected, recovery when the impact started; all stop when it is resolved"
)


class Told(NamedTuple):
    """All that is drawn: incidents and runs. `at` is when they were measured; `left_out_runs` are dry ones.

    What is `unread` could not be read, and is in no number.
    """

    metrics: Metrics
    runs: RunMetrics
    at: float
    left_out_runs: int = 0
    unread: tuple[Unread, ...] = ()


def unread_words(told: Told) -> str:
    """`INC-3, run 01jd…: their records cannot be read, so that they are in no number here`; empty where all were."""
    if not told.unread:
        return ""
    named = [one.stream.removeprefix("incident/").replace("/", " ") for one in told.unread]
    some = ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
    return f"{some}: cannot be read (`runbook log verify`), and are in no number here"


def shown_measures(metrics: Metrics) -> list[Measure]:
    """Those that people are shown: of the MTTRs the one that was asked for."""
    return [one for one in BY_NAME.values() if not one.name.startswith("mttr_") or one.name == metrics.question.mttr]


def group_name(by: tuple[str, ...], group: Group) -> str:
    """`SEV1`, `SEV1, api`, `SEV1, no service`; the group of all is `all`."""
    named = zip(by, group.key, strict=True)
    return ", ".join(word if word is not None else f"no {name.replace('_', ' ')}" for name, word in named) or "all"


def by_name(by: tuple[str, ...]) -> str:
    """`by severity and service`."""
    return "by " + " and ".join(name.replace("_", " ") for name in by)


def clocks(measure: Measure) -> str:
    """From when to when, with what stands in for what: `impact started → detected (else alerted)`."""

    def said(names: tuple[str, ...]) -> str:
        first, *others = (name.replace("_", " ") for name in names)
        return first + (f" (else {', '.join(others)})" if others else "")

    return f"{said(measure.starts)} → {said(measure.ends)}"


def length(seconds: float | None) -> str:
    """A length of time in a cell."""
    return NOTHING if seconds is None else span(seconds)


def share(part: int, whole: int) -> str:
    """`31 of 38, 82 %`."""
    return f"{part} of {whole}, {percent(part, whole)}" if whole else NOTHING


def percent(part: int, whole: int) -> str:
    """`82 %`."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else NOTHING


def day(at: float, zone: tzinfo) -> str:
    """A day, and its minute where it does not begin there."""
    here = datetime.fromtimestamp(at, zone)
    return here.strftime("%Y-%m-%d") if (here.hour, here.minute, here.second) == (0, 0, 0) else f"{here:%Y-%m-%d %H:%M}"


def window_words(metrics: Metrics) -> str:
    """`2026-08-25 14:00 to 2026-11-23 14:00 UTC`; without a beginning, that it is that of the first incident."""
    question, window = metrics.question, metrics.window
    zone = "UTC" if question.zone is UTC else str(question.zone)
    if not metrics.whole.incidents:
        if question.since is None:
            return f"everything until {day(window.until, question.zone)} {zone}"
        return f"{day(window.since, question.zone)} to {day(window.until, question.zone)} {zone}"
    first = "" if question.since is not None else " (since the first incident)"
    return f"{day(window.since, question.zone)} to {day(window.until, question.zone)} {zone}{first}"


def gaps(sample: Sample) -> Iterator[str]:
    """What of a sample is not known, in sentences: missing, not over, impossible, stood in for."""
    if sample.missing:
        without = ", ".join(f"{count} without {name.replace('_', ' ')}" for name, count in sample.lacks.items())
        yield f"{sample.missing} missing, never counted as zero: {without}"
    if sample.open:
        yield f"{sample.open} not over yet"
    if sample.invalid:
        yield f"{len(sample.invalid)} impossible, not counted: {_named(sample.invalid)}"
    if sample.instead:
        used = ", ".join(f"{name.replace('_', ' ')} in {count}" for name, count in sample.instead.items())
        yield f"another time stood in where one was missing: {used}"


def impossible(one: Invalid) -> str:
    """`resolved is 3m before detected`."""
    return f"{one.end.replace('_', ' ')} is {spoken(-one.seconds)} before {one.start.replace('_', ' ')}"


def measure_label(name: str) -> str:
    """`MTTR (resolve)` of `mttr_resolve`."""
    return BY_NAME[name].label if name in BY_NAME else MTBF_LABEL


def title_of(name: str) -> str:
    """`time to detect` of `mttd`."""
    return BY_NAME[name].title if name in BY_NAME else MTBF_TITLE


def trend_words(trend: Trend | None, sample: Sample, *, compared: bool) -> str | None:
    """How a measure went since the window before, or why nobody can tell; None where there is no window before."""
    if not compared or not sample.n:
        return None
    if trend is None:
        return f"no trend: fewer than {FEWEST} in this window or the one before"
    was = f"median {span(trend.now)}, in the window before {span(trend.before)} (n {sample.n} and {trend.n_before})"
    if trend.way is Way.SAME:
        return f"no difference beyond chance: {was}"
    return f"{trend.way} than before, beyond chance (p {trend.chance:.2g}): {was}"


def uptime(between: Between) -> str:
    """`9 failures of 3 services in 270d of service: 4h down, and so 29d of uptime for each failure`."""
    observed = between.uptime + between.downtime
    if not between.failures:
        return f"no failure began in this window, of {between.services} services that had one before"
    failures, services = counted(between.failures, "failure"), counted(between.services, "service")
    said = f"{failures} of {services} in {span(observed)} of service: {span(between.downtime)} down"
    return f"{said}; {span(between.mean)} up for each failure (the mean)" if between.mean is not None else said


def counted(count: int, word: str) -> str:
    """`1 failure`, `2 failures`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def ended_words(ended: Mapping[str, int], *without: str) -> str:
    """`not helped 2, denied 1`."""
    return ", ".join(f"{how.replace('_', ' ')} {count}" for how, count in ended.items() if how not in without)


def _named(invalid: Sequence[Invalid]) -> str:
    ids = [one.incident for one in invalid]
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
