"""All measures of all incidents, together and by group: what `runbook metrics` draws.

An incident belongs to the window, and to the month, in which it began (`Facts.began`). A breakdown is a set of groups
by one dimension or several crossed; incidents that lack the dimension are a group of their own, None. The window before
serves the trend only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from runbook.incident.metrics.facts import Facts
from runbook.incident.metrics.measures import MEASURES, RESOLVE, target_of
from runbook.incident.metrics.outages import Between, Outages, Window
from runbook.incident.metrics.samples import Invalid, Sample, judged, sampled
from runbook.incident.metrics.trend import Trend, trend

DIMENSIONS: Final = ("severity", "declared_severity", "service", "type", "month")

Key = tuple[str | None, ...]


class Question(NamedTuple):
    """What is asked. `since` None: from the first incident on; then there is no window before, and no trend.

    `mttr` is the MTTR that is meant where only one is shown, and that its target holds for. `severities` are the
    Catalog's, the worst first, and so are `targets` (`mttd`, `mtta`, `mttm`, `mttr`: seconds); months are those of
    `zone`.
    """

    by: Sequence[tuple[str, ...]] = ()
    since: float | None = None
    until: float | None = None
    zone: tzinfo = UTC
    mttr: str = RESOLVE
    severities: Sequence[str] = ()
    targets: Mapping[str, float] = {}
    imported: bool = False


class Group(NamedTuple):
    """Some incidents, and every measure of them by name. `key` has a word for each dimension of its breakdown."""

    key: Key
    incidents: int
    samples: Mapping[str, Sample]
    between: Between
    trends: Mapping[str, Trend]


class Breakdown(NamedTuple):
    """Groups by these dimensions; by none there is one, of all."""

    by: tuple[str, ...]
    groups: Sequence[Group]


class Metrics(NamedTuple):
    """What came of it. `left_out` are imported incidents that nobody asked for."""

    question: Question
    window: Window
    whole: Group
    breakdowns: Sequence[Breakdown]
    left_out: int

    @property
    def invalid(self) -> list[Invalid]:
        """Every length that cannot be, of all measures."""
        samples = [*self.whole.samples.values(), self.whole.between.sample]
        return [one for sample in samples for one in sample.invalid]

    def target(self, measure: str) -> float | None:
        """What a measure is to stay below, in seconds."""
        return target_of(measure, self.question.targets, self.question.mttr)


def metrics(incidents: Sequence[Facts], question: Question, now: float) -> Metrics:
    """Measure incidents, in any order; `now` ends the window where the question does not."""
    asked = [one for one in incidents if question.imported or not one.imported]
    window = _window(asked, question, now)
    before = Window(2 * window.since - window.until, window.since) if question.since is not None else None
    asked_for = window._replace(since=question.since if question.since is not None else -math.inf)
    work = _Work(asked, window, before, question)
    return Metrics(
        question,
        window,
        work.breakdown(()).groups[0],
        [work.breakdown(by) for by in question.by],
        0 if question.imported else sum(one.imported and asked_for.holds(one.began) for one in incidents),
    )


def month_of(at: float, zone: tzinfo) -> str:
    """`2026-11`, where the clock of that zone shows it."""
    here = datetime.fromtimestamp(at, zone)
    return f"{here.year:04}-{here.month:02}"


def month_window(month: str, zone: tzinfo) -> Window:
    """From the first moment of a month to the first of the next."""
    year, number = int(month[:4]), int(month[5:])
    first = datetime(year, number, 1, tzinfo=zone)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=zone)
    return Window(first.timestamp(), after.timestamp())


def _window(incidents: Sequence[Facts], question: Question, now: float) -> Window:
    until = question.until if question.until is not None else now
    if question.since is not None:
        return Window(question.since, until)
    return Window(min((one.began for one in incidents), default=until), until)


class _Work:
    """Incidents that were asked about, judged once; groups are made of their places in the list."""

    def __init__(self, incidents: Sequence[Facts], window: Window, before: Window | None, question: Question) -> None:
        self._incidents = incidents
        self._window = window
        self._question = question
        self._judged = {measure.name: judged(measure, incidents) for measure in MEASURES}
        began = [one.began for one in incidents]
        self.current = [place for place, at in enumerate(began) if window.holds(at)]
        self._earlier = [place for place, at in enumerate(began) if before is not None and before.holds(at)]
        self._months = [month_of(at, question.zone) for at in began]

    def breakdown(self, by: tuple[str, ...]) -> Breakdown:
        """Every group, in the order in which people read them."""
        now, earlier = self._grouped(self.current, by), self._grouped(self._earlier, by)
        keys = sorted(now, key=lambda key: self._order(by, key)) if by else [()]
        places = self._grouped(range(len(self._incidents)), _timeless(by))
        outages = {key: Outages([self._incidents[at] for at in each]) for key, each in places.items()}
        groups = []
        for key in keys:
            samples, past = self._samples(now.get(key, ())), self._samples(earlier.get(key, ()))
            trends = {name: found for name in samples if (found := trend(past[name], samples[name])) is not None}
            known = outages.get(_without_month(by, key)) or Outages(())
            between = known.within(self._window_of(by, key))
            groups.append(Group(key, len(now.get(key, ())), samples, between, trends))
        return Breakdown(by, groups)

    def _samples(self, places: Sequence[int]) -> Mapping[str, Sample]:
        return {name: sampled([each[at] for at in places]) for name, each in self._judged.items()}

    def _window_of(self, by: tuple[str, ...], key: Key) -> Window:
        """The whole window, or the part of it that lies in the group's month."""
        window = self._window
        if "month" not in by:
            return window
        month = month_window(str(key[by.index("month")]), self._question.zone)
        return Window(max(window.since, month.since), min(window.until, month.until))

    def _grouped(self, places: Iterable[int], by: tuple[str, ...]) -> Mapping[Key, list[int]]:
        columns = [self._months if name == "month" else [getattr(one, name) for one in self._incidents] for name in by]
        groups: defaultdict[Key, list[int]] = defaultdict(list)
        for at in places:
            groups[tuple([column[at] for column in columns])].append(at)
        return groups

    def _order(self, by: tuple[str, ...], key: Key) -> tuple[tuple[int, str], ...]:
        """Severities as the Catalog has them, all else by name; what is not known comes last."""
        ranks = {name: rank for rank, name in enumerate(self._question.severities)}
        return tuple(
            (len(ranks) + 1, "")
            if word is None
            else (ranks.get(word, len(ranks)) if name.endswith("severity") else 0, word)
            for name, word in zip(by, key, strict=True)
        )


def _timeless(by: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in by if name != "month")


def _without_month(by: tuple[str, ...], key: Key) -> Key:
    return tuple(word for name, word in zip(by, key, strict=True) if name != "month")
