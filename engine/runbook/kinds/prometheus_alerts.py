"""Which alerts does Prometheus hold to be firing now? Also the question behind every `alert:` symptom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.prometheus.api import Alert

MAX_ALERTS = 200

SPEC = KindSpec(
    name="prometheus.alerts",
    summary="Alerts that are pending or firing.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {
                "type": "string",
                "description": "Only alerts of this name.",
                "examples": ["ApiErrorRateHigh"],
            },
            "labels": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Only alerts that have all of these labels.",
                "examples": [{"service": "api"}],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "firing": {"type": "boolean", "description": "True when at least one of them fires."},
            "alerts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        "state": {"enum": ["pending", "firing"]},
                        "active_at": {"type": ["string", "null"]},
                        "value": {"type": ["number", "null"]},
                    },
                },
                "description": f"The alerts, firing ones first, at most {MAX_ALERTS}.",
            },
            "count": {"type": "integer", "description": "How many there are, pending ones too."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="prometheus",
    timeout="30s",
    example={
        "id": "firing",
        "title": "What else fires",
        "uses": "prometheus.alerts",
        "with": {"labels": {"service": "api"}},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    labels = inputs.get("labels", {})
    if isinstance(labels, Mapping):
        labels = ", ".join(f"{name}={value}" for name, value in labels.items())
    named = f" {inputs['name']}" if inputs.get("name") else "s"
    return f"Ask Prometheus for alert{named}" + (f" with {labels}" if labels else "")


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type: alerts are series too."""
    import json
    import shlex

    labels = inputs.get("labels", {})
    wanted = {"alertname": inputs["name"]} if inputs.get("name") else {}
    wanted |= labels if isinstance(labels, Mapping) else {}
    matchers = ",".join(f"{name}={json.dumps(str(value), ensure_ascii=False)}" for name, value in wanted.items())
    return f'promtool query instant "$PROMETHEUS_URL" {shlex.quote(f"ALERTS{{{matchers}}}")}'


def observe(inputs: Inputs, world: World) -> Observation:
    """One look at the active alerts. Raises as the client does."""
    name, labels = inputs.get("name"), _labels(inputs)
    found: list[Alert] = [
        alert
        for alert in world.client("prometheus").alerts(world.remaining())
        if name in (None, alert.name) and labels.items() <= alert.labels.items()
    ]
    found.sort(key=lambda alert: alert.state != "firing")
    rows = [
        {
            "name": alert.name,
            "labels": dict(alert.labels),
            "state": alert.state,
            "active_at": alert.active_at,
            "value": alert.value,
        }
        for alert in found[:MAX_ALERTS]
    ]
    firing = any(alert.state == "firing" for alert in found)
    return Observation(output={"firing": firing, "alerts": rows, "count": len(found)})


def _labels(inputs: Inputs) -> dict[str, str]:
    """Labels as rendered: numbers are text in Prometheus."""
    labels = inputs.get("labels", {})
    if not isinstance(labels, Mapping):
        raise ParameterError(f"step input 'labels' must be a mapping, got {labels!r}")
    return {str(name): str(value) for name, value in labels.items()}
