"""A group of alerts as Alertmanager sends it (version 4), read strictly: what is not exactly JSON starts nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from runbook.core.symptoms import fixed, matches
from runbook.document.model import Runbook
from runbook.errors import UsageError

LARGEST = 1024 * 1024  # bytes; a group of a thousand alerts takes half of it


class Group(NamedTuple):
    """The group without its alerts, and the alert that concerns a runbook; None when none of them fires.

    `is_symptom`: the alert is one of the runbook's symptoms, not just the first that fires.
    """

    about: dict[str, Any]
    alert: dict[str, Any] | None
    is_symptom: bool


def read_group(path: str, book: Runbook) -> Group:
    """The group in a file, or on stdin for `-`. UsageError for what Alertmanager would not have sent."""
    payload = _payload(_bytes(path), "stdin" if path == "-" else path)
    firing = [alert for alert in payload["alerts"] if alert.get("status") == "firing"]
    symptom = next((alert for alert in firing if any(matches(fixed(s), alert) for s in book.symptoms)), None)
    about = {key: value for key, value in payload.items() if key != "alerts"}
    return Group(about, symptom or next(iter(firing), None), symptom is not None)


def _bytes(path: str) -> bytes:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"the alert cannot be read: {path}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise UsageError("the alert is larger than 1 MiB", hint="have Alertmanager send fewer alerts (max_alerts)")
    return data


def _payload(data: bytes, where: str) -> dict[str, Any]:
    try:
        payload = json.loads(data.decode("utf-8"), parse_constant=_not_json, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{where} is not a group of alerts: {error}", hint="expected: JSON as Alertmanager sends it"
        ) from error
    problem = _problem(payload)
    if problem:
        raise UsageError(
            f"{where} is not a group of alerts: {problem}", hint="expected: Alertmanager's webhook, version 4"
        )
    return dict(payload)


def _problem(payload: Any) -> str | None:
    if not isinstance(payload, Mapping):
        return "it is no JSON object"
    if payload.get("version") != "4":
        return f"its version is {payload.get('version')!r}"
    alerts = payload.get("alerts")
    if not isinstance(alerts, list) or not all(isinstance(alert, Mapping) for alert in alerts):
        return "it has no list of alerts"
    for number, alert in enumerate(alerts, 1):
        if alert.get("status") not in ("firing", "resolved"):
            return f"alert {number} is neither firing nor resolved"
        for name in ("labels", "annotations"):
            if not _texts(alert.get(name, {})):
                return f"the {name} of alert {number} are not texts by name"
    return None


def _texts(given: Any) -> bool:
    return isinstance(given, Mapping) and all(isinstance(value, str) for value in given.values())


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different: two readers of one text must not see two things."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return made
