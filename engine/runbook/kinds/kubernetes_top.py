"""What pods or nodes use of processor and memory now, as the metrics API says.

Not every cluster has that API: metrics.k8s.io is served by an add-on. Without it nothing is known, which is said,
and is not zero. Neither is a pod of which nothing was measured yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import Forbidden, ParameterError, WorldError
from runbook.kinds import kubernetes, quantities
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

METRICS = "metrics.k8s.io/v1beta1"
MOST = 1000
NOT_INSTALLED = "the cluster has no metrics API (metrics.k8s.io), which metrics-server or an adapter would serve"

SPEC = KindSpec(
    name="kubernetes.top",
    summary="What pods or nodes use of processor and memory now.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["of"],
        "properties": {
            "of": {"enum": ["pods", "nodes"], "description": "What is measured.", "examples": ["pods"]},
            "name": {
                "type": "string",
                "minLength": 1,
                "description": "Only the pod or node of this name.",
                "examples": ["{{ params.node }}"],
            },
            "selector": {
                "type": "string",
                "minLength": 1,
                "description": "Only those with these labels.",
                "examples": ["app=api"],
            },
            "namespace": kubernetes.NAMESPACE,
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "usage": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "description": "Pod or node."},
                        "cpu": {"type": "number", "description": "Processors."},
                        "memory": {"type": "integer", "description": "Bytes."},
                        "cpu_percent": {"type": ["number", "null"], "description": "Of what a node has for pods."},
                        "memory_percent": {"type": ["number", "null"], "description": "Of what a node has for pods."},
                        "age_seconds": {"type": "integer", "description": "Seconds since it was measured."},
                    },
                },
                "description": "Each, the one with the most memory first.",
            },
            "count": {"type": "integer", "description": "How many."},
            "cpu": {"type": "number", "description": "Processors, all together."},
            "memory": {"type": "integer", "description": "Bytes, all together."},
            "highest_cpu_percent": {
                "type": ["number", "null"],
                "description": "Of the node with the most; null of pods.",
            },
            "highest_memory_percent": {
                "type": ["number", "null"],
                "description": "Of the node with the most; null of pods.",
            },
            "truncated": {"type": "boolean", "description": f"Whether there are more than {MOST}."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "memory",
        "title": "Memory of the API",
        "uses": "kubernetes.top",
        "with": {"of": "pods", "namespace": "production", "selector": "app=api"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    which = inputs.get("name") or (f"with {inputs['selector']}" if inputs.get("selector") else "")
    return f"Usage of {inputs.get('of')} {which}".rstrip()


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    words = [str(inputs["name"])] if inputs.get("name") else []
    words += ["-l", str(inputs["selector"])] if inputs.get("selector") else []
    return kubernetes.kubectl(inputs, "top", str(inputs.get("of")), *words)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Measurements are listed, and nodes, to say how much of one is used."""
    from runbook.clients.kubernetes.paths import Place

    of = "nodes" if inputs.get("of") == "nodes" else "pods"
    measured = needed.to("list", Place(METRICS, of, of == "pods"))
    return measured + (needed.to("list", "Node", without="percentages are not known") if of == "nodes" else ())


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the metrics; unknown where there is no such API, or where nothing was measured."""
    from runbook.clients.kubernetes.errors import NotFound
    from runbook.clients.kubernetes.paths import Place

    of, name = inputs.get("of"), kubernetes.text(inputs, "name")
    if of not in ("pods", "nodes"):
        raise ParameterError(f"step input 'of' must be pods or nodes, got {of!r}")
    path = Place(METRICS, of, of == "pods").path(kubernetes.namespace(inputs, world))
    chosen = {"labelSelector": kubernetes.text(inputs, "selector"), "fieldSelector": name and f"metadata.name={name}"}
    try:
        found = kubernetes.client(world).read_all(
            path,
            timeout=kubernetes.patience(world),
            query=[(key, value) for key, value in chosen.items() if value],
            most=MOST,
        )
    except NotFound:
        return Observation(output=_output([], complete=True), unknown=NOT_INSTALLED)
    items = [one for one in found.items if name in (None, one["metadata"]["name"])]
    room, warnings = _allocatable(world) if of == "nodes" else ({}, ())
    usage = [_told(one, room, found.at) for one in items]
    output = _output(usage, complete=found.complete)
    missing = None if usage else f"nothing was measured of such {of}, or there are none"
    return Observation(output=output, unknown=missing, warnings=warnings)


def _allocatable(world: World) -> tuple[dict[str, Mapping[str, str]], tuple[str, ...]]:
    """What each node has for pods; percentages are null where nodes may not be read."""
    from runbook.clients.kubernetes.paths import PLACES

    try:
        nodes = kubernetes.client(world).read_all(PLACES["Node"].path(), timeout=kubernetes.patience(world), most=MOST)
    except Forbidden as error:
        return {}, (f"percentages are not known: {error.message}",)
    return {one["metadata"]["name"]: one["status"].get("allocatable") or {} for one in nodes.items}, ()


def _told(item: Mapping[str, Any], room: Mapping[str, Mapping[str, str]], at: datetime) -> dict[str, Any]:
    name, parts = item["metadata"]["name"], item.get("containers") or [item]
    used = {what: sum(_number(part["usage"].get(what, "0")) for part in parts) for what in ("cpu", "memory")}
    has = {what: _number(text) for what, text in (room.get(name) or {}).items() if what in used}
    percent = {what: round(100 * used[what] / has[what], 1) if has.get(what) else None for what in used}
    measured = datetime.fromisoformat(item["timestamp"]) if item.get("timestamp") else at
    return {
        "name": name,
        "cpu": round(used["cpu"], 3),
        "memory": int(used["memory"]),
        "cpu_percent": percent["cpu"],
        "memory_percent": percent["memory"],
        "age_seconds": max(0, int((at - measured).total_seconds())),
    }


def _number(text: str) -> float:
    try:
        return quantities.number(text)
    except ValueError as error:
        raise WorldError(f"the metrics API says {error}") from error


def _output(usage: list[dict[str, Any]], *, complete: bool) -> dict[str, Any]:
    return {
        "usage": sorted(usage, key=lambda one: (-one["memory"], one["name"])),
        "count": len(usage),
        "cpu": round(sum(one["cpu"] for one in usage), 3),
        "memory": sum(one["memory"] for one in usage),
        "highest_cpu_percent": max(
            (one["cpu_percent"] for one in usage if one["cpu_percent"] is not None), default=None
        ),
        "highest_memory_percent": max(
            (one["memory_percent"] for one in usage if one["memory_percent"] is not None), default=None
        ),
        "truncated": not complete,
    }
