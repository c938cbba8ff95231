"""What an expression was, beside what it is, and when the two may not be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.clients.prometheus.api import Answer, Series
from runbook.core.changes import Observation
from runbook.core.verdicts import judge
from runbook.core.words import Verdict
from runbook.document.words import Series as Judged
from runbook.errors import ParameterError
from runbook.kinds import prometheus_compare
from runbook.testing.world import FakeWorld

NOW = 1767225600.0


class Asked:
    """A client that has one answer for now and one for any moment, and remembers what it was asked."""

    def __init__(self, now: Answer, then: Answer) -> None:
        self.now, self.then = now, then
        self.asked: list[tuple[str, float | None]] = []

    def query(self, promql: str, at: float | None, timeout: float) -> Answer:
        assert 0 < timeout <= 30
        self.asked.append((promql, at))
        if promql == "time()":
            return vector(NOW)
        return self.now if at is None else self.then


def vector(*values: float | None, warnings: tuple[str, ...] = (), **labels: tuple[str, ...]) -> Answer:
    """One series for each value; `path=("/a", "/b")` gives each a label."""
    series = tuple(
        Series(
            labels={name: each[index] for name, each in labels.items()},
            value=value,
            text="NaN" if value is None else str(value),
            at=NOW,
        )
        for index, value in enumerate(values)
    )
    return Answer(kind="vector", series=series, warnings=warnings, date=NOW)


def observe(now: Answer, then: Answer, tmp_path: Path, **inputs: Any) -> Observation:
    world = FakeWorld(tmp_path, clients={"prometheus": Asked(now, then)})
    given = {"query": "q", **({} if "at" in inputs else {"before": "1h"}), **inputs}
    seen = prometheus_compare.observe(given, world)
    assert set(seen.output) == prometheus_compare.SPEC.output_names
    return seen


@pytest.mark.parametrize(
    ("now", "then", "difference", "ratio"),
    [(30.0, 10.0, 20.0, 3.0), (0.0, 4.0, -4.0, 0.0), (4.0, 0.0, 4.0, None), (0.0, 0.0, 0.0, None)],
)
def test_both_values_with_what_lies_between(
    now: float, then: float, difference: float, ratio: float | None, tmp_path: Path
) -> None:
    """There is no ratio to nothing; the difference still is one."""
    seen = observe(vector(now), vector(then), tmp_path)
    said = {name: seen.output[name] for name in ("now", "then", "difference", "ratio")}
    assert said == {"now": now, "then": then, "difference": difference, "ratio": ratio}
    assert seen.unknown is None


def test_what_is_too_large_for_a_number_is_none(tmp_path: Path) -> None:
    """The record holds finite numbers only."""
    seen = observe(vector(1e308), vector(1e-308), tmp_path)
    assert seen.output["ratio"] is None


def test_both_moments_follow_from_the_servers_clock(tmp_path: Path) -> None:
    """The same text is asked twice; only the moment differs."""
    client = Asked(vector(2.0), vector(1.0))
    world = FakeWorld(tmp_path, clients={"prometheus": client})
    seen = prometheus_compare.observe({"query": "q", "before": "90m"}, world)
    assert client.asked == [("q", None), ("q", NOW - 5400)]
    assert (seen.output["at"], seen.output["then_at"]) == (NOW, NOW - 5400)


def test_the_earlier_moment_may_be_named(tmp_path: Path) -> None:
    """Such as the one at which the alert began."""
    client = Asked(vector(2.0), vector(1.0))
    inputs = {"query": "q", "at": "2025-12-31T00:00:00Z"}
    prometheus_compare.observe(inputs, FakeWorld(tmp_path, clients={"prometheus": client}))
    assert client.asked[1] == ("q", NOW - 86400)


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (vector(), vector(1.0), "now: no data: the query has no series"),
        (vector(1.0), vector(), "then: no data: the query has no series"),
        (vector(1.0), vector(None), "then: the value is NaN"),
        (vector(), vector(), "now: no data: the query has no series; then: no data: the query has no series"),
    ],
    ids=["none now", "none then", "NaN then", "neither"],
)
def test_a_side_without_a_value_is_unknown_and_named(now: Answer, then: Answer, said: str, tmp_path: Path) -> None:
    """A service that is new has not doubled its traffic."""
    assert observe(now, then, tmp_path).unknown == said


def test_series_are_compared_with_themselves(tmp_path: Path) -> None:
    """Told by their labels, whatever their order; one that is on one side only decides nothing."""
    seen = observe(vector(2.0, 9.0, path=("/a", "/b")), vector(3.0, 1.0, path=("/b", "/a")), tmp_path)
    assert [(row["labels"]["path"], row["ratio"]) for row in seen.output["rows"]] == [("/a", 2.0), ("/b", 3.0)]
    assert (seen.output["ratio"], seen.output["count"]) == (None, 2)
    half = observe(vector(2.0, 9.0, path=("/a", "/b")), vector(1.0, path=("/a",)), tmp_path)
    assert judge("ratio > 5", Judged.ANY, half, {})[0] is Verdict.UNKNOWN
    assert judge("ratio > 1", Judged.ANY, half, {})[0] is Verdict.PASS


def test_two_single_series_of_other_labels_are_not_compared(tmp_path: Path) -> None:
    """A pod that was replaced is another series."""
    seen = observe(vector(2.0, pod=("a",)), vector(1.0, pod=("b",)), tmp_path)
    assert "other labels" in str(seen.unknown)


def test_a_partial_answer_of_either_side_is_unknown_unless_allowed(tmp_path: Path) -> None:
    """As for a single value."""
    partial = vector(1.0, warnings=("store 10.0.0.7 is away",))
    assert observe(vector(1.0), partial, tmp_path).unknown == "the server warns: store 10.0.0.7 is away"
    assert observe(vector(1.0), partial, tmp_path, allow_warnings=True).unknown is None


@pytest.mark.parametrize("inputs", [{"before": "soon"}, {"before": "0s"}, {"at": "noon"}])
def test_what_is_no_moment_is_refused(inputs: dict[str, str], tmp_path: Path) -> None:
    """A template may have made it; the name of the input is said."""
    with pytest.raises(ParameterError, match=next(iter(inputs))):
        observe(vector(1.0), vector(1.0), tmp_path, **inputs)


def test_people_read_and_type_the_same() -> None:
    """Both lines, with the moment as a shell computes it."""
    inputs = {"query": "sum(up)", "before": "1h"}
    assert prometheus_compare.describe(inputs) == "Compare with 1h before: sum(up)"
    assert prometheus_compare.by_hand(inputs) == (
        "promtool query instant \"$PROMETHEUS_URL\" 'sum(up)'; "
        'promtool query instant --time="$(($(date +%s) - 3600))" "$PROMETHEUS_URL" \'sum(up)\''
    )
    assert "now - {{ params.ago }}" in prometheus_compare.by_hand({"query": "up", "before": "{{ params.ago }}"})
