"""Server-side apply: tried out, told who manages which field, and sent once.

Conflicts are found by the dry run, which carries our marks as what is sent does. Between the two nothing can change:
the resource version is tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.core.changes import Change, Outcome, Refused, Target
from runbook.kinds import deployments, json_patches, kubernetes, kubernetes_dangers
from runbook.kinds import kubernetes_objects as objects
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import INTENT, ROLLED_OUT_BY
from runbook.kinds.protocol import World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

NO_VERSION = "1"  # of no object: a cluster's store has it before its first write (etcd, revision)
PLANNED = "planned"  # in the place of an intent's key, in a dry run

Conflicts = tuple[tuple[str, str], ...]


class Tried(msgspec.Struct, frozen=True):
    """What a dry run said: the object as it would be (None: not tried out) and warnings.

    `force` is whether it takes that to have it; `taken_over` are the managers and fields that are not ours.
    """

    obj: dict[str, Any] | None
    manifest: dict[str, Any]
    force: bool = False
    taken_over: Conflicts = ()
    warnings: tuple[str, ...] = ()


def existing(path: str, world: World) -> dict[str, Any] | None:
    """The object that is there; None where there is none."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        return kubernetes.client(world).read(path, timeout=kubernetes.patience(world)).body
    except NotFound:
        return None


def tried(
    target: Target,
    place: Place,
    manifest: dict[str, Any],
    obj: Mapping[str, Any] | None,
    *,
    force: bool,
    world: World,
) -> Tried | Refused:
    """Let the server do it without keeping it; Refused where it, or another manager of a field, stands in the way."""
    from runbook.clients.kubernetes import MANAGER
    from runbook.clients.kubernetes.errors import ManagerConflict

    path = place.path(target.namespace, target.name)
    try:
        return _tried(path, manifest, obj, (), force=False, world=world)
    except ManagerConflict as error:
        others = tuple((manager, field) for manager, field in error.conflicts if manager != MANAGER)
    if others and not force:
        named = ", ".join(f"{manager} has set {field}" for manager, field in others)
        said = f"{target}: {named} to something else; change it there, or take it over with `force: true`"
        return Refused(reason=said)
    return _tried(path, manifest, obj, others, force=True, world=world)


def _tried(
    path: str,
    manifest: dict[str, Any],
    obj: Mapping[str, Any] | None,
    others: Conflicts,
    *,
    force: bool,
    world: World,
) -> Tried | Refused:
    from runbook.clients.kubernetes.errors import ManagerConflict, NoDryRun, Precondition, Rejected

    marks = dict.fromkeys((INTENT, patches.RUN), PLANNED)
    pinned = {"uid": deployments.uid(obj)} if obj is not None else {"resourceVersion": NO_VERSION}
    body = marked(manifest, marks | kept(obj), pinned)
    try:
        answer = kubernetes.client(world).apply(
            path, body, force=force, timeout=kubernetes.patience(world), dry_run=True
        )
    except NoDryRun as error:
        said = f"not tried out on the server, so what it would leave is worked out here: {error.message}"
        return Tried(None, manifest, force, others, (said,))
    except ManagerConflict:
        raise
    except (Rejected, Precondition) as error:
        return Refused(reason=error.message)
    return Tried(answer.body, manifest, force, others, answer.warnings)


def kept(obj: Mapping[str, Any] | None) -> dict[str, str]:
    """The mark of who made an object, which would go if it were not named again."""
    made_by = deployments.notes(obj).get(kubernetes_dangers.CREATED_BY) if obj is not None else None
    return {kubernetes_dangers.CREATED_BY: made_by} if made_by else {}


def marked(manifest: Mapping[str, Any], marks: Mapping[str, str], pinned: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest with annotations of ours, and with what it must find."""
    metadata = dict(manifest["metadata"])
    metadata["annotations"] = dict(metadata.get("annotations") or {}) | dict(marks)
    return dict(manifest) | {"metadata": metadata | dict(pinned)}


def request(path: str, manifest: Mapping[str, Any], tried: Tried, obj: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is sent, less the marks of this change and what it must find."""
    taken = [{"manager": manager, "field": field} for manager, field in tried.taken_over]
    return {
        "method": "APPLY",
        "path": path,
        "manifest": dict(manifest),
        "makes": obj is None,
        "force": tried.force,
        "takes_over": taken,
        "keeps": kept(obj),
    }


def left(kind: str, obj: Mapping[str, Any], tried: Tried, world: World) -> objects.Left:
    """The object before and after: all that the server changes, what the manifest no longer names too."""
    after = tried.obj if tried.obj is not None else laid_over(obj, tried.manifest)
    was, becomes = (objects.view(one, kind, world) for one in (obj, after))
    return objects.Left(was, becomes, tuple(json_patches.difference(was, becomes)))


def laid_over(obj: Any, manifest: Any) -> Any:
    """An object after an apply, as far as that can be told without the server: lists of names by their names."""
    if isinstance(obj, Mapping) and isinstance(manifest, Mapping):
        return dict(obj) | {key: laid_over(obj.get(key), value) for key, value in manifest.items()}
    if isinstance(obj, list) and isinstance(manifest, list):
        names = [one.get("name") if isinstance(one, Mapping) else None for one in (*obj, *manifest)]
        if all(isinstance(name, str) for name in names):
            wanted = {one["name"]: one for one in manifest}
            held = [laid_over(one, wanted.pop(one["name"])) if one["name"] in wanted else one for one in obj]
            return held + list(wanted.values())
    return json_patches.copied(manifest)


def sent(change: Change, manifest: Mapping[str, Any], world: World) -> Outcome:
    """Send it once, with the version that was read, or one that no object has."""
    marks = {INTENT: str(world.intent), patches.RUN: world.run}
    if change.target.uid is None:
        marks[kubernetes_dangers.CREATED_BY] = world.run
        pinned = {"resourceVersion": NO_VERSION}
    else:
        pinned = {path.removeprefix("/metadata/"): value for path, value in change.precondition.items()}
        marks |= change.request["keeps"]
    if any(field.path.startswith(patches.TEMPLATE) for field in change.fields):
        marks[ROLLED_OUT_BY] = str(world.intent)
    body = marked(manifest, marks, pinned)
    return patches.sent(
        lambda: kubernetes.client(world).apply(
            change.request["path"], body, force=change.request["force"], timeout=kubernetes.patience(world)
        ),
        objects.seen(change, world),
    )
