"""What the cluster says has happened lately in a namespace: its events, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runbook.core.changes import Observation
from runbook.document.durations import PATTERN, Duration
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

MOST_READ = 5000  # events of one namespace; the API keeps them for an hour
MOST_TOLD = 200
LONGEST_MESSAGE = 1024  # characters; the API's own limit for a message

SPEC = KindSpec(
    name="kubernetes.events",
    summary="Events of a namespace or of one object, newest first.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "namespace": kubernetes.NAMESPACE,
            "since": {
                "type": "string",
                "pattern": PATTERN,
                "default": "1h",
                "description": "How far to look back; most clusters keep events for an hour.",
                "examples": ["2h"],
            },
            "type": {
                "enum": ["Normal", "Warning"],
                "description": "Only events of this type.",
                "examples": ["Warning"],
            },
            "kind": {
                "type": "string",
                "description": "Only events of objects of this kind.",
                "examples": ["Pod"],
            },
            "name": {
                "type": "string",
                "description": "Only events of the object of this name, and of pods and ReplicaSets named after it.",
                "examples": ["api"],
            },
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "events": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "at": {"type": "string", "description": "When it was last seen."},
                        "type": {"type": "string", "description": "Normal or Warning."},
                        "reason": {"type": "string", "description": "Reason, such as BackOff."},
                        "object": {"type": "string", "description": "What it is about, as Kind/name."},
                        "message": {"type": "string", "description": "What happened."},
                        "count": {"type": "integer", "description": "How often."},
                    },
                },
                "description": f"At most {MOST_TOLD}, newest first.",
            },
            "count": {"type": "integer", "description": "Events found."},
            "warnings": {"type": "integer", "description": "Those of type Warning."},
            "truncated": {"type": "boolean", "description": "Whether there were more than are listed."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "events",
        "uses": "kubernetes.events",
        "with": {"namespace": "production", "since": "2h", "type": "Warning"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    kind = f"{inputs['type']} events" if inputs.get("type") else "Events"
    about = f" of {inputs['name']}" if inputs.get("name") else ""
    return f"{kind}{about} in {inputs.get('namespace') or 'the namespace'} of the last {inputs.get('since', '1h')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    only = [f"--types={inputs['type']}"] if inputs.get("type") else []
    return kubernetes.kubectl(inputs, "events", *only)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:  # noqa: ARG001 - of every kind
    """The events of a namespace are listed."""
    return needed.to("list", "Event")


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the events of a namespace and keep those that are asked for."""
    from runbook.clients.kubernetes.paths import PLACES

    where, since = kubernetes.namespace(inputs, world), _since(inputs)
    fields = {"type": inputs.get("type"), "involvedObject.kind": inputs.get("kind")}
    chosen = ",".join(f"{key}={value}" for key, value in fields.items() if value)
    read = kubernetes.client(world).read_all(
        PLACES["Event"].path(where),
        timeout=kubernetes.patience(world),
        query=[("fieldSelector", chosen)] if chosen else [],
        most=MOST_READ,
    )
    found = [one for one in read.items if _is_about(one, inputs.get("name")) and _seen(one) >= read.at - since]
    found.sort(key=_seen, reverse=True)
    output = {
        "events": [_told(one) for one in found[:MOST_TOLD]],
        "count": len(found),
        "warnings": sum(one.get("type") == "Warning" for one in found),
        "truncated": len(found) > MOST_TOLD or not read.complete,
    }
    return Observation(output=output)


def _since(inputs: Inputs) -> timedelta:
    try:
        return timedelta(seconds=float(Duration.parse(inputs.get("since", "1h"))))
    except ValueError as error:
        raise ParameterError(f"step input 'since': {error}") from error


def _is_about(event: Mapping[str, Any], name: str | None) -> bool:
    called = event["involvedObject"].get("name", "")
    return name is None or called == name or called.startswith(f"{name}-")


def _seen(event: Mapping[str, Any]) -> datetime:
    """When it was last seen: three fields hold it, by the age of the component that wrote it."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    stamp = next(filter(None, times), event["metadata"]["creationTimestamp"])
    return datetime.fromisoformat(stamp)


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    about = event["involvedObject"]
    return {
        "at": _seen(event).isoformat(),
        "type": event.get("type", ""),
        "reason": event.get("reason", ""),
        "object": f"{about.get('kind', '')}/{about.get('name', '')}",
        "message": str(event.get("message", ""))[:LONGEST_MESSAGE],
        "count": (event.get("series") or {}).get("count") or event.get("count") or 1,
    }
