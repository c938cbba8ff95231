"""What is the value of an expression now? And when may that value not be judged?

One series is a value. No series, NaN or ±Inf, a partial answer, a cached one and a result without a number are
`unknown`, each with its reason: none of them is zero, and none is healthy. Several series are rows; the step's
`series` says how they are judged.

Query the left side of a comparison and compare in `expect`: `errors > 0.05` gives the same empty answer when
all is well and when the metric is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.prometheus.api import Answer, Series

MAX_ROWS = 1000
# How far an answer for "now" may be from the server's clock: Prometheus' own lookback.
STALE_SECONDS = 300.0

QUERY = {
    "type": "string",
    "minLength": 1,
    "description": "A PromQL expression.",
    "examples": ['sum(rate(http_requests_total{service="api"}[5m]))'],
}
ALLOW_WARNINGS = {
    "type": "boolean",
    "default": False,
    "description": "Judge an answer although the server warns about it; without this it is unknown, because a "
    "warning is how a partial answer shows.",
    "examples": [True],
}
WARNINGS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "What the server warned of.",
}

SPEC = KindSpec(
    name="prometheus.query",
    summary="The value of a PromQL expression.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["query"],
        "if": {"required": ["empty_means"]},
        "then": {"required": ["present"]},
        "properties": {
            "query": QUERY,
            "at": {
                "type": ["string", "number"],
                "description": "The moment to ask about, RFC 3339 or Unix seconds; now without it.",
                "examples": ["2026-11-01T12:00:00Z"],
            },
            "empty_means": {
                "type": "number",
                "description": "The value of an answer without series, as long as `present` has data.",
                "examples": [0],
            },
            "present": {
                "type": "string",
                "description": "An expression that has data whenever the metric exists; needed by `empty_means`.",
                "examples": ['http_requests_total{service="api"}'],
            },
            "allow_warnings": ALLOW_WARNINGS,
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "value": {
                "type": ["number", "null"],
                "description": "The value, if there is exactly one series with a finite one.",
            },
            "labels": {
                "type": ["object", "null"],
                "additionalProperties": {"type": "string"},
                "description": "Labels of that one series.",
            },
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "value": {"type": ["number", "null"]},
                    },
                },
                "description": "Every series, in the server's order.",
            },
            "count": {"type": "integer", "description": "Number of series."},
            "at": {"type": ["number", "null"], "description": "When it was evaluated, Unix seconds."},
            "warnings": WARNINGS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="prometheus",
    timeout="30s",
    example={
        "id": "error_rate",
        "title": "More than 5 % of requests fail",
        "uses": "prometheus.query",
        "with": {
            "query": '(sum(rate(http_requests_total{status=~"5.."}[5m])) or vector(0)) '
            "/ sum(rate(http_requests_total[5m]))"
        },
        "expect": "value > 0.05",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Ask Prometheus for {' '.join(str(inputs.get('query')).split())}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    import shlex

    when = f" --time={shlex.quote(str(inputs['at']))}" if "at" in inputs else ""
    return f'promtool query instant{when} "$PROMETHEUS_URL" {shlex.quote(str(inputs.get("query")))}'


def observe(inputs: Inputs, world: World) -> Observation:
    """One query, and one more where `empty_means` needs it. Raises as the client does."""
    client = world.client("prometheus")
    at = moment(inputs.get("at"))
    answer: Answer = client.query(text(inputs["query"]), at, world.remaining())
    rows: list[dict[str, Any]] = [_row(series) for series in answer.series[:MAX_ROWS]]
    unknown = unjudged(answer, at)
    if unknown == EMPTY and "empty_means" in inputs:
        absent = _absent(client.query(text(inputs["present"]), at, world.remaining()), at)
        unknown = f"{EMPTY}, and {absent}" if absent else None
        rows = [] if absent else [{"labels": {}, "value": _number(inputs["empty_means"])}]
    if answer.warnings and not inputs.get("allow_warnings", False):
        unknown = f"the server warns: {answer.warnings[0]}"
    one = rows[0] if len(rows) == 1 else None
    output = {
        "value": one["value"] if one else None,
        "labels": one["labels"] if one else None,
        "rows": rows,
        "count": max(len(rows), len(answer.series)),
        "at": answer.series[0].at if answer.series else None,
        "warnings": list(answer.warnings),
    }
    return Observation(output=output, unknown=unknown, warnings=answer.warnings)


EMPTY = "no data: the query has no series"


def unjudged(answer: Answer, at: float | None) -> str | None:
    """Why an answer has nothing to be judged; None if it has. Several series are the step's to judge."""
    if answer.kind not in ("vector", "scalar"):
        return f"the query gives a {answer.kind}, which has no value at one moment"
    if not answer.series:
        return EMPTY
    if len(answer.series) > MAX_ROWS:
        return f"{len(answer.series)} series, more than the {MAX_ROWS} that are kept; aggregate in PromQL"
    first = answer.series[0]
    if len(answer.series) == 1 and first.value is None:
        return f"the value is {first.text}"
    return _late(answer, at)


def _absent(answer: Answer, at: float | None) -> str | None:
    """Why `present` does not vouch for the metric; None if it does. Its series say that it is there, not how it is."""
    if answer.kind not in ("vector", "scalar"):
        return f"`present` gives a {answer.kind}"
    if not answer.series:
        return "none for `present`"
    late = _late(answer, at)
    return f"for `present` {late}" if late else None


def _late(answer: Answer, at: float | None) -> str | None:
    """Whether an answer for now is for another moment: a cache, or a clock that is wrong."""
    off = 0.0 if at is not None or answer.date is None else abs(answer.date - answer.series[0].at)
    return f"the answer is for a moment {off:.0f}s away from the server's clock" if off > STALE_SECONDS else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"step input 'empty_means' must be a number, got {value!r}")
    return value


def _row(series: Series) -> dict[str, Any]:
    return {"labels": dict(series.labels), "value": series.value}


def text(query: object) -> str:
    """The expression of a rendered input; ParameterError for anything but text."""
    if not isinstance(query, str):
        raise ParameterError(f"a PromQL expression must be text, got {query!r}")
    return query


def moment(at: object) -> float | None:
    """Unix seconds of a rendered `at`, None for now; ParameterError for what is no time."""
    from datetime import UTC, datetime

    if at is None:
        return None
    if isinstance(at, int | float) and not isinstance(at, bool):
        return float(at)
    try:
        found = datetime.fromisoformat(str(at))
    except ValueError as error:
        raise ParameterError(f"step input 'at' must be an RFC 3339 time or Unix seconds, got {at!r}") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
