"""A server's past is read in parts that it answers, once for each query; what is missing is never health."""

from __future__ import annotations

import pytest

from runbook.clients.prometheus.api import Answer, Line, RangeAnswer, Series
from runbook.errors import Unreachable, WorldError
from runbook.hosts.metrics_past import FAILURES, PART, WATCH, At, Recorded, Window, alert_series


class Server:
    """Answers `watch` for its own samples and `value` for everything else; some parts fail."""

    def __init__(self, *, watched: range | None = None, broken: frozenset[int] = frozenset()) -> None:
        self.watched = watched
        self.broken = broken
        self.asked: list[tuple[str, int, int]] = []
        self.warnings: tuple[str, ...] = ()

    def range(self, promql: str, seconds: float, *, step: float, end: float) -> RangeAnswer:
        start = round(end - seconds)
        self.asked.append((promql, start, round(end)))
        if len(self.asked) in self.broken:
            raise Unreachable("it did not answer")
        moments = range(start, round(end) + 1, round(step))
        if promql == WATCH:
            points = tuple((float(at), float(at)) for at in moments if self.watched is None or at in self.watched)
        else:
            points = tuple((float(at), at / 10) for at in moments)
        series = (Line(labels={"a": "b"}, points=points),) if points else ()
        return RangeAnswer(series=series, start=start, end=end, step=step, warnings=self.warnings)

    def query(self, promql: str, at: float | None = None, timeout: float | None = None) -> Answer:
        del promql, timeout
        return Answer(kind="vector", series=(Series(labels={}, value=1.0, text="1", at=at or 0.0),), date=9e9)


def recorded(server: Server, window: Window) -> Recorded:
    return Recorded(server, window)  # type: ignore[arg-type]


def value(past: Recorded, at: int, asked: float | None = None) -> float | None:
    """The value at a moment."""
    past.now = at
    [series] = past.query("q", asked).series
    assert series.at == (at if asked is None else asked)
    return series.value


def test_a_query_is_read_once_in_parts_below_what_a_server_gives() -> None:
    """No moment is asked for twice, and none is left out."""
    server, window = Server(), Window(0, PART * 10 + 30, 10)
    past = recorded(server, window)
    assert [value(past, at) for at in (0, PART * 10 - 10, PART * 10, PART * 10 + 30)] == [0, 4999, 5000, 5003]
    assert [asked[1:] for asked in server.asked if asked[0] == "q"] == [
        (0, PART * 10 - 10),
        (PART * 10, PART * 10 + 30),
    ]


def test_an_earlier_moment_is_read_beside_the_window() -> None:
    """As a comparison with what was before asks for."""
    server = Server()
    past = recorded(server, Window(100_000, 100_600, 60))
    assert value(past, 100_060, 100_060 - 3600) == (100_060 - 3600) / 10
    assert ("q", 100_000 - 3600, 100_600 - 3600) in server.asked


def test_a_moment_at_which_nobody_looked_is_not_told() -> None:
    """Also where the query itself has an answer, such as `or vector(0)`."""
    past = recorded(Server(watched=range(0, 600)), Window(0, 1200, 60))
    assert value(past, 300) == 30
    past.now = 900
    with pytest.raises(WorldError, match="no samples of its own"):
        past.query("q")


def test_what_it_is_compared_with_is_not_told_where_nobody_looked_then() -> None:
    """A gap a week ago is not the zero of a week ago."""
    past = recorded(Server(watched=range(600, 9000)), Window(1200, 1800, 60))
    assert value(past, 1300 // 60 * 60, 600) == 60
    past.now = 1200
    with pytest.raises(WorldError, match="no samples of its own"):
        past.query("q", 120.0)


def test_no_alert_says_nothing_where_it_is_not_known_that_somebody_looked() -> None:
    """A server without `up` may be one that keeps only what others send."""
    past = recorded(Server(watched=range(0)), Window(0, 600, 60))
    assert value(past, 300) == 30
    with pytest.raises(WorldError, match="keeps no `up`"):
        past.alerts()


def test_a_part_that_fails_is_not_told_and_the_others_are() -> None:
    """With the reason of its server."""
    server = Server(broken=frozenset({4}))  # two parts of `up`, then the second of the query
    past = recorded(server, Window(0, PART * 10 + 30, 10))
    assert value(past, 0) == 0
    past.now = PART * 10
    with pytest.raises(Unreachable, match="did not answer"):
        past.query("q")


def test_a_server_that_fails_is_left_alone() -> None:
    """Some parts in a row, and the rest is not asked for."""
    server = Server(broken=frozenset(range(7, 99)))
    past = recorded(server, Window(0, PART * 10 * 6 - 10, 10))
    past.now = PART * 10 * 5
    with pytest.raises(Unreachable):
        past.query("q")
    assert len([asked for asked in server.asked if asked[0] == "q"]) == FAILURES


def test_a_partial_answer_stays_partial() -> None:
    """Its warnings are those of each of its moments, so that a kind takes it for unknown."""
    server = Server()
    server.warnings = ("a store is missing",)
    past = recorded(server, Window(0, 600, 60))
    past.now = 60
    assert past.query("q").warnings == ("a store is missing",)


def test_what_is_asked_of_one_moment_does_not_look_late() -> None:
    """The server's clock is of today."""
    answer = At(Server(), 1000.0).query("q")  # type: ignore[arg-type]
    assert (answer.series[0].at, answer.date) == (1000.0, None)


def test_only_the_series_of_the_alert_are_read() -> None:
    """With its labels, as text."""
    asked = alert_series({"name": "High", "labels": {"service": 'a"b', "n": 1}})
    assert asked == 'ALERTS{alertname="High",service="a\\"b",n="1"}'
    assert alert_series({}) == "ALERTS{}"
