"""Who stands behind a Service: its endpoints, ready and not.

A Service is asked for first, so that one that does not exist is not taken for one without endpoints. Slices are
merged: with two families of addresses each pod is in two of them (discovery.k8s.io/v1, `addressType`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

SERVICE = "kubernetes.io/service-name"

SPEC = KindSpec(
    name="kubernetes.endpoints",
    summary="How many endpoints a Service has, ready and not.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["service"],
        "properties": {
            "service": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the Service.",
                "examples": ["api"],
            },
            "namespace": kubernetes.NAMESPACE,
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "ready": {"type": "integer", "description": "Endpoints that get traffic."},
            "not_ready": {"type": "integer", "description": "Endpoints that get none."},
            "total": {"type": "integer", "description": "All endpoints."},
            "terminating": {"type": "integer", "description": "Those whose pod is ending."},
            "ready_names": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Pods (or addresses) behind it that are ready.",
            },
            "not_ready_names": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Pods (or addresses) behind it that are not.",
            },
            "ports": {"type": "array", "items": {"type": "integer"}, "description": "Ports of the endpoints."},
            "selector": {"type": ["string", "null"], "description": "Labels of the pods that it is for."},
            "message": {"type": "string", "description": "The same in words."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "endpoints",
        "title": "Somebody answers",
        "uses": "kubernetes.endpoints",
        "with": {"namespace": "production", "service": "api"},
        "expect": "ready > 0",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"Endpoints of Service {where}{inputs.get('service')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl(inputs, "get", "endpointslices", "-l", f"{SERVICE}={inputs.get('service')}")


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """A Service and its slices are read."""
    return needed.to("get", "Service", inputs.get("service")) + needed.to("list", "EndpointSlice")


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the Service and its slices. Raises NotFound where there is no such Service."""
    from runbook.clients.kubernetes.paths import PLACES

    name, where = kubernetes.named(inputs, "service"), kubernetes.namespace(inputs, world)
    service = kubernetes.read("Service", name, where, world)
    if service["spec"].get("type") == "ExternalName":
        said = f"Service {where}/{name} is another name for {service['spec'].get('externalName')}; it has no endpoints"
        return Observation(output=_output({}, set(), None, said), unknown=said)
    found = kubernetes.client(world).read_all(
        PLACES["EndpointSlice"].path(where),
        timeout=kubernetes.patience(world),
        query=[("labelSelector", f"{SERVICE}={name}")],
    )
    merged: dict[str, dict[str, Any]] = {}
    for one in found.items:
        for endpoint in one.get("endpoints") or []:
            merged.setdefault(_called(endpoint), endpoint)
    ports = {port["port"] for one in found.items for port in one.get("ports") or [] if port.get("port")}
    wanted = kubernetes.selector({"matchLabels": service["spec"].get("selector") or {}}) or None
    output = _output(merged, ports, wanted, _said(f"Service {where}/{name}", merged, wanted))
    return Observation(output=output, warnings=() if merged else (output["message"],))


def _called(endpoint: Mapping[str, Any]) -> str:
    about = endpoint.get("targetRef") or {}
    return str(about.get("name") or next(iter(endpoint.get("addresses") or []), "?"))


def _condition(endpoint: Mapping[str, Any], name: str) -> bool:
    """A condition; unset, `ready` is to be taken as true and the others as false (discovery/v1 types.go)."""
    said = (endpoint.get("conditions") or {}).get(name)
    return name == "ready" if said is None else bool(said)


def _said(service: str, merged: Mapping[str, Any], wanted: str | None) -> str:
    ready = sum(_condition(one, "ready") for one in merged.values())
    if merged:
        return f"{service}: {ready} of {len(merged)} endpoints are ready"
    return f"{service} has no endpoints: " + (f"no pod has {wanted}" if wanted else "it has no selector")


def _output(merged: Mapping[str, Any], ports: set[int], wanted: str | None, said: str) -> dict[str, Any]:
    ready = sorted(name for name, one in merged.items() if _condition(one, "ready"))
    others = sorted(merged.keys() - set(ready))
    return {
        "ready": len(ready),
        "not_ready": len(others),
        "total": len(merged),
        "terminating": sum(_condition(one, "terminating") for one in merged.values()),
        "ready_names": ready,
        "not_ready_names": others,
        "ports": sorted(ports),
        "selector": wanted,
        "message": said,
    }
