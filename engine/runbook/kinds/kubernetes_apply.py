"""Apply one manifest on the server (server-side apply), as the field manager `runbook-engine`.

The server merges what the manifest names into the object, and remembers who named which field. Where another manager
has set one of them to something else it refuses, and so does the plan, naming manager and fields; `force` takes them
over, which is destructive, since that manager is not asked. What a step of a runbook has set before (scaled, patched,
taken back) is ours to take over.

Sent with the uid and the resource version that were read: what changed in between voids the plan. To make an object it
is sent with a resource version that no object has: the server then makes it, or says 409 where somebody was quicker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.changes import (
    Change,
    Confirmation,
    Error,
    Field,
    NothingToDo,
    Observation,
    Outcome,
    Planned,
    Refused,
    Target,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds import applying, json_patches, kubernetes, kubernetes_dangers, kubernetes_secrets, making, manifests
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_objects as objects
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.applying import Tried
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

SPEC = KindSpec(
    name=making.APPLY,
    summary="Apply one manifest on the server, as a field manager of its own.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "manifest": {
                "type": "object",
                "required": ["apiVersion", "kind", "metadata"],
                "description": "The object, as it shall be as far as it is named here.",
                "examples": [
                    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}, "data": {"cart": "off"}}
                ],
            },
            "file": {
                "type": "string",
                "minLength": 1,
                "description": "A file with the manifest, relative to the folder of `runbook.yaml` and within it.",
                "examples": ["manifests/maintenance.yaml"],
            },
            "namespace": kubernetes.NAMESPACE,
            "force": {
                "type": "boolean",
                "default": False,
                "description": "Take over fields that another manager has set to something else; destructive then.",
                "examples": [True],
            },
            "destructive": objects.DESTRUCTIVE,
        },
        "if": {"not": {"required": ["file"]}},
        "then": {"required": ["manifest"]},
    },
    outputs={
        "type": "object",
        "properties": {
            "created": {"type": "boolean", "description": "Whether the object was made by this."},
            **objects.OUTPUTS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "flags",
        "title": "Switch the cart off",
        "uses": "kubernetes.apply",
        "with": {
            "namespace": "production",
            "manifest": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "flags"},
                "data": {"cart": "off"},
            },
        },
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    if inputs.get("file"):
        return f"Apply {inputs['file']}"
    kind, name = _named(inputs)
    return f"Apply {kind} {name}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; a secret stands as its reference."""
    return making.by_hand(inputs)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read, and changed or made; of a file nobody knows beforehand what is in it."""
    manifest = inputs.get("manifest")
    if not isinstance(manifest, Mapping):
        return ()
    kind, name = _named(inputs)
    asked = objects.needs(kind, name, manifest.get("apiVersion"), json_patches.leaves(manifest))
    there = {need for need in asked if need.is_there}  # it may be there or not
    return tuple(need._replace(name=None) if need in there else need for need in asked) + needed.to("create", kind)


def plan(inputs: Inputs, world: World) -> Planned:
    """Have the server try it out, and compare. Reads only."""
    if patches.taken_back(inputs):
        return making.planned_removal(inputs, world)
    manifest = manifests.given(inputs, world)
    place, where = _place(manifest, world), manifests.where(manifest, inputs, world)
    obj = applying.existing(place.path(where, manifest["metadata"]["name"]), world)
    target = _target(manifest, place, where, obj, world)
    tried = applying.tried(target, place, manifest, obj, force=inputs.get("force") is True, world=world)
    if isinstance(tried, Refused):
        return tried
    shown = objects.view(manifest, target.kind, world)
    request = applying.request(place.path(target.namespace, target.name), shown, tried, obj)
    draft = Change(
        kind=SPEC.name,
        target=target,
        summary="",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request=request,
        by_hand=kubernetes.there(by_hand(inputs), world),
    )
    if obj is None:
        return making.planned(draft, place, tried, world)
    return _change(draft, place, obj, tried, inputs, world)


def apply(change: Change, world: World) -> Outcome:
    """Send it once; an exception means that it may have been done."""
    if change.request["method"] == making.DELETE:
        return making.removed(change, world)
    try:
        manifest = _revealed(change, world)
    except (ParameterError, WorldError) as error:  # a file or a reference that leads nowhere: nothing was sent
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
    if manifest is None:
        error_ = Error(code="precondition", message="what the Secret is to hold is not what it was when it was planned")
        return Outcome(applied=Applied.NO, error=error_)
    outcome = applying.sent(change, manifest, world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """A rollout as one; anything else once its controller has seen it, while it is as it was left."""
    if change.request["method"] == making.DELETE:
        return making.is_gone(change, outcome, world)
    return objects.arrived(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the fields as they were, that it was not."""
    if change.request["method"] == making.DELETE:
        return making.confirmed_removal(change, world)
    return patches.with_output(objects.confirmed(change, world), _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say values `before`, by pointer. A file is not read."""
    before, manifest = given.get("before") or {}, inputs.get("manifest")
    paths = json_patches.leaves(manifest) if isinstance(manifest, Mapping) else []
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"manifest": manifest, "file": inputs.get("file")},
        fields=tuple(
            Field(path=path, before=before.get(path), after=json_patches.at(manifest, path)) for path in paths
        ),
        by_hand=by_hand(inputs),
        effect=kubernetes_dangers.effect(inputs, ()),
        named=_named(inputs),
    )


def _named(inputs: Inputs) -> tuple[str, str]:
    """Kind and name as far as the step itself tells them."""
    manifest = inputs.get("manifest")
    if not isinstance(manifest, Mapping):
        return "Manifest", str(inputs.get("file"))
    metadata = manifest.get("metadata")
    return str(manifest.get("kind")), str(metadata.get("name") if isinstance(metadata, Mapping) else None)


def _place(manifest: Mapping[str, Any], world: World) -> Place:
    cluster = kubernetes.client(world)
    return cluster.place(manifest["kind"], manifest["apiVersion"], timeout=kubernetes.patience(world))


def _target(
    manifest: Mapping[str, Any], place: Place, where: str, obj: Mapping[str, Any] | None, world: World
) -> Target:
    if obj is not None:
        return patches.target(obj, manifest["kind"], world)
    return Target(
        connection=kubernetes.client(world).identity,
        kind=manifest["kind"],
        namespace=where if place.namespaced else None,
        name=manifest["metadata"]["name"],
    )


def _change(draft: Change, place: Place, obj: Mapping[str, Any], tried: Tried, inputs: Inputs, world: World) -> Planned:
    """The change of an object that is there, and the patch that takes it back."""
    target, left = draft.target, applying.left(draft.target.kind, obj, tried, world)
    if not left.paths:
        return NothingToDo(reason=f"{target} is as the manifest says already")
    forced = tuple(f"{manager} has set {field}, and is not asked" for manager, field in tried.taken_over)
    endangered = forced + kubernetes_dangers.dangers(left.paths, left.before, left.after)
    endangered += kubernetes_dangers.losses(target.kind, left.paths, left.before)
    never = kubernetes_dangers.irreversible(target.kind, left.paths, left.before, left.after)
    pinned = {"/metadata/uid": target.uid, "/metadata/resourceVersion": obj["metadata"]["resourceVersion"]}
    return replace(
        draft,
        summary=f"Apply {target}: change {objects.few(left.paths)}",
        effect=kubernetes_dangers.effect(inputs, endangered),
        fields=objects.fields(left),
        undo=None if never else objects.undo(target, place, left, world),
        irreversible=never,
        precondition=pinned,
        diff=objects.drawn(left),
        warnings=endangered + tried.warnings + objects.warnings(left, obj, target.kind, world),
    )


def _revealed(change: Change, world: World) -> dict[str, Any] | None:
    """The manifest with what was concealed in it; None where that is something else by now."""
    planned: dict[str, Any] = change.request["manifest"]
    if change.target.kind != kubernetes_secrets.SECRET:
        return planned
    manifest = manifests.given(change.inputs, world)
    same = json_patches.same(objects.view(manifest, change.target.kind, world), planned)
    return manifest if same else None


def _output(change: Change) -> dict[str, Any]:
    return {"created": change.target.uid is None, **objects.output(change)}
