"""Who manages an object: controllers up to the topmost, Argo CD, Flux, Helm, autoscalers; who has set its fields.

One read for the object, one for each controller above it, one for its autoscalers, and one for each mark of Argo CD
or Flux that is found on the way: they mark what stands in Git, which is mostly the topmost controller, not the pod.
What may not be read is in `unread`, and `reverts` is null then rather than false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import WorldError
from runbook.kinds import deployments, gitops, kubernetes, pods
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds.protocol import Inputs, World

MOST_CONTROLLERS = 10  # one above the other
UNSEEN = "whether an autoscaler sets its replicas is not known"

_NULLABLE = ["string", "null"]


def _rows(said: str, **properties: tuple[Any, str]) -> dict[str, Any]:
    row = {name: {"type": type_, "description": text} for name, (type_, text) in properties.items()}
    return {"type": "array", "items": {"type": "object", "properties": row}, "description": said}


SPEC = KindSpec(
    name="kubernetes.owner",
    summary="Who manages an object: controllers, Argo CD, Flux, Helm, autoscalers, and who has set its fields.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "name"],
        "properties": {
            "kind": {
                "type": "string",
                "pattern": "^[A-Za-z][A-Za-z0-9]*$",
                "description": "Kind of the object, in the singular.",
                "examples": ["Pod"],
            },
            "name": {"type": "string", "minLength": 1, "description": "Its name.", "examples": ["api-7f9c-x2x"]},
            "namespace": kubernetes.NAMESPACE,
            "api_version": {
                "type": "string",
                "pattern": "^([a-z0-9.-]+/)?v[0-9][a-z0-9]*$",
                "description": "API version of the kind; needed for kinds that Kubernetes itself does not have.",
                "examples": ["argoproj.io/v1alpha1"],
            },
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "owner": {"type": _NULLABLE, "description": "The topmost controller, as Kind/name; null without one."},
            "controllers": _rows(
                "Its controllers, the nearest first.",
                kind=("string", "Kind of the controller."),
                name=("string", "Its name."),
                api_version=("string", "Its API version."),
                uid=("string", "Its uid."),
            ),
            "managers": _rows(
                "Argo CD's and Flux's objects that manage it or a controller of it.",
                of=("string", "The object that bears their mark, as Kind/name."),
                tool=("string", "Argo CD or Flux."),
                kind=("string", "Application, Kustomization or HelmRelease."),
                name=(_NULLABLE, "Its name; null where the mark does not tell."),
                namespace=(_NULLABLE, "Its namespace."),
                auto_sync=(["boolean", "null"], "Whether an Application syncs by itself."),
                self_heal=(["boolean", "null"], "Whether an Application puts back what is changed past it."),
                prune=(["boolean", "null"], "Whether what is no longer in Git is deleted."),
                interval=(_NULLABLE, "How often Flux looks."),
                suspended=(["boolean", "null"], "Whether it does nothing for now."),
                drift_detection=(_NULLABLE, "A HelmRelease's: enabled, warn or disabled."),
                reverts=(["boolean", "null"], "Whether it puts back what is changed past it, by itself."),
                message=("string", "The same in words, with when."),
            ),
            "reverts": {
                "type": ["boolean", "null"],
                "description": "Whether one of them puts back what is changed past it, by itself; null: cannot tell.",
            },
            "helm_release": {"type": _NULLABLE, "description": "The Helm release that it is of, as namespace/name."},
            "autoscalers": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Names of the autoscalers that set its replicas, or those of a controller of it.",
            },
            "field_managers": _rows(
                "Who has set fields of it, the latest first.",
                name=("string", "As they call themselves."),
                operation=("string", "Apply or Update."),
                subresource=(_NULLABLE, "Such as status."),
                at=(_NULLABLE, "When they did so last."),
            ),
            "said": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Who may put back a change of it, and when: what plans warn of.",
            },
            "unread": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What could not be read, and why.",
            },
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "owner",
        "title": "Who manages the Deployment",
        "uses": "kubernetes.owner",
        "with": {"kind": "Deployment", "name": "api", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"Who manages {inputs.get('kind')} {where}{inputs.get('name')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    named = (str(inputs.get("kind")).lower(), str(inputs.get("name")))
    return kubernetes.kubectl(inputs, "get", *named, "-o", "yaml", "--show-managed-fields")


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read, and autoscalers are listed; who else is read depends on what stands on it."""
    scaled = needed.to("list", "HorizontalPodAutoscaler", without=UNSEEN)
    return needed.to("get", str(inputs.get("kind")), inputs.get("name")) + scaled


def observe(inputs: Inputs, world: World) -> Observation:
    """Follow the controllers upwards. Raises NotFound where there is no such object."""
    kind, name = kubernetes.named(inputs, "kind"), kubernetes.named(inputs, "name")
    where = kubernetes.namespace(inputs, world)
    unread: list[str] = []
    chain = [_one(kind, name, kubernetes.text(inputs, "api_version"), where, world)]
    controllers = _followed(chain, where, unread, world)
    found = [(one, manager) for one in chain for manager in owners.managers(one, world)]
    unread += [f"{one.mark}: {one.unread}" for _, one in found if one.unread is not None]
    judged = {gitops.reverts(one) for _, one in found}
    said = [gitops.said(one) for _, one in found] + [line for one in chain for line in owners.by_hand(one)]
    topmost = controllers[-1] if controllers else None
    output = {
        "owner": f"{topmost['kind']}/{topmost['name']}" if topmost else None,
        "controllers": controllers,
        "managers": [{"of": f"{one['kind']}/{one['metadata']['name']}"} | gitops.told(m) for one, m in found],
        "reverts": True if True in judged else None if None in judged or _is_cut(chain, controllers) else False,
        "helm_release": next(filter(None, map(_release, chain)), None),
        "autoscalers": _autoscalers(chain, where, unread, world),
        "field_managers": _setters(chain[0]),
        "said": list(dict.fromkeys(said)),
        "unread": unread,
    }
    return Observation(output=output)


def _one(kind: str, name: str, version: str | None, where: str, world: World) -> dict[str, Any]:
    cluster = kubernetes.client(world)
    place = cluster.place(kind, version, timeout=kubernetes.patience(world))
    obj = cluster.read(place.path(where, name), timeout=kubernetes.patience(world)).body
    return obj | {"kind": kind}


def _followed(chain: list[dict[str, Any]], where: str, unread: list[str], world: World) -> list[dict[str, Any]]:
    """The controllers of the first of a chain, to which those that can be read are added."""
    controllers = []
    while len(chain) <= MOST_CONTROLLERS:
        owner = pods.controller(chain[-1])
        if owner is None:
            break
        controllers.append(
            {"kind": owner["kind"], "name": owner["name"], "api_version": owner["apiVersion"], "uid": owner["uid"]}
        )
        try:
            above = _one(owner["kind"], owner["name"], owner["apiVersion"], where, world)
        except WorldError as error:
            unread.append(f"{owner['kind']} {owner['name']}: {error.message}")
            break
        if deployments.uid(above) != owner["uid"]:
            unread.append(f"{owner['kind']} {owner['name']}: it was deleted, and made anew by somebody else")
            break
        chain.append(above)
    return controllers


def _is_cut(chain: list[dict[str, Any]], controllers: list[dict[str, Any]]) -> bool:
    """Whether a controller is missing from the chain: what is above it is not known."""
    return len(controllers) >= len(chain)


def _release(obj: Mapping[str, Any]) -> str | None:
    notes = deployments.notes(obj)
    if owners.HELM_RELEASE not in notes:
        return None
    where = notes.get(owners.HELM_NAMESPACE) or obj["metadata"].get("namespace")
    return f"{where}/{notes[owners.HELM_RELEASE]}"


def _autoscalers(chain: list[dict[str, Any]], where: str, unread: list[str], world: World) -> list[str]:
    try:
        found = owners.all_autoscalers(where, world)
    except WorldError as error:
        unread.append(f"autoscalers: {error.message}")
        return []
    wanted = {(one["kind"], one["metadata"]["name"]) for one in chain}
    return [one["metadata"]["name"] for one in found if owners.scaled(one) in wanted]


def _setters(obj: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = [
        {
            "name": one.get("manager"),
            "operation": one.get("operation"),
            "subresource": one.get("subresource") or None,
            "at": one.get("time"),
        }
        for one in obj["metadata"].get("managedFields") or []
    ]
    return sorted(listed, key=lambda one: one["at"] or "", reverse=True)
