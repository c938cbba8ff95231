"""When a value may be judged, and when it may not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.prometheus.api import Answer, Series
from runbook.core.changes import Observation
from runbook.errors import ParameterError
from runbook.kinds import prometheus_query
from runbook.testing.world import FakeWorld

NOW = 1767225600.0


class Asked:
    """A client that answers from a table of queries, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, float | None]] = []

    def query(self, promql: str, at: float | None, timeout: float) -> Answer:
        assert 0 < timeout <= 30
        self.asked.append((promql, at))
        return self.answers[promql]


def series(value: float | None = 1.0, text: str = "1", at: float = NOW, **labels: str) -> Series:
    return Series(labels=labels, value=value, text=text, at=at)


def vector(*found: Series, **more: Any) -> Answer:
    return Answer(kind="vector", series=found, **{"date": NOW} | more)


def observe(answer: Answer, tmp_path: Path, **inputs: Any) -> Observation:
    world = FakeWorld(tmp_path, clients={"prometheus": Asked({"q": answer})})
    seen = prometheus_query.observe({"query": "q"} | inputs, world)
    assert set(seen.output) == prometheus_query.SPEC.output_names
    return seen


def test_one_series_is_a_value(tmp_path: Path) -> None:
    """With its labels, its moment, and nothing unknown about it."""
    seen = observe(vector(series(0.2, service="api")), tmp_path)
    assert seen.unknown is None
    assert (seen.output["value"], seen.output["labels"], seen.output["at"]) == (0.2, {"service": "api"}, NOW)
    assert seen.output["rows"] == [{"labels": {"service": "api"}, "value": 0.2}]


@pytest.mark.fault(75)
def test_no_series_is_no_data_and_not_zero(tmp_path: Path) -> None:
    """An empty vector is unknown, whatever `expect` would make of null."""
    seen = observe(vector(), tmp_path)
    assert (seen.output["value"], seen.output["count"], seen.output["rows"]) == (None, 0, [])
    assert seen.unknown == "no data: the query has no series"


@pytest.mark.fault(76)
@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf", "a native histogram"])
def test_what_is_no_finite_number_is_unknown(text: str, tmp_path: Path) -> None:
    """NaN compares false with everything, which is not the same as being low."""
    seen = observe(vector(series(None, text)), tmp_path)
    assert (seen.output["value"], seen.unknown) == (None, f"the value is {text}")


@pytest.mark.fault(77)
def test_several_series_are_left_to_the_step(tmp_path: Path) -> None:
    """No value, every row, and no verdict of ours: `series: any|all` needs them."""
    seen = observe(vector(series(1.0, path="/a"), series(None, "NaN", path="/b")), tmp_path)
    assert (seen.output["value"], seen.output["labels"], seen.output["count"]) == (None, None, 2)
    assert seen.output["rows"][1] == {"labels": {"path": "/b"}, "value": None}
    assert seen.unknown is None


@pytest.mark.parametrize("kind", ["string", "matrix"])
def test_a_result_without_a_value_now_is_unknown(kind: str, tmp_path: Path) -> None:
    """A string or a range of values cannot be compared with a number."""
    seen = observe(Answer(kind=kind, series=()), tmp_path)
    assert seen.unknown == f"the query gives a {kind}, which has no value at one moment"


@pytest.mark.fault(78)
def test_a_partial_answer_is_unknown_unless_allowed(tmp_path: Path) -> None:
    """Half the stores can look like half the errors."""
    partial = vector(series(0.0, "0"), warnings=("store 10.0.0.7 is away",))
    assert observe(partial, tmp_path).unknown == "the server warns: store 10.0.0.7 is away"
    allowed = observe(partial, tmp_path, allow_warnings=True)
    assert (allowed.unknown, allowed.output["value"]) == (None, 0.0)
    assert allowed.warnings == ("store 10.0.0.7 is away",)


@pytest.mark.fault(79)
@pytest.mark.parametrize("off", [-301, 301])
def test_an_answer_from_another_time_is_unknown(off: float, tmp_path: Path) -> None:
    """A cache, or a clock that is wrong, is told by the server's own Date."""
    seen = observe(vector(series(at=NOW + off)), tmp_path)
    assert seen.unknown == "the answer is for a moment 301s away from the server's clock"


def test_a_moment_that_was_asked_for_is_not_stale(tmp_path: Path) -> None:
    """The past is stale only where now was asked for."""
    assert observe(vector(series(at=NOW - 86400)), tmp_path, at=NOW - 86400).unknown is None


def test_more_series_than_are_kept_are_unknown(tmp_path: Path) -> None:
    """`series: all` must not pass on the first thousand."""
    seen = observe(vector(*[series(1.0, n=str(n)) for n in range(1001)]), tmp_path)
    assert (len(seen.output["rows"]), seen.output["count"]) == (1000, 1001)
    assert seen.unknown is not None


@pytest.mark.fault(75)
@pytest.mark.parametrize(("present", "value"), [(vector(series()), 0), (vector(), None)], ids=["there", "gone"])
def test_empty_means_a_number_only_while_the_metric_is_present(
    present: Answer, value: float | None, tmp_path: Path
) -> None:
    """`empty_means` counts only while `present` has data."""
    client = Asked({"q": vector(), "p": present})
    inputs = {"query": "q", "empty_means": 0, "present": "p", "at": NOW}
    seen = prometheus_query.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": client}))
    assert seen.output["value"] == value
    assert (seen.unknown is None) == (value is not None)
    assert client.asked == [("q", NOW), ("p", NOW)]


@pytest.mark.parametrize(
    ("present", "said"),
    [
        (Answer(kind="matrix", series=(series(),)), "and `present` gives a matrix"),
        (vector(series(at=NOW - 900)), "and for `present` the answer is for a moment 900s away"),
    ],
    ids=["a range", "a cached answer"],
)
def test_what_does_not_say_that_the_metric_is_there_now_does_not_vouch_for_it(
    present: Answer, said: str, tmp_path: Path
) -> None:
    """Empty stays unknown, with the reason: yesterday's metric is not today's."""
    client = Asked({"q": vector(), "p": present})
    inputs = {"query": "q", "empty_means": 0, "present": "p"}
    seen = prometheus_query.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": client}))
    assert seen.output["value"] is None
    assert said in str(seen.unknown)


def test_what_an_empty_answer_means_is_a_number(tmp_path: Path) -> None:
    """A template may have made text of it; it is not compared as such."""
    client = Asked({"q": vector(), "p": vector(series())})
    inputs = {"query": "q", "empty_means": "0", "present": "p"}
    with pytest.raises(ParameterError, match="must be a number"):
        prometheus_query.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": client}))


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00", NOW])
def test_a_moment_is_a_time_or_unix_seconds(at: object, tmp_path: Path) -> None:
    """Without an offset it is UTC."""
    client = Asked({"q": vector(series())})
    prometheus_query.observe({"query": "q", "at": at}, FakeWorld(tmp_path, clients={"prometheus": client}))
    assert client.asked == [("q", NOW)]


@pytest.mark.parametrize("inputs", [{"at": "yesterday"}, {"at": True}, {"query": 5}])
def test_inputs_that_a_template_spoilt_are_refused(inputs: dict[str, object], tmp_path: Path) -> None:
    """What the schema could not see before rendering."""
    with pytest.raises(ParameterError):
        observe(vector(series()), tmp_path, **inputs)


def test_by_hand_is_a_line_for_the_shell() -> None:
    """Quotes in PromQL survive the shell."""
    line = prometheus_query.by_hand({"query": 'up{job="it\'s"}', "at": "2026-01-01T00:00:00Z"})
    assert line.startswith('promtool query instant --time=2026-01-01T00:00:00Z "$PROMETHEUS_URL" ')
    assert "'\"'\"'" in line
