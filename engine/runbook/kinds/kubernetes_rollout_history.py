"""Which revisions a Deployment has had, how old each is, and which one a rollback would return to."""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import deployments, kubernetes
from runbook.kinds.deployments import History, Revision
from runbook.kinds.protocol import Inputs, World

_REVISION = {
    "revision": {"type": "integer", "description": "Number of the revision; a rollback renumbers."},
    "age_seconds": {"type": "integer", "description": "Seconds since this pod template first appeared."},
    "images": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Image by name of container.",
    },
    "change_cause": {"type": ["string", "null"], "description": "Annotation kubernetes.io/change-cause."},
    "hash": {"type": "string", "description": "Hash of the pod template; it stays when numbers change."},
    "replica_set": {"type": "string", "description": "Name of the ReplicaSet that keeps it."},
}
_LISTED = _REVISION | {
    "current": {"type": "boolean", "description": "Whether it is the Deployment's template now."},
    "available": {"type": "integer", "description": "Pods of it that are available."},
    "rolled_back": {"type": "boolean", "description": "Whether a runbook has rolled back from it."},
}

SPEC = KindSpec(
    name="kubernetes.rollout_history",
    summary="The revisions of a Deployment, and which one a rollback would return to.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["deployment"],
        "properties": {"deployment": kubernetes.DEPLOYMENT, "namespace": kubernetes.NAMESPACE},
    },
    outputs={
        "type": "object",
        "properties": {
            "latest": {
                "type": ["object", "null"],
                "properties": _REVISION,
                "description": "The current revision; null while its controller has not caught up.",
            },
            "previous": {
                "type": ["object", "null"],
                "properties": _REVISION,
                "description": "Where a rollback would go; null where there is no good revision to return to.",
            },
            "revisions": {
                "type": "array",
                "items": {"type": "object", "properties": _LISTED},
                "description": "All that are kept, highest number first.",
            },
            "paused": {"type": "boolean", "description": "Whether rollouts are paused."},
            "generation": {"type": "integer", "description": "How often what is wanted has changed."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "history",
        "title": "Recent deployments",
        "uses": "kubernetes.rollout_history",
        "with": {"deployment": "api", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Revisions of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl(inputs, "rollout", "history", f"deployment/{inputs.get('deployment')}")


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the Deployment and its ReplicaSets. Unknown while the controller has not caught up."""
    name = kubernetes.named(inputs, "deployment")
    seen = kubernetes.read_history(name, kubernetes.namespace(inputs, world), world)
    unknown = f"Deployment {name}: {seen.behind}" if seen.behind else None
    return Observation(output=_output(seen), unknown=unknown)


def _output(seen: History) -> dict[str, Any]:
    newest_first = sorted(seen.revisions, key=lambda revision: revision.number, reverse=True)
    return {
        "latest": seen.current.told(seen.at) if seen.current else None,
        "previous": seen.previous.told(seen.at) if seen.previous else None,
        "revisions": [_listed(revision, seen) for revision in newest_first],
        "paused": bool(seen.deployment["spec"].get("paused")),
        "generation": deployments.generation(seen.deployment),
    }


def _listed(revision: Revision, seen: History) -> dict[str, Any]:
    return revision.told(seen.at) | {
        "current": revision.current,
        "available": revision.available,
        "rolled_back": revision.hash in seen.rolled_back_from,
    }
