"""What a development over time amounts to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.clients.prometheus.api import Line, RangeAnswer
from runbook.core.changes import Observation
from runbook.errors import ParameterError
from runbook.kinds import prometheus_range
from runbook.testing.world import FakeWorld


class Asked:
    def __init__(self, answer: RangeAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, float, float | None]] = []

    def range(self, promql: str, seconds: float, *, step: float | None, timeout: float) -> RangeAnswer:
        self.asked.append((promql, seconds, step))
        return self.answer


def line(*values: float | None, **labels: str) -> Line:
    return Line(labels=labels, points=tuple((float(at), value) for at, value in enumerate(values)))


def observe(*lines: Line, tmp_path: Path, warnings: tuple[str, ...] = (), **inputs: Any) -> Observation:
    answer = RangeAnswer(series=lines, start=0, end=60, step=15, warnings=warnings)
    world = FakeWorld(tmp_path, clients={"prometheus": Asked(answer)})
    seen = prometheus_range.observe({"query": "q", "for": "1m"} | inputs, world)
    assert set(seen.output) == prometheus_range.SPEC.output_names
    return seen


def test_a_single_series_is_summed_up(tmp_path: Path) -> None:
    """Points that are no numbers are shown as null and left out of the sums."""
    seen = observe(line(1.0, None, 4.0, 1.0, None), tmp_path=tmp_path)
    said = {key: seen.output[key] for key in ("first", "last", "min", "max", "mean", "count")}
    assert said == {"first": 1.0, "last": 1.0, "min": 1.0, "max": 4.0, "mean": 2.0, "count": 1}
    assert seen.output["series"][0]["points"][1] == [1.0, None]


def test_several_series_have_no_common_sum(tmp_path: Path) -> None:
    """Which of them would be meant?"""
    seen = observe(line(1.0, path="/a"), line(2.0, path="/b"), tmp_path=tmp_path)
    assert (seen.output["last"], seen.output["count"], seen.unknown) == (None, 2, None)


@pytest.mark.parametrize("lines", [(), (line(None, None),)], ids=["no series", "only NaN"])
def test_nothing_to_see_is_unknown(lines: tuple[Line, ...], tmp_path: Path) -> None:
    """No series, and none with a number, are no data."""
    assert str(observe(*lines, tmp_path=tmp_path).unknown).startswith("no data")


def test_a_partial_answer_is_unknown_unless_allowed(tmp_path: Path) -> None:
    """As for a single value."""
    assert observe(line(1.0), tmp_path=tmp_path, warnings=("half",)).unknown == "the server warns: half"
    assert observe(line(1.0), tmp_path=tmp_path, warnings=("half",), allow_warnings=True).unknown is None


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    """Twenty series of a thousand points, evenly chosen; the sums are of all."""
    seen = observe(line(*map(float, range(2500))), tmp_path=tmp_path)
    points = seen.output["series"][0]["points"]
    assert (len(points), points[1][0], seen.output["max"]) == (834, 3.0, 2499.0)
    many = observe(*(line(1.0, n=str(n)) for n in range(25)), tmp_path=tmp_path)
    assert (len(many.output["series"]), many.output["count"]) == (20, 25)
    assert many.warnings == ("5 series are left out",)


def test_durations_are_asked_in_seconds(tmp_path: Path) -> None:
    """`for: 1h30m` is how far back; `step` is passed on when given."""
    client = Asked(RangeAnswer(series=(line(1.0),), start=0, end=1, step=1))
    world = FakeWorld(tmp_path, clients={"prometheus": client})
    prometheus_range.observe({"query": "q", "for": "1h30m", "step": "1m"}, world)
    prometheus_range.observe({"query": "q", "for": "30s"}, world)
    assert client.asked == [("q", 5400.0, 60.0), ("q", 30.0, None)]


@pytest.mark.parametrize("wrong", ["an hour", 3600, "0s"])
def test_a_duration_that_is_none_is_refused(wrong: object, tmp_path: Path) -> None:
    """Bare numbers have no unit."""
    with pytest.raises(ParameterError, match="'for'"):
        observe(line(1.0), tmp_path=tmp_path, **{"for": wrong})


def test_by_hand_is_drawn_from_a_template_too() -> None:
    """A page drawn without values still shows the line."""
    assert "3600" in prometheus_range.by_hand({"query": "up", "for": "1h"})
    assert "{{ params.window }}" in prometheus_range.by_hand({"query": "up", "for": "{{ params.window }}"})
