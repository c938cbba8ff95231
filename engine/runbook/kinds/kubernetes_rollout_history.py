"""Which revisions a workload has had, how old each is, and which one a rollback would return to."""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.durations import spoken
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import deployments, kubernetes
from runbook.kinds import kubernetes_needs as needed
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
    "replica_set": {"type": ["string", "null"], "description": "Name of the ReplicaSet that keeps it."},
    "controller_revision": {
        "type": ["string", "null"],
        "description": "Name of the ControllerRevision that keeps it; null for a Deployment.",
    },
}
_LISTED = _REVISION | {
    "current": {"type": "boolean", "description": "Whether it is the workload's template now."},
    "available": {
        "type": ["integer", "null"],
        "description": "Pods of it that are available; null where pods may not be read.",
    },
    "rolled_back": {"type": "boolean", "description": "Whether a runbook has rolled back from it."},
    "rolled_out_by": {
        "type": ["string", "null"],
        "description": "Mark of the change by a runbook that rolled it out; null where it was somebody else.",
    },
}

SPEC = KindSpec(
    name="kubernetes.rollout_history",
    summary="The revisions of a Deployment, StatefulSet or DaemonSet, and which one a rollback would return to.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": kubernetes.WORKLOADS,
        **kubernetes.NEEDS_ONE,
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
            "message": {"type": "string", "description": "What runs now and where a rollback would go, in words."},
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
    return kubernetes.kubectl(inputs, "rollout", "history", kubernetes.called(inputs))


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read."""
    return needed.history(*needed.named(inputs, kubernetes.ROLLED))


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the workload and its revisions. Unknown while the controller has not caught up."""
    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    seen = kubernetes.read_history(name, kubernetes.namespace(inputs, world), world, kind)
    unknown = f"{seen.name}: {seen.behind}" if seen.behind else None
    return Observation(output=_output(seen), unknown=unknown)


def _output(seen: History) -> dict[str, Any]:
    newest_first = sorted(seen.revisions, key=lambda revision: revision.number, reverse=True)
    return {
        "latest": seen.told(seen.current) if seen.current else None,
        "previous": seen.told(seen.previous) if seen.previous else None,
        "revisions": [_listed(revision, seen) for revision in newest_first],
        "paused": seen.paused,
        "message": _message(seen),
        "generation": deployments.generation(seen.obj),
    }


def _message(seen: History) -> str:
    """`revision 7 (api:7, 4m20s old, "release 7"); a rollback returns to 6 (api:6, 2d old)`."""
    now = f"revision {_named(seen.current, seen)}" if seen.current else "no revision of what is wanted now yet"
    back = f"a rollback returns to {_named(seen.previous, seen)}" if seen.previous else "there is none to return to"
    return f"{now}; {back}{'; paused' if seen.paused else ''}"


def _named(revision: Revision, seen: History) -> str:
    told = seen.told(revision)
    cause = [f'"{told["change_cause"]}"'] if told["change_cause"] else []
    parts = [*dict.fromkeys(told["images"].values()), f"{spoken(told['age_seconds'])} old", *cause]
    return f"{revision.number} ({', '.join(parts)})"


def _listed(revision: Revision, seen: History) -> dict[str, Any]:
    return seen.told(revision) | {
        "current": revision.current,
        "available": revision.available,
        "rolled_back": revision.hash in seen.rolled_back_from,
        "rolled_out_by": revision.made_by,
    }
