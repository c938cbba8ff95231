"""Any object of the cluster, as `kubernetes.patch` and `kubernetes.apply` change it: shown, judged, taken back, seen.

What a change does is what the server's dry run left, compared with what was read: defaults and admission are in it.
Of that, the fields that were asked for are the change's; what the server does besides is warned of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from runbook.core.canonical import digest
from runbook.core.changes import Change, Confirmation, Field, Observation, Outcome, Target
from runbook.core.words import Verdict
from runbook.kinds import deployments, json_patches, kubernetes, kubernetes_secrets, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.kubernetes_dangers import MARKS, OF_THE_SERVER, REPLICAS, dangers, effect
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

PATCH = "kubernetes.patch"
MOST_NAMED = 5  # of paths in one line for people

KIND: dict[str, Any] = {
    "type": "string",
    "pattern": "^[A-Za-z][A-Za-z0-9]*$",
    "description": "Kind of object, in the singular.",
    "examples": ["Deployment"],
}
API_VERSION: dict[str, Any] = {
    "type": "string",
    "pattern": "^([a-z0-9.-]+/)?v[0-9][a-z0-9]*$",
    "description": "API version of the kind; needed for kinds that Kubernetes itself does not have.",
    "examples": ["argoproj.io/v1alpha1"],
}
DESTRUCTIVE: dict[str, Any] = {
    "type": "boolean",
    "default": False,
    "description": "Whether the step destroys something, beyond what its plan can tell.",
    "examples": [True],
}
OUTPUTS: dict[str, Any] = {
    "changed": {"type": "array", "items": {"type": "string"}, "description": "Pointers to the fields that changed."},
    **rollouts.OUTPUTS,
}


class Left(msgspec.Struct, frozen=True):
    """An object before a change and as it would leave it, both as people may see them, and the fields it touches."""

    before: dict[str, Any]
    after: dict[str, Any]
    paths: tuple[str, ...]


def place(inputs: Inputs, world: World) -> Place:
    """Where objects of the step's kind are; one request for a kind that is not known beforehand."""
    version = kubernetes.text(inputs, "api_version")
    kind = kubernetes.named(inputs, "kind")
    return kubernetes.client(world).place(kind, version, timeout=kubernetes.patience(world))


def typed(kind: str, api_version: str | None, name: str) -> str:
    """An object as kubectl is told it; of a kind that is not Kubernetes' own with its group."""
    from runbook.clients.kubernetes.paths import PLACES

    group, _, version = (api_version or "").rpartition("/")
    full = kind.lower() if kind in PLACES or not group else f"{kind.lower()}.{version}.{group}"
    return f"{full}/{name}"


def needs(kind: Any, name: Any, api_version: Any, paths: Sequence[str]) -> tuple[needed.Need, ...]:
    """What changing these fields of an object asks for; none is known for a kind that is not Kubernetes' own."""
    from runbook.clients.kubernetes.paths import PLACES

    known = PLACES.get(kind)
    if known is None or api_version not in (None, known.api_version):
        return ()
    rolled = kind in kubernetes.ROLLED and rolls_out(paths)
    read = needed.history(kind, name) if rolled else needed.to("get", kind, name)
    unseen = "whether an autoscaler sets its replicas is not known"
    scaled = needed.to("list", "HorizontalPodAutoscaler", without=unseen) if REPLICAS in paths else ()
    return read + needed.to("patch", kind, name) + scaled


def view(obj: Mapping[str, Any], kind: str, world: World) -> dict[str, Any]:
    """An object as people may see it: without status, bookkeeping, our marks, and what is in a Secret."""
    metadata = {
        key: value
        for key, value in (obj.get("metadata") or {}).items()
        if key not in OF_THE_SERVER or key in ("name", "namespace")
    }
    notes = {key: value for key, value in (metadata.pop("annotations", None) or {}).items() if key not in MARKS}
    metadata |= {"annotations": notes} if notes else {}
    shown = {key: value for key, value in obj.items() if key != "status"} | {"metadata": metadata}
    return kubernetes_secrets.concealed(shown, world) if kind == kubernetes_secrets.SECRET else shown


def touched(before: Mapping[str, Any], after: Mapping[str, Any], wanted: Sequence[str]) -> tuple[str, ...]:
    """What differs in the fields that were asked for."""
    return tuple(path for path in json_patches.difference(before, after) if any(_within(path, one) for one in wanted))


def besides(left: Left, intended: Mapping[str, Any], wanted: Sequence[str]) -> tuple[str, ...]:
    """Warnings of what the server makes of a change: other values than asked for, other fields too."""
    other = [
        path for path in wanted if not contains(json_patches.at(left.after, path), json_patches.at(intended, path))
    ]
    more = [path for path in json_patches.difference(left.before, left.after) if path not in left.paths]
    said = [f"the server makes something else of {few(other)}: admission or a default"] if other else []
    return (*said, *([f"the server changes {few(more)} as well"] if more else []))


def fields(left: Left) -> tuple[Field, ...]:
    """The fields that a change touches, before and after."""
    return tuple(
        Field(path=path, before=json_patches.at(left.before, path), after=json_patches.at(left.after, path))
        for path in left.paths
    )


def drawn(left: Left) -> str:
    """What changes, as lines of YAML; nothing stands before an object that is made."""
    was, becomes = (yaml.safe_dump(one, sort_keys=True, width=1000) if one else "" for one in (left.before, left.after))
    return patches.drawn(was, becomes, was="now", becomes="after")


def undo(target: Target, where: Place, left: Left, world: World) -> Change:
    """The JSON Patch that puts these fields back as they were, on what the change will have left."""
    path = where.path(target.namespace, target.name)
    there = json_patches.copied(left.after)
    there["metadata"].setdefault("annotations", {})  # our marks will be among them
    restored = json_patches.put_back(there, left.before, left.paths)
    operations = json_patches.operations(there, restored, left.paths)
    inputs: dict[str, Any] = {"api_version": where.api_version, "kind": target.kind, "name": target.name}
    inputs |= {"namespace": target.namespace} if target.namespace else {}
    inputs |= {"patch": operations, patches.TAKES_BACK: True}
    line = kubernetes.kubectl(inputs, *patched_by_hand(inputs))
    return Change(
        kind=PATCH,
        target=target,
        summary=f"Put {few(left.paths)} of {target} back",
        effect=effect({}, dangers(left.paths, there, restored)),
        inputs=inputs,
        request=patches.request(path, operations),
        fields=fields(Left(there, restored, left.paths)),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(line, world),
    )


def patched_by_hand(inputs: Inputs) -> tuple[str, ...]:
    """The words of `kubectl patch` for a step's patch; a secret stands as its reference."""
    patch = inputs.get("patch")
    body = msgspec.json.encode(patch).decode()
    form = "json" if isinstance(patch, list) else "merge"
    called = typed(str(inputs.get("kind")), inputs.get("api_version"), str(inputs.get("name")))
    return ("patch", called, f"--type={form}", "-p", body)


def warnings(left: Left, obj: Mapping[str, Any], kind: str, world: World) -> tuple[str, ...]:
    """Who may put it back, and what keeps it from arriving."""
    metadata = obj["metadata"]
    said: tuple[str, ...] = ()
    if metadata.get("deletionTimestamp"):
        said += ("it is being deleted",)
    if kind in kubernetes.ROLLED and rolls_out(left.paths):
        nobody = "its rollouts are paused" if obj["spec"].get("paused") else rollouts.reaches_nobody(obj, kind)
        said += (f"its pods will not have it: {nobody}",) if nobody and _template(left.paths) else ()
    if REPLICAS in left.paths:
        said += owners.autoscalers(kind, metadata["name"], metadata.get("namespace") or "", world)
    return said + owners.reverting(obj, world)


def rolls_out(paths: Sequence[str]) -> bool:
    """Whether fields of a workload are such that its controller has something to do."""
    return _template(paths) or REPLICAS in paths


def seen(change: Change, world: World) -> patches.See:
    """What tells the touched fields of an object from what they may become: kept when a change is accepted."""
    return lambda obj: digest(_values(change, obj, world))


def untouched(change: Change, obj: Mapping[str, Any], world: World) -> bool:
    """Whether the touched fields are as they were before."""
    now = _values(change, obj, world)
    return all(json_patches.same(now[field.path], field.before) for field in change.fields)


def confirmed(change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the fields as they were, that it was not."""
    found = patches.find(change, world, untouched=lambda obj: untouched(change, obj, world), see=seen(change, world))
    return patches.with_output(found, output(change))


def output(change: Change) -> dict[str, Any]:
    """What a step yields once it is sent."""
    return {"changed": [field.path for field in change.fields], **dict.fromkeys(rollouts.OUTPUTS)}


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """One look: a rollout as one, anything else once its controller has seen it and while it is as we left it."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        obj = kubernetes.client(world).read(change.request["path"], timeout=kubernetes.patience(world)).body
    except NotFound:
        return _said(change, outcome, Verdict.FAIL, "it is gone")
    if deployments.uid(obj) != outcome.state["uid"]:
        return _said(change, outcome, Verdict.FAIL, "it was deleted, and made anew by somebody else")
    if _follows(change, obj):
        return patches.rolled_out(change, outcome, world)
    if seen(change, world)(obj) != outcome.state["seen"]:
        return _said(change, outcome, Verdict.FAIL, "superseded: somebody else has changed these fields since")
    status = obj.get("status")
    behind = isinstance(status, Mapping) and "observedGeneration" in status
    if behind and deployments.observed(obj) < outcome.state["generation"]:
        return _said(change, outcome, Verdict.UNKNOWN, "waiting for its controller to see the change")
    return _said(change, outcome, Verdict.PASS, "it is as it was left")


def _follows(change: Change, obj: Mapping[str, Any]) -> bool:
    """Whether there is a rollout whose end can be told."""
    kind = change.target.kind
    if kind not in kubernetes.ROLLED or not change.request["path"].startswith("/apis/apps/v1/"):
        return False
    ends = not obj["spec"].get("paused") and rollouts.strategy(obj, kind) != rollouts.ON_DELETE
    return ends and (change.target.uid is None or rolls_out([field.path for field in change.fields]))


def _said(change: Change, outcome: Outcome, verdict: Verdict, message: str) -> Observation:
    said = f"{change.target}: {message}"
    return Observation(
        output=outcome.output | {"message": said}, verdict=verdict, unknown=None if verdict is Verdict.PASS else said
    )


def _values(change: Change, obj: Mapping[str, Any], world: World) -> dict[str, Any]:
    shown = view(obj, change.target.kind, world)
    return {field.path: json_patches.at(shown, field.path) for field in change.fields}


def _template(paths: Sequence[str]) -> bool:
    return any(_within(path, patches.TEMPLATE) for path in paths)


def _within(path: str, other: str) -> bool:
    """Whether one of two pointers leads into the other."""
    return path == other or path.startswith(other + "/") or other.startswith(path + "/")


def contains(value: Any, wanted: Any) -> bool:
    """Whether a value is what was asked for, the server's defaults aside."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(contains(value.get(key), one) for key, one in wanted.items())
    if isinstance(wanted, list) and isinstance(value, list):
        return len(value) == len(wanted) and all(map(contains, value, wanted))
    return json_patches.same(value, wanted)


def few(paths: Sequence[str]) -> str:
    """Some pointers, for a line."""
    more = len(paths) - MOST_NAMED
    return ", ".join(paths[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
