"""How did an expression develop? Series over the last while, and for a single one what they amount to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runbook.core.changes import Observation
from runbook.document.durations import PATTERN, Duration
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.prometheus_query import ALLOW_WARNINGS, QUERY, WARNINGS
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.prometheus.api import Line, RangeAnswer

MAX_SERIES = 20
MAX_POINTS = 1000

_NUMBER = ["number", "null"]

SPEC = KindSpec(
    name="prometheus.range",
    summary="The values of a PromQL expression over the last while.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["query", "for"],
        "properties": {
            "query": QUERY,
            "for": {
                "type": "string",
                "pattern": PATTERN,
                "description": "How far back from now, a duration with unit.",
                "examples": ["1h", "30m"],
            },
            "step": {
                "type": "string",
                "pattern": PATTERN,
                "description": "Time between two points; chosen to give at most a thousand without it.",
                "examples": ["1m"],
            },
            "allow_warnings": ALLOW_WARNINGS,
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "series": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "points": {"type": "array", "items": {"type": "array"}},
                    },
                },
                "description": f"At most {MAX_SERIES} series, each with at most {MAX_POINTS} points "
                "[Unix seconds, value or null].",
            },
            "count": {"type": "integer", "description": "Number of series."},
            "first": {"type": _NUMBER, "description": "Oldest value of a single series."},
            "last": {"type": _NUMBER, "description": "Newest value of a single series."},
            "min": {"type": _NUMBER, "description": "Smallest value of a single series."},
            "max": {"type": _NUMBER, "description": "Largest value of a single series."},
            "mean": {"type": _NUMBER, "description": "Mean of the points of a single series."},
            "warnings": WARNINGS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="prometheus",
    timeout="30s",
    example={
        "id": "errors_before",
        "title": "Errors over the last hour",
        "uses": "prometheus.range",
        "with": {"query": 'sum(rate(http_requests_total{status=~"5.."}[5m]))', "for": "1h"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Ask Prometheus for the last {inputs.get('for')} of {' '.join(str(inputs.get('query')).split())}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    import shlex

    try:
        start = f'--start="$(($(date +%s) - {_seconds(inputs, "for"):.0f}))"'
    except ParameterError:  # a template, in a page drawn without values
        start = f"--start='now - {inputs['for']}'"
    step = f" --step={shlex.quote(str(inputs['step']))}" if "step" in inputs else ""
    query = shlex.quote(str(inputs.get("query")))
    return f'promtool query range {start}{step} "$PROMETHEUS_URL" {query}'


def observe(inputs: Inputs, world: World) -> Observation:
    """One query over time. Raises as the client does."""
    answer: RangeAnswer = world.client("prometheus").range(
        str(inputs["query"]),
        _seconds(inputs, "for"),
        step=_seconds(inputs, "step") if "step" in inputs else None,
        timeout=world.remaining(),
    )
    kept = answer.series[:MAX_SERIES]
    output = {
        "series": [{"labels": dict(line.labels), "points": _points(line)} for line in kept],
        "count": len(answer.series),
        **_summary(answer.series[0] if len(answer.series) == 1 else None),
        "warnings": list(answer.warnings),
    }
    left_out = len(answer.series) - len(kept)
    said = (f"{left_out} series are left out",) if left_out else ()
    unknown = _unknown(answer, bool(inputs.get("allow_warnings", False)))
    return Observation(output=output, unknown=unknown, warnings=answer.warnings + said)


def _unknown(answer: RangeAnswer, allow_warnings: bool) -> str | None:
    if answer.warnings and not allow_warnings:
        return f"the server warns: {answer.warnings[0]}"
    if not answer.series:
        return "no data: the query has no series"
    if not any(value is not None for line in answer.series for _, value in line.points):
        return "no data: no point has a finite value"
    return None


def _points(line: Line) -> list[list[float | None]]:
    every = -(-len(line.points) // MAX_POINTS) or 1
    return [[at, value] for at, value in line.points[::every]]


def _summary(line: Line | None) -> dict[str, float | None]:
    """Of all finite points, before any are left out."""
    values = [value for _, value in line.points if value is not None] if line else []
    if not values:
        return dict.fromkeys(("first", "last", "min", "max", "mean"))
    return {
        "first": values[0],
        "last": values[-1],
        "min": min(values),
        "max": max(values),
        "mean": sum(values) / len(values),
    }


def _seconds(inputs: Inputs, name: str) -> float:
    value: Any = inputs[name]
    try:
        seconds = float(Duration.parse(value))
    except ValueError as error:
        raise ParameterError(f"step input {name!r}: {error}") from error
    if seconds <= 0:
        raise ParameterError(f"step input {name!r} must be longer than nothing, got {value!r}")
    return seconds
