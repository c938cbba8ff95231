"""A Prometheus as it would have answered at moments of the past: what kinds ask it `now`, it answers for then.

`Recorded` reads every query once for all moments, in parts that a server answers, and answers each moment from memory:
thirty days of minutes are nine requests, not forty thousand. `At` asks the server itself for one moment. Reads only.

A server that was down has no samples, and to a query with `or vector(0)` that looks like health. So the newest sample
of `up` is looked at first: where it is too old, nobody was looking then, and every answer is an error that says so.
Alerts are the series `ALERTS`; without any `up`, that there are none says nothing.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from runbook.clients.prometheus import PrometheusClient
from runbook.clients.prometheus.api import Alert, Answer, RangeAnswer, Series
from runbook.errors import RunbookError, WorldError

PART: Final = 5_000  # points of one request; a server gives 11,000
MOST_POINTS: Final = 2_000_000  # of all series of one query
MOST_QUERIES: Final = 100
FAILURES: Final = 3  # parts of one query in a row, until the rest of it is not asked for
ALERTS: Final = "ALERTS"
WATCH: Final = "max(timestamp(up))"
_STALE: Final = 60.0

NOT_WATCHED: Final = "Prometheus has no samples of its own (`up`) from then: it was down, or does not go back so far"
NEVER_WATCHED: Final = "the server keeps no `up`, so that no alert is there does not say that somebody looked"


class Window(NamedTuple):
    """Moments from `start` to `end`, every `step` seconds; all whole Unix seconds."""

    start: int
    end: int
    step: int

    @property
    def moments(self) -> range:
        """All of them."""
        return range(self.start, self.end + 1, self.step)


class _Table:
    """The answers of one query, by moment; or why there is none."""

    def __init__(self) -> None:
        self.labels: list[dict[str, str]] = []
        self.rows: dict[int, list[tuple[int, float | None]]] = {}
        self.warnings: dict[int, tuple[str, ...]] = {}
        self.lost: list[tuple[int, int, RunbookError]] = []
        self._known: dict[tuple[tuple[str, str], ...], int] = {}
        self._points = 0

    def add(self, answer: RangeAnswer, part: range) -> None:
        """One part of it; WorldError where it is more than can be kept."""
        for line in answer.series:
            key = tuple(sorted(line.labels.items()))
            number = self._known.setdefault(key, len(self._known))
            if number == len(self.labels):
                self.labels.append(line.labels)
            self._points += len(line.points)
            if self._points > MOST_POINTS:
                raise WorldError(f"more than {MOST_POINTS:,} points; aggregate in PromQL, or look at less")
            for at, value in line.points:
                self.rows.setdefault(round(at), []).append((number, value))
        if answer.warnings:
            self.warnings.update(dict.fromkeys(part, answer.warnings))

    def at(self, moment: int) -> Answer:
        """The answer for a moment; raises what stood in its way."""
        for first, last, error in self.lost:
            if first <= moment <= last:
                raise error
        series = tuple(
            Series(labels=self.labels[number], value=value, text="no finite number", at=float(moment))
            for number, value in self.rows.get(moment, ())
        )
        return Answer(kind="vector", series=series, warnings=self.warnings.get(moment, ()))


class Recorded:
    """Answers as of `now`, which whoever asks sets to one of the window's moments."""

    def __init__(self, client: PrometheusClient, window: Window, told: Callable[[str], None] = lambda _: None) -> None:
        self.now = window.start
        self.wanted = ALERTS
        self._client = client
        self._window = window
        self._told = told
        self._tables: dict[tuple[str, int], _Table] = {}
        self._stale: float | None = None

    def query(self, promql: str, at: float | None = None, timeout: float | None = None) -> Answer:  # noqa: ARG002
        """As `PrometheusClient.query`."""
        back = 0 if at is None else round(self.now - at)
        if self._watched(back) is False:
            raise WorldError(NOT_WATCHED)
        return self._table(promql, back).at(self.now - back)

    def alerts(self, timeout: float | None = None) -> tuple[Alert, ...]:
        """As `PrometheusClient.alerts`, of the series `wanted`."""
        watched = self._watched()
        if watched is not True:
            raise WorldError(NEVER_WATCHED if watched is None else NOT_WATCHED)
        return alerts_of(self.query(self.wanted, timeout=timeout))

    def range(self, promql: str, seconds: float, **more: Any) -> RangeAnswer:  # noqa: ARG002
        """Not measured: each moment would be a request of its own."""
        raise WorldError("what a query was over some time is not looked at for every moment")

    def _watched(self, back: int = 0) -> bool | None:
        """Whether somebody looked so many seconds before now; None where the server cannot say."""
        table = self._table(WATCH, back)
        if not table.rows:
            return None
        if self._stale is None:
            ages = [at - value for at, [(_, value)] in table.rows.items() if value is not None]
            self._stale = max(_STALE, 3 * statistics.median(ages)) if ages else _STALE
        answer = table.at(self.now - back)
        newest = answer.series[0].value if answer.series else None
        return newest is not None and self.now - back - newest <= self._stale

    def _table(self, promql: str, back: int) -> _Table:
        key = (promql, back)
        if key not in self._tables:
            if len(self._tables) >= MOST_QUERIES:
                raise WorldError(f"more than {MOST_QUERIES} different queries; what they ask depends on what was seen")
            self._told(promql)
            self._tables[key] = self._read(promql, back)
        return self._tables[key]

    def _read(self, promql: str, back: int) -> _Table:
        table = _Table()
        window, failed = self._window, 0
        length = PART * window.step
        for begin in range(window.start - back, window.end - back + 1, length):
            last = min(begin + length - window.step, window.end - back)
            try:
                answer = self._client.range(promql, last - begin, step=window.step, end=last)
                table.add(answer, range(begin, last + 1, window.step))
                failed = 0
            except WorldError as error:
                failed += 1
                rest = window.end - back if failed == FAILURES else last
                table.lost.append((begin, rest, error))
                if failed == FAILURES:
                    break
        return table


class At:
    """Asks the server itself for one moment."""

    def __init__(self, client: PrometheusClient, now: float) -> None:
        self._client = client
        self.now = now
        self.wanted = ALERTS

    def query(self, promql: str, at: float | None = None, timeout: float | None = None) -> Answer:
        """As `PrometheusClient.query`; the server's clock says nothing of an answer that is for then."""
        answer = self._client.query(promql, self.now if at is None else at, timeout)
        return msgspec.structs.replace(answer, date=None)

    def alerts(self, timeout: float | None = None) -> tuple[Alert, ...]:
        """As `PrometheusClient.alerts`."""
        return alerts_of(self.query(self.wanted, timeout=timeout))

    def range(
        self, promql: str, seconds: float, *, step: float | None = None, timeout: float | None = None
    ) -> RangeAnswer:
        """As `PrometheusClient.range`."""
        return self._client.range(promql, seconds, step=step, end=self.now, timeout=timeout)


def alerts_of(answer: Answer) -> tuple[Alert, ...]:
    """The alerts that series of `ALERTS` tell of."""
    found = [
        Alert(
            name=one.labels.get("alertname", ""),
            labels={name: value for name, value in one.labels.items() if name not in ("__name__", "alertstate")},
            state=one.labels.get("alertstate", ""),
            active_at=None,
            value=None,
        )
        for one in answer.series
    ]
    return tuple(sorted(found, key=lambda alert: (alert.name, sorted(alert.labels.items()))))


def alert_series(inputs: Mapping[str, Any]) -> str:
    """The series that a step of `prometheus.alerts` asks about."""
    labels = inputs.get("labels")
    wanted = {"alertname": inputs["name"]} if inputs.get("name") else {}
    wanted |= labels if isinstance(labels, Mapping) else {}
    quoted = (f"{name}={json.dumps(str(value), ensure_ascii=False)}" for name, value in wanted.items())
    return f"{ALERTS}{{{','.join(quoted)}}}"
