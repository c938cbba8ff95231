"""What a change of an object may not touch, what it destroys, and what of it cannot be put back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runbook.document.words import Effect
from runbook.kinds import json_patches, kubernetes_secrets
from runbook.kinds.deployments import INTENT, ROLLED_BACK_FROM, ROLLED_OUT_BY
from runbook.kinds.kubernetes_patches import RUN
from runbook.kinds.protocol import Inputs

CREATED_BY = "runbook-engine/created-by"
MARKS = (INTENT, RUN, ROLLED_OUT_BY, ROLLED_BACK_FROM, CREATED_BY)
REPLICAS, FINALIZERS = "/spec/replicas", "/metadata/finalizers"
OF_THE_SERVER = {
    "name",
    "namespace",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
}
_ROLLBACK_TO = "deprecated.deployment.rollback.to"


def untouchable(paths: Sequence[str]) -> str | None:
    """Why one of these fields is not for a step to change; None where all are."""
    for path in paths:
        way = json_patches.parts(path)
        if way[:1] == ["status"]:
            return f"{path}: a status is what controllers have seen, and would be written over by them"
        if way[:1] in (["apiVersion"], ["kind"]) or way == ["metadata"]:
            return f"{path} says which object it is"
        if way[:1] == ["metadata"] and way[1] in OF_THE_SERVER:
            return f"{path} is the server's, and stays as it is"
        if way[:2] == ["metadata", "annotations"] and way[2:3] and way[2] in MARKS:
            return f"{path} is how this tool finds its own changes again"
        if way[:2] == ["metadata", "annotations"] and way[2:3] == [_ROLLBACK_TO]:
            return f"{path}: use kubernetes.rollout_undo, which pins the revision"
    return None


def dangers(paths: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What a change of these fields destroys, in words."""
    said = []
    for path in paths:
        old, new = json_patches.at(before, path), json_patches.at(after, path)
        if path == REPLICAS and new == 0:
            said.append("it leaves no replica: what runs ends")
        if path == FINALIZERS and set(old or ()) - set(new or ()):
            said.append("without its finalizer the object may be deleted at once, and what it stands for stay behind")
        if path == "/metadata/ownerReferences":
            said.append("who owns it decides when it is deleted")
    return tuple(said)


def losses(kind: str, paths: Sequence[str], before: Mapping[str, Any]) -> tuple[str, ...]:
    """What a change takes out of a Secret for ever, in words; what takes a change back takes out what that put in."""
    lost = _lost(kind, paths, before)
    return (f"what is in {', '.join(lost)} now is lost: no runbook keeps the values of a Secret",) if lost else ()


def irreversible(kind: str, paths: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Why these fields cannot be put back; None where they can."""
    if _lost(kind, paths, before):
        return "the values of a Secret are not kept, so those before cannot be put back"
    if FINALIZERS in paths:
        old, new = (json_patches.at(one, FINALIZERS) or () for one in (before, after))
        if set(old) - set(new):
            return "once a finalizer is gone, what waited for it goes on"
    return None


def _lost(kind: str, paths: Sequence[str], before: Mapping[str, Any]) -> list[str]:
    if kind != kubernetes_secrets.SECRET:
        return []
    held = [path for path in paths if path.startswith("/data/") and json_patches.at(before, path) is not None]
    return [path.removeprefix("/data/") for path in held]


def effect(inputs: Inputs, endangered: Sequence[str]) -> Effect:
    """What the step says it does, or what its plan found that it does."""
    return Effect.DESTRUCTIVE if inputs.get("destructive") is True or endangered else Effect.CHANGE
