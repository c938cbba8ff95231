"""Change some fields of any object: by a JSON merge patch (a map) or a JSON Patch (a list of operations).

A merge patch cannot say what it must find. So either form is worked out on the object as it was read, and what is sent
is one JSON Patch of the fields that differ, tested on what stood there: whoever changed one of them in between is not
overruled. A field that somebody else changes beside them voids nothing. Of a Secret nothing that it holds may stand in
a plan, so it is tested on its resource version instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Error, Field, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds import deployments, json_patches, kubernetes, kubernetes_dangers, kubernetes_secrets
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_objects as objects
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.json_patches import DoesNotFit, Operations
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

SPEC = KindSpec(
    name=objects.PATCH,
    summary="Change some fields of any object, by a JSON merge patch or a JSON Patch.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "name", "patch"],
        "properties": {
            "kind": objects.KIND,
            "name": {"type": "string", "minLength": 1, "description": "Name of the object.", "examples": ["api"]},
            "namespace": kubernetes.NAMESPACE,
            "api_version": objects.API_VERSION,
            "patch": {
                "type": ["object", "array"],
                "minProperties": 1,
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["op", "path"],
                    "properties": {
                        "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
                        "path": {"type": "string", "pattern": "^/"},
                        "from": {"type": "string", "pattern": "^/"},
                    },
                },
                "description": "A map is a JSON merge patch, in which null removes a field; a list is a JSON Patch.",
                "examples": [
                    {"spec": {"minReadySeconds": 10}},
                    [{"op": "remove", "path": "/metadata/labels/canary"}],
                ],
            },
            "destructive": objects.DESTRUCTIVE,
        },
    },
    outputs={"type": "object", "properties": objects.OUTPUTS},
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "maintenance",
        "title": "Send the users to the maintenance page",
        "uses": "kubernetes.patch",
        "with": {
            "kind": "Service",
            "name": "shop",
            "namespace": "production",
            "patch": {"spec": {"selector": {"app": "maintenance"}}},
        },
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"Patch {inputs.get('kind')} {where}{inputs.get('name')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; a secret stands as its reference."""
    return kubernetes.kubectl(inputs, *objects.patched_by_hand(inputs))


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read and changed; of a workload, revisions and autoscalers where the patch reaches them."""
    paths = [path for path, _ in _asked(inputs.get("patch"))]
    return objects.needs(inputs.get("kind"), inputs.get("name"), inputs.get("api_version"), paths)


def plan(inputs: Inputs, world: World) -> Planned:
    """Work the patch out on the object as it is, and try it out on the server. Reads only."""
    place, name = objects.place(inputs, world), kubernetes.named(inputs, "name")
    kind, where = kubernetes.named(inputs, "kind"), kubernetes.namespace(inputs, world)
    obj = kubernetes.client(world).read(place.path(where, name), timeout=kubernetes.patience(world)).body
    target = patches.target(obj, kind, world)
    try:
        wanted = _patched(obj, kind, inputs, world)
    except DoesNotFit as error:
        return Refused(reason=f"{target}: {error}")
    paths = json_patches.difference(obj, wanted)
    if not paths:
        return NothingToDo(reason=f"{target} is so already")
    forbidden = kubernetes_dangers.untouchable(paths)
    if forbidden:
        return Refused(reason=f"{target}: {forbidden}")
    operations = json_patches.operations(obj, wanted, paths) + _room(obj, paths)
    draft = Change(
        kind=SPEC.name,
        target=target,
        summary="",
        effect=Effect.CHANGE,
        request=patches.request(place.path(target.namespace, name), operations),
        precondition=_pinned(obj, kind, paths, inputs["patch"]),
    )
    tried = patches.try_out(draft, world, compares=False)
    if isinstance(tried, Refused):
        return tried
    shown, kept, asked = (objects.view(one, kind, world) for one in (obj, tried[0] or wanted, wanted))
    left = objects.Left(shown, kept, objects.touched(shown, kept, paths))
    if not left.paths:
        return Refused(reason=f"{target}: the server takes the patch and leaves everything as it is")
    said = objects.besides(left, asked, paths) + objects.warnings(left, obj, kind, world) + tried[1]
    return _change(draft, place, left, said, inputs, world)


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    sent: Change | None = change
    if change.target.kind == kubernetes_secrets.SECRET:
        try:
            sent = _revealed(change, world)
        except (ParameterError, WorldError) as error:  # a reference that leads nowhere: nothing was sent
            return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
    if sent is None:
        error_ = Error(
            code="precondition", message="a secret that is to be set is another one than when it was planned"
        )
        return Outcome(applied=Applied.NO, error=error_)
    outcome = patches.send(sent, world, objects.seen(change, world))
    return replace(outcome, output=objects.output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """A rollout as one; anything else once its controller has seen it, while it is as it was left."""
    return objects.arrived(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the fields as they were, that it was not."""
    return objects.confirmed(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say values `before`, by pointer."""
    before, patch = given.get("before") or {}, inputs.get("patch")
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"patch": patch},
        fields=tuple(Field(path=path, before=before.get(path), after=value) for path, value in _asked(patch)),
        by_hand=by_hand(inputs),
        effect=kubernetes_dangers.effect(inputs, ()),
        named=(str(inputs.get("kind")), str(inputs.get("name"))),
    )


def _asked(patch: Any) -> list[tuple[str, Any]]:
    """What a patch asks for by its own words: pointers and values."""
    if isinstance(patch, list):
        found = [one for one in patch if isinstance(one, Mapping) and one.get("op") != "test"]
        return [(str(one.get("path")), one.get("value")) for one in found]
    return [(path, json_patches.at(patch, path)) for path in json_patches.leaves(patch)]


def _patched(obj: Mapping[str, Any], kind: str, inputs: Inputs, world: World) -> dict[str, Any]:
    """The object as it is asked for. Raises DoesNotFit, ParameterError, NoSecret."""
    patch, secret = inputs.get("patch"), kind == kubernetes_secrets.SECRET
    if isinstance(patch, Mapping) and patch:
        merged: dict[str, Any] = json_patches.merged(
            obj, kubernetes_secrets.resolved(patch, world) if secret else patch
        )
        return merged
    if isinstance(patch, list) and patch and all(isinstance(one, Mapping) for one in patch):
        return json_patches.patched(obj, kubernetes_secrets.resolved_operations(patch, world) if secret else patch)
    raise ParameterError("step input 'patch' must be a map (a JSON merge patch) or a list (a JSON Patch)")


def _room(obj: Mapping[str, Any], paths: list[str]) -> Operations:
    """A map for our marks, where neither the object nor the patch has one."""
    has = deployments.notes(obj) or any(path.startswith("/metadata/annotations/") for path in paths)
    return [] if has else patches.noting({}, {})


def _pinned(obj: Mapping[str, Any], kind: str, paths: list[str], patch: Any) -> dict[str, Any]:
    """What must stand where when it is sent: what was read, and what the patch itself tests of that."""
    pinned = {"/metadata/uid": deployments.uid(obj)}
    if kind == kubernetes_secrets.SECRET:
        return pinned | {"/metadata/resourceVersion": obj["metadata"]["resourceVersion"]}
    tested = {one["path"]: one.get("value") for one in patch if one["op"] == "test"} if isinstance(patch, list) else {}
    held = {path: value for path, value in tested.items() if json_patches.same(json_patches.at(obj, path), value)}
    return pinned | held | json_patches.tests(obj, paths)


def _change(
    draft: Change, place: Place, left: objects.Left, said: tuple[str, ...], inputs: Inputs, world: World
) -> Change:
    target, request = draft.target, draft.request
    endangered, back = kubernetes_dangers.dangers(left.paths, left.before, left.after), patches.taken_back(inputs)
    endangered += () if back else kubernetes_dangers.losses(target.kind, left.paths, left.before)
    never = kubernetes_dangers.irreversible(target.kind, left.paths, left.before, left.after)
    irreversible = patches.NO_UNDO if back else never
    if target.kind == kubernetes_secrets.SECRET:
        hidden = kubernetes_secrets.concealed_operations(request["operations"], world)
        request = request | {"operations": hidden}
    verb = "Put back" if back else "Change"
    return replace(
        draft,
        summary=f"{verb} {objects.few(left.paths)} of {target}",
        effect=kubernetes_dangers.effect(inputs, endangered),
        inputs=dict(inputs),
        request=request,
        fields=objects.fields(left),
        undo=None if irreversible else objects.undo(target, place, left, world),
        irreversible=irreversible,
        diff=objects.drawn(left),
        warnings=endangered + said,
        by_hand=kubernetes.there(by_hand(inputs), world),
    )


def _revealed(change: Change, world: World) -> Change | None:
    """The change with the values that its references lead to; None where one leads to another value by now."""
    patch = change.inputs["patch"]
    if isinstance(patch, Mapping):
        data = kubernetes_secrets.resolved(patch, world).get("data") or {}
        real = [{"path": "/data" + json_patches.pointer(key), "value": value} for key, value in data.items()]
    else:
        real = kubernetes_secrets.resolved_operations(patch, world)
    operations = kubernetes_secrets.revealed(change.request["operations"], real, world)
    return None if operations is None else replace(change, request=change.request | {"operations": operations})
