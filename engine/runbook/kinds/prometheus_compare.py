"""Is it more than it was? An expression now, beside its own value at an earlier moment.

The earlier value is asked for by the moment of evaluation, never by editing PromQL: `offset` belongs to each selector
inside an expression, and text that is pieced together would be another expression than the one that was reviewed.
Both sides are judged as `prometheus.query` judges one; what is missing on either is unknown, and says on which.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from runbook.core.changes import Observation
from runbook.document.durations import PATTERN, Duration
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.prometheus_query import ALLOW_WARNINGS, MAX_ROWS, QUERY, WARNINGS, moment, text, unjudged
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.prometheus import PrometheusClient
    from runbook.clients.prometheus.api import Answer

_NUMBER = ["number", "null"]
_VALUES = {
    "now": {"type": _NUMBER, "description": "The value now, of a single series."},
    "then": {"type": _NUMBER, "description": "The value at the earlier moment."},
    "difference": {"type": _NUMBER, "description": "now - then."},
    "ratio": {"type": _NUMBER, "description": "now / then; null where then is 0."},
}

SPEC = KindSpec(
    name="prometheus.compare",
    summary="The value of a PromQL expression now, beside what it was at an earlier moment.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["query"],
        "if": {"required": ["at"]},
        "then": {"propertyNames": {"not": {"const": "before"}}},
        "else": {"required": ["before"]},
        "properties": {
            "query": QUERY,
            "before": {
                "type": "string",
                "pattern": PATTERN,
                "description": "How long before now the earlier moment is, a duration with unit.",
                "examples": ["1h", "7d"],
            },
            "at": {
                "type": ["string", "number"],
                "description": "The earlier moment itself, RFC 3339 or Unix seconds; instead of `before`.",
                "examples": ["2026-11-01T12:00:00Z", "{{ alert.startsAt }}"],
            },
            "allow_warnings": ALLOW_WARNINGS,
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **_VALUES,
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
                        **_VALUES,
                    },
                },
                "description": "Every series of either moment, those of now first; null where one is missing.",
            },
            "count": {"type": "integer", "description": "Number of series of either moment."},
            "at": {"type": _NUMBER, "description": "When `now` was evaluated, Unix seconds."},
            "then_at": {"type": _NUMBER, "description": "When `then` was evaluated, Unix seconds."},
            "warnings": WARNINGS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="prometheus",
    timeout="30s",
    example={
        "id": "traffic",
        "title": "Traffic has halved since last week",
        "uses": "prometheus.compare",
        "with": {"query": "sum(rate(http_requests_total[5m]))", "before": "7d"},
        "expect": "ratio < 0.5",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    when = f"{inputs['before']} before" if "before" in inputs else f"what it was at {inputs.get('at')}"
    return f"Compare with {when}: {' '.join(str(inputs.get('query')).split())}"


def by_hand(inputs: Inputs) -> str:
    """The two lines that a person would type."""
    import shlex

    ask = f'"$PROMETHEUS_URL" {shlex.quote(str(inputs.get("query")))}'
    try:
        when = f'"$(($(date +%s) - {_before(inputs):.0f}))"' if "before" in inputs else shlex.quote(str(inputs["at"]))
    except ParameterError:  # a template, in a page drawn without values
        when = f"'now - {inputs['before']}'"
    return f"promtool query instant {ask}; promtool query instant --time={when} {ask}"


def observe(inputs: Inputs, world: World) -> Observation:
    """Two queries, at fixed moments. Raises as the client does."""
    client: PrometheusClient = world.client("prometheus")
    query = text(inputs["query"])
    now = client.query(query, None, world.remaining())
    at = now.series[0].at if now.series else client.query("time()", None, world.remaining()).series[0].at
    then_at = at - _before(inputs) if "before" in inputs else moment(inputs["at"])
    then = client.query(query, then_at, world.remaining())
    rows = _rows(now, then)
    one = rows[0] if len(rows) == 1 else dict.fromkeys(("labels", *_VALUES))
    warnings = now.warnings + tuple(said for said in then.warnings if said not in now.warnings)
    output = one | {
        "rows": rows[:MAX_ROWS],
        "count": len(rows),
        "at": at,
        "then_at": then_at,
        "warnings": list(warnings),
    }
    unknown = _unknown(now, then, then_at, len(rows))
    if warnings and not inputs.get("allow_warnings", False):
        unknown = f"the server warns: {warnings[0]}"
    return Observation(output=output, unknown=unknown, warnings=warnings)


def _unknown(now: Answer, then: Answer, then_at: float | None, rows: int) -> str | None:
    """Why there is nothing to be judged, and at which of the two moments."""
    sides = (("now", unjudged(now, None)), ("then", unjudged(then, then_at)))
    if missing := [f"{side}: {why}" for side, why in sides if why is not None]:
        return "; ".join(missing)
    if len(now.series) == len(then.series) == 1 and rows > 1:
        return "the series of then has other labels than that of now; aggregate in PromQL, with sum by (…)"
    return f"{rows} series, more than the {MAX_ROWS} that are kept; aggregate in PromQL" if rows > MAX_ROWS else None


def _rows(now: Answer, then: Answer) -> list[dict[str, Any]]:
    """Every series of either answer, told by its labels."""
    values: dict[tuple[tuple[str, str], ...], list[float | None]] = {}
    for side, answer in enumerate((now, then)):
        for series in answer.series:
            values.setdefault(tuple(sorted(series.labels.items())), [None, None])[side] = series.value
    return [{"labels": dict(labels), **_compared(*pair)} for labels, pair in values.items()]


def _compared(now: float | None, then: float | None) -> dict[str, float | None]:
    if now is None or then is None:
        return {"now": now, "then": then, "difference": None, "ratio": None}
    return {
        "now": now,
        "then": then,
        "difference": _finite(now - then),
        "ratio": _finite(now / then) if then else None,
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _before(inputs: Inputs) -> float:
    try:
        seconds = float(Duration.parse(inputs["before"]))
    except ValueError as error:
        raise ParameterError(f"step input 'before': {error}") from error
    if seconds <= 0:
        raise ParameterError(f"step input 'before' must be longer than nothing, got {inputs['before']!r}")
    return seconds
