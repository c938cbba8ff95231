"""Whether a workload has rolled out: one look, by kubectl's rule and by the pods of the template itself.

What `kubectl rollout status` waits for or takes for done without looking is said here: a paused Deployment and the
update strategy `OnDelete` have no rollout that could end, so there is no verdict, and surely no healthy one. How
counts and deadlines are read: `rollouts.py`.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.kinds import kubernetes, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.deployments import History, images
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.rollout_status",
    summary="Whether a Deployment, StatefulSet or DaemonSet has rolled out.",
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
            "state": {
                "enum": ["complete", "progressing", "failed", "paused", None],
                "description": "Where it stands; failed once its deadline is over, null where nobody can tell.",
            },
            "revision": {"type": ["integer", "null"], "description": "Number of the current revision."},
            "images": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Image by name of container, as the template has them.",
            },
            **rollouts.OUTPUTS,
        },
    },
    expect='state == "complete"',
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "rolled_out",
        "title": "Is the new version out?",
        "uses": "kubernetes.rollout_status",
        "with": {"deployment": "api", "namespace": "production"},
        "until": {"within": "5m", "every": "10s"},
    },
)

_STATES = {Verdict.PASS: "complete", Verdict.FAIL: "failed", Verdict.UNKNOWN: "progressing"}


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Rollout of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl(inputs, "rollout", "status", kubernetes.called(inputs), "--watch=false")


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read."""
    return needed.history(*needed.named(inputs, kubernetes.ROLLED))


def observe(inputs: Inputs, world: World) -> Observation:
    """Read the workload, its revisions and pods. Unknown where there is no rollout to follow."""
    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    seen = kubernetes.read_history(name, kubernetes.namespace(inputs, world), world, kind)
    verdict, message = rollouts.standing(seen, rollouts.since(seen.obj))
    said, cannot_tell = f"{seen.name}: {message}", rollouts.unfollowed(seen)
    state = _STATES[verdict] if cannot_tell is None else "paused" if seen.paused else None
    return Observation(output=_output(seen, state, said), unknown=said if cannot_tell else None)


def _output(seen: History, state: str | None, said: str) -> dict[str, Any]:
    return {
        "state": state,
        "revision": seen.current.number if seen.current else None,
        "images": images(seen.obj["spec"]["template"]),
        "message": said,
        **rollouts.counts(seen),
    }
