"""What the Prometheus HTTP API answers, read strictly into frozen values, and the table of its errors.

A success is an envelope with `status: success`, status 200 and data of the shape that was asked for. Whatever
else comes back is an error that says what it was (`_refusal`): what Prometheus says about a query, in its own
words with line and column, is WorldError; 401 and 403 are Forbidden; 429, 503 and a query that ran out of time
are Unreachable; a login page, a redirect or half a JSON document is "not a Prometheus answer". None of them is
ever an empty result.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from runbook.clients.http import MIB, Response
from runbook.errors import Forbidden, Unreachable, WorldError

CAP = 16 * MIB

_T = TypeVar("_T")


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One series of an instant answer. `value` is None where it is no finite number; `text` says what it is.

    `at` is the moment of evaluation, Unix seconds.
    """

    labels: dict[str, str]
    value: float | None
    text: str
    at: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An instant answer; `kind` is `vector`, `scalar`, `string` or `matrix`, the last two without series.

    `date` is the server's clock (Unix seconds, whole), None if it did not say.
    """

    kind: str
    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    date: float | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One series over time: `(Unix seconds, value)`, the value None where it is no finite number."""

    labels: dict[str, str]
    points: tuple[tuple[float, float | None], ...]


class RangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer over time, from `start` to `end` (Unix seconds) every `step` seconds."""

    series: tuple[Line, ...]
    start: float
    end: float
    step: float
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An active alert: `state` is `pending` or `firing`; `active_at` as Prometheus writes it (RFC 3339)."""

    name: str
    labels: dict[str, str]
    state: str
    active_at: str | None
    value: float | None


def envelope(response: Response, where: str) -> dict[str, Any]:
    """The JSON object of a success, with the server's clock added as `date`; raises for anything else."""
    if response.truncated:
        raise WorldError(
            f"the answer from {where} is larger than {CAP // MIB} MiB",
            hint="aggregate in PromQL, with sum by (…) or topk(…)",
        )
    parsed = _parsed(response.body)
    if response.status != 200 or parsed is None or parsed.get("status") != "success":
        raise _refusal(response, parsed, where)
    return parsed | {"date": _unix(response.headers.get("date"))}


def understood(read: Callable[[dict[str, Any]], _T], answer: dict[str, Any], where: str) -> _T:
    """`read(answer)`; WorldError where the answer has another shape than the API's."""
    try:
        return read(answer)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise WorldError(f"not a Prometheus answer from {where}: its data has another shape") from error


def instant(answer: dict[str, Any]) -> Answer:
    """An envelope of /api/v1/query. The order of series is the server's: topk and sort mean something by it."""
    kind, result = str(answer["data"]["resultType"]), answer["data"]["result"]
    found: list[Series] = []
    if kind == "vector":
        found = [_series(row["metric"], row) for row in result]
    elif kind == "scalar":
        found = [_series({}, {"value": result})]
    warnings, infos = _notes(answer)
    return Answer(kind=kind, series=tuple(found), warnings=warnings, infos=infos, date=answer["date"])


def over_time(answer: dict[str, Any], start: float, end: float, step: float) -> RangeAnswer:
    """An envelope of /api/v1/query_range."""
    lines = [
        Line(
            labels=dict(row["metric"]),
            points=tuple((float(at), _finite(text)) for at, text in row.get("values", ())),
        )
        for row in answer["data"]["result"]
    ]
    warnings, infos = _notes(answer)
    return RangeAnswer(series=tuple(lines), start=start, end=end, step=step, warnings=warnings, infos=infos)


def alerts(answer: dict[str, Any]) -> tuple[Alert, ...]:
    """An envelope of /api/v1/alerts, by name and labels."""
    found = [_alert(row) for row in answer["data"]["alerts"]]
    return tuple(sorted(found, key=lambda alert: (alert.name, sorted(alert.labels.items()))))


def rules(answer: dict[str, Any]) -> frozenset[str]:
    """The names of the rules in an envelope of /api/v1/rules."""
    return frozenset(str(rule["name"]) for group in answer["data"]["groups"] for rule in group["rules"])


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _refusal(response: Response, answer: dict[str, Any] | None, where: str) -> WorldError:
    status, said = response.status, (answer or {}).get("error")
    if status in (401, 403):
        return Forbidden(f"{where} answered {status}", hint="check the headers of the prometheus connection")
    if status in (429, 503) or (answer or {}).get("errorType") in ("timeout", "canceled", "unavailable"):
        return Unreachable(f"{where} answered {status}: {said or 'no reason given'}")
    if said:
        return WorldError(f"Prometheus cannot answer this query: {said}")
    if status in (502, 504):
        return Unreachable(f"{where} answered {status}: a proxy in between did not reach Prometheus")
    what = f"status {status}, {response.media or 'no content type'}"
    if "location" in response.headers:
        what += f", a redirect to {response.headers['location'][:200]}"
    elif status == 200 and answer is None:
        what += ", no JSON or half of it"
    return WorldError(
        f"not a Prometheus answer from {where}: {what}",
        hint="is the url of the connection that of Prometheus?",
    )


def _unix(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None


def _notes(answer: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Warnings and infos. Prometheus before 2.53 sends infos among the warnings, told by their first words."""
    said = [str(note) for note in answer.get("warnings") or ()]
    infos = [str(note) for note in answer.get("infos") or ()]
    infos += [note for note in said if note.startswith("PromQL info:")]
    return tuple(note for note in said if not note.startswith("PromQL info:")), tuple(infos)


def _series(labels: Mapping[str, str], row: Mapping[str, Any]) -> Series:
    if "value" not in row:
        at, text, value = row["histogram"][0], "a native histogram", None
    else:
        at, text = row["value"]
        value = _finite(text)
    return Series(labels=dict(labels), value=value, text=text, at=float(at))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _alert(row: Mapping[str, Any]) -> Alert:
    labels = {str(name): str(value) for name, value in row["labels"].items()}
    value = row.get("value")
    return Alert(
        name=labels["alertname"],
        labels=labels,
        state=str(row["state"]),
        active_at=row.get("activeAt"),
        value=_finite(value) if value else None,
    )
