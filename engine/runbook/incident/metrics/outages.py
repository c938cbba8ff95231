"""How long a service stays up between two failures, and so MTBF.

A failure of a service lasts from the beginning of an incident's impact until it was mitigated, or resolved where nobody
said when it was mitigated; what is not over yet is counted as such, and is no failure yet: an incident that somebody
forgot to resolve would otherwise be the only failure for years. Failures that overlap or touch are one. Between two
that follow each other lies a stretch of uptime; it belongs to the window in which the failure began that ended it. What
lies before a service's first failure and after its last is in the sum of uptime only. Incidents that name no service
belong to none, and are counted as lacking it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from runbook.incident.metrics.facts import Facts
from runbook.incident.metrics.samples import Instead, Invalid, Judged, Lacks, Sample, sampled

NAME = "mtbf"


class Window(NamedTuple):
    """What is looked at: from `since` until before `until`, in seconds since 1970, UTC."""

    since: float
    until: float

    def holds(self, at: float) -> bool:
        """Whether a moment lies in it."""
        return self.since <= at < self.until


class Between(NamedTuple):
    """Uptime in a window, of all services together. Seconds.

    `sample` holds the stretches between two failures; `uptime` and `downtime` are of all `services` that failed in the
    window or before it.
    """

    sample: Sample
    window: Window
    services: int
    failures: int
    uptime: float
    downtime: float

    @property
    def mean(self) -> float | None:
        """Uptime for each failure: what the letters of MTBF say. None where no stretch was seen whole: one failure in
        a window that begins with it would have next to no uptime.
        """
        return self.uptime / self.failures if self.sample.n else None


class Outages:
    """Merged failures of each service, to be asked about any window."""

    def __init__(self, incidents: Iterable[Facts]) -> None:
        spans: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        self._noted: list[tuple[float, Judged]] = []  # what is to be said of an incident, and when it began
        for one in incidents:
            start, end = one.began, one.mitigated if one.mitigated is not None else one.resolved
            if one.service is None:
                self._noted.append((start, Lacks("service")))
            elif end is None:
                self._noted.append((start, None if one.is_open("resolved") else Lacks("mitigated")))
            elif end < start:
                ended = "mitigated" if one.mitigated is not None else "resolved"
                self._noted.append((start, Invalid(one.id, NAME, one.noticed, ended, end - start)))
            else:
                spans[one.service].append((start, end))
                if one.impact_started is None:
                    self._noted.append((start, Instead(0.0, (one.noticed,))))
        self._services: Mapping[str, list[tuple[float, float]]] = {name: _merged(each) for name, each in spans.items()}

    def within(self, window: Window) -> Between:
        """What a window has seen of them."""
        stretches: list[float] = []
        failures = services = 0
        downtime = 0.0
        for spans in self._services.values():
            first, after = (bisect_left(spans, (at,)) for at in window)
            reach = bisect_right(spans, window.since, key=lambda span: span[1])  # the first that still lasts in it
            downtime += sum(min(end, window.until) - max(begin, window.since) for begin, end in spans[reach:after])
            failures += after - first
            services += after > 0
            stretches += [spans[at][0] - spans[at - 1][1] for at in range(max(first, 1), after)]
        noted = sampled([one for at, one in self._noted if window.holds(at)])
        observed = services * (window.until - window.since)
        sample = noted._replace(values=sorted(stretches))
        return Between(sample, window, services, failures, observed - downtime, downtime)


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
