"""Objects as the API server gives them: one by name, or all of some kinds in a namespace.

The values of Secrets never leave this module, whatever the step asks for: their `data`, their `stringData`, and
the copy of both that `kubectl apply` keeps in an annotation.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import Forbidden, ParameterError, WorldError
from runbook.kinds import kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

MOST_OBJECTS = 1000  # of each kind
REDACTED = "[redacted]"

_KIND = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9]*$", "description": "Kind of object, in the singular."}

SPEC = KindSpec(
    name="kubernetes.get",
    summary="Objects of the cluster, one by name or all of some kinds; never what is in a Secret.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "namespace": kubernetes.NAMESPACE,
            "kind": _KIND | {"examples": ["Deployment"]},
            "name": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the object of that kind.",
                "examples": ["api"],
            },
            "kinds": {
                "type": "array",
                "minItems": 1,
                "maxItems": 20,
                "items": _KIND,
                "description": "All objects of these kinds in the namespace.",
                "examples": [["Deployment", "ReplicaSet", "Pod"]],
            },
            "api_version": {
                "type": "string",
                "pattern": "^([a-z0-9.-]+/)?v[0-9][a-z0-9]*$",
                "description": "API version of the kind; needed for kinds that Kubernetes itself does not have.",
                "examples": ["argoproj.io/v1alpha1"],
            },
            "selector": {
                "type": "string",
                "minLength": 1,
                "description": "Only objects with these labels.",
                "examples": ["app=api"],
            },
        },
        "if": {"not": {"required": ["kinds"]}},
        "then": {"required": ["kind"]},
    },
    outputs={
        "type": "object",
        "properties": {
            "exists": {"type": "boolean", "description": "Whether any object was found."},
            "object": {"type": ["object", "null"], "description": "The object that was asked for by name."},
            "objects": {"type": "array", "items": {"type": "object"}, "description": "All objects found."},
            "count": {"type": "integer", "description": "How many."},
            "truncated": {"type": "boolean", "description": f"Whether a kind has more than {MOST_OBJECTS}."},
            "missing": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Kinds that could not be read, and why.",
            },
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "objects",
        "uses": "kubernetes.get",
        "with": {"namespace": "production", "kinds": ["Deployment", "ReplicaSet", "Pod"]},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    kinds = ", ".join(inputs.get("kinds") or [str(inputs.get("kind"))])
    return (
        f"{kinds} {inputs['name']}"
        if inputs.get("name")
        else f"{kinds} in {inputs.get('namespace') or 'the namespace'}"
    )


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    kinds = ",".join(inputs.get("kinds") or [str(inputs.get("kind"))]).lower()
    named = [str(inputs["name"])] if inputs.get("name") else []
    chosen = ["-l", str(inputs["selector"])] if inputs.get("selector") else []
    return kubernetes.kubectl(inputs, "get", kinds, *named, *chosen, "-o", "yaml")


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """One object is read, or lists are; of a kind that is not known beforehand nothing can be said."""
    if inputs.get("name"):
        return needed.to("get", str(inputs.get("kind")), inputs["name"])
    kinds = inputs.get("kinds") or [inputs.get("kind")]
    without = "objects of that kind are left out" if len(kinds) > 1 else None
    return tuple(need for kind in kinds for need in needed.to("list", str(kind), without=without))


def observe(inputs: Inputs, world: World) -> Observation:
    """Read them. One kind that may not be read is said, and fails the step only when it was the only one."""
    if inputs.get("name"):
        return _one(inputs, world)
    kinds = list(inputs.get("kinds") or [inputs.get("kind")])
    objects: list[dict[str, Any]] = []
    missing: list[str] = []
    complete = True
    for kind in kinds:
        try:
            found, all_read = _all(str(kind), inputs, world)
        except WorldError as error:
            if len(kinds) == 1 or not isinstance(error, Forbidden | _not_found()):
                raise
            missing.append(f"{kind}: {error.message}")
            continue
        objects += found
        complete = complete and all_read
    return Observation(output=_output(objects, None, not complete, missing))


def _one(inputs: Inputs, world: World) -> Observation:
    kind, name = kubernetes.text(inputs, "kind"), kubernetes.text(inputs, "name")
    if kind is None or name is None:
        raise ParameterError("an object by name needs its `kind`")
    cluster = kubernetes.client(world)
    place = cluster.place(kind, kubernetes.text(inputs, "api_version"), timeout=kubernetes.patience(world))
    where = kubernetes.namespace(inputs, world)
    try:
        obj = cluster.read(place.path(where, name), timeout=kubernetes.patience(world)).body
    except _not_found():
        return Observation(output=_output([], None, False, []))
    shown = _shown(obj, kind, place.api_version)
    return Observation(output=_output([shown], shown, False, []))


def _all(kind: str, inputs: Inputs, world: World) -> tuple[list[dict[str, Any]], bool]:
    cluster, chosen = kubernetes.client(world), kubernetes.text(inputs, "selector")
    place = cluster.place(kind, kubernetes.text(inputs, "api_version"), timeout=kubernetes.patience(world))
    found = cluster.read_all(
        place.path(kubernetes.namespace(inputs, world)),
        timeout=kubernetes.patience(world),
        query=[("labelSelector", chosen)] if chosen else [],
        most=MOST_OBJECTS,
    )
    return [_shown(obj, kind, place.api_version) for obj in found.items], found.complete


def _not_found() -> type[WorldError]:
    from runbook.clients.kubernetes.errors import NotFound

    return NotFound


def _shown(obj: dict[str, Any], kind: str, api_version: str) -> dict[str, Any]:
    """As it is, with the kind that items of a list lack, and without secrets and bookkeeping."""
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    shown = {"apiVersion": api_version, "kind": kind} | obj | {"metadata": metadata}
    if kind == "Secret":
        for part in ("data", "stringData"):
            if shown.get(part):
                shown[part] = dict.fromkeys(shown[part], REDACTED)
        notes = dict(metadata.get("annotations") or {})
        if notes:
            metadata["annotations"] = {
                key: REDACTED if key == "kubectl.kubernetes.io/last-applied-configuration" else value
                for key, value in notes.items()
            }
    return shown


def _output(
    objects: list[dict[str, Any]], named: dict[str, Any] | None, truncated: bool, missing: list[str]
) -> dict[str, Any]:
    return {
        "exists": bool(objects),
        "object": named,
        "objects": objects,
        "count": len(objects),
        "truncated": truncated,
        "missing": missing,
    }
