"""An object that an apply makes, and its removal, which is how that is taken back.

Only what this very run has made is removed: it is known by a mark that was set when it was made, and deleted by its
uid. What somebody has changed in it since is lost with it, so it is shown, and asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Field,
    NothingToDo,
    Observation,
    Outcome,
    Planned,
    Refused,
    Target,
)
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import WorldError
from runbook.kinds import applying, deployments, json_patches, kubernetes, kubernetes_dangers, rollouts
from runbook.kinds import kubernetes_objects as objects
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.applying import Tried
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

APPLY, DELETE = "kubernetes.apply", "DELETE"
MADE, RUN = "made", "made_by"  # among the inputs of a planned removal: the manifest, and the run
_NAME = "/metadata/name"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type to apply a manifest."""
    force = ["--force-conflicts"] if inputs.get("force") is True else []
    words = ("apply", "--server-side", "--field-manager=runbook-engine", *force, "-f")
    if inputs.get("file"):
        return kubernetes.kubectl(inputs, *words, str(inputs["file"]))
    from shlex import quote

    return (
        f"{kubernetes.kubectl(inputs, *words, '-')} <<< {quote(msgspec.json.encode(inputs.get('manifest')).decode())}"
    )


def planned(draft: Change, place: Place, tried: Tried, world: World) -> Change:
    """The change that makes an object, and the one that removes it again."""
    target, shown = draft.target, draft.request["manifest"]
    left = objects.Left({}, shown, ())
    inputs = {"api_version": place.api_version, "kind": target.kind, "name": target.name}
    inputs |= {"namespace": target.namespace} if target.namespace else {}
    undo = _removal(target, place, inputs | {MADE: shown, RUN: world.run, patches.TAKES_BACK: True}, world)
    return replace(
        draft,
        summary=f"Make {target}",
        effect=kubernetes_dangers.effect(draft.inputs, ()),
        fields=(Field(path=_NAME, before=None, after=target.name),),
        undo=undo,
        diff=objects.drawn(left),
        warnings=tried.warnings,
    )


def planned_removal(inputs: Inputs, world: World) -> Planned:
    """Remove what a run has made, if it is still that."""
    place, where = objects.place(inputs, world), kubernetes.text(inputs, "namespace")
    kind, name = kubernetes.named(inputs, "kind"), kubernetes.named(inputs, "name")
    obj = applying.existing(place.path(where, name), world)
    connection = kubernetes.client(world).identity
    target = Target(connection=connection, kind=kind, namespace=where, name=name)
    if obj is None or obj["metadata"].get("deletionTimestamp"):
        return NothingToDo(reason=f"{target} is gone already")
    if deployments.notes(obj).get(kubernetes_dangers.CREATED_BY) != inputs.get(RUN):
        return Refused(reason=f"{target} is not the one that this run has made")
    change = _removal(target, place, inputs, world)
    shown, made = objects.view(obj, kind, world), inputs.get(MADE)
    moved = tuple(
        Field(path=path, before=json_patches.at(shown, path))
        for path in json_patches.leaves(made)
        if path.startswith("/") and not objects.contains(json_patches.at(shown, path), json_patches.at(made, path))
    )
    return replace(
        change,
        fields=change.fields + moved,
        precondition={"/metadata/uid": deployments.uid(obj)},
        diff=objects.drawn(objects.Left(shown, {}, ())),
    )


def _removal(target: Target, place: Place, inputs: Mapping[str, Any], world: World) -> Change:
    typed = objects.typed(target.kind, place.api_version, target.name)
    return Change(
        kind=APPLY,
        target=target,
        summary=f"Delete {target}, which this run made",
        effect=Effect.DESTRUCTIVE,
        inputs=dict(inputs),
        request={"method": DELETE, "path": place.path(target.namespace, target.name)},
        fields=(Field(path=_NAME, before=target.name, after=None),),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(kubernetes.kubectl(inputs, "delete", typed), world),
    )


def removed(change: Change, world: World) -> Outcome:
    """Delete it once, by its uid; an exception means that it may have been done."""
    from runbook.clients.kubernetes.errors import refused

    uid = change.precondition["/metadata/uid"]
    # said outright, because the default for Jobs is to leave their pods (batch/v1, OrphanDependents)
    options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
    try:
        kubernetes.client(world).delete(change.request["path"], options, timeout=kubernetes.patience(world))
    except WorldError as error:
        if refused(error):
            return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
        raise
    return Outcome(applied=Applied.YES, state={"uid": uid}, output=_output())


def is_gone(change: Change, outcome: Outcome, world: World) -> Observation:
    """One look whether it is gone; finalizers may take their time."""
    left = _left(change, outcome.state["uid"], world)
    said = f"{change.target}: {'it is gone' if left is None else 'it is being deleted; its finalizers are awaited'}"
    verdict = Verdict.PASS if left is None else Verdict.UNKNOWN
    return Observation(
        output=outcome.output | {"message": said}, verdict=verdict, unknown=None if left is None else said
    )


def confirmed_removal(change: Change, world: World) -> Confirmation:
    """Gone, or about to be: done. Still there once the server has had its time: not done."""
    uid = change.precondition["/metadata/uid"]
    until = monotonic() + kubernetes.client(world).server_timeout
    while True:
        left = _left(change, uid, world)
        if left is None or left["metadata"].get("deletionTimestamp"):
            return DidApply(outcome=Outcome(applied=Applied.YES, state={"uid": uid}, output=_output()))
        if monotonic() >= until:
            return DidNotApply(reason="it is still there, and the server has had its time to delete it")
        if world.cancelled() or world.remaining() <= 2 * patches.LOOK_EVERY:
            return CannotTell(reason="it is still there, and may yet be deleted")
        sleep(patches.LOOK_EVERY)


def _left(change: Change, uid: str, world: World) -> dict[str, Any] | None:
    """What is left of the object with this uid."""
    obj = applying.existing(change.request["path"], world)
    return obj if obj is not None and deployments.uid(obj) == uid else None


def _output() -> dict[str, Any]:
    return {"created": False, "changed": [_NAME]} | dict.fromkeys(rollouts.OUTPUTS)
