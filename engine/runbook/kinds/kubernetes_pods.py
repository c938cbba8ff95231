"""Pods, and what is the matter with each: those of an owner, with labels, or on a node.

The lists of names (`names`, `not_ready`, `crashing`, …) are made for `for_each`. An owner's pods are those that its
controller owns by uid; labels alone would count those of a neighbour too.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes, pods
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

NAMED = 3  # pods that are named in the message
MOST_PODS = 1000

_OWNERS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job": "Job",
    "replicaset": "ReplicaSet",
}
_EXAMPLES = {"deployment": "api", "statefulset": "queue", "daemonset": "agent", "job": "import", "replicaset": "api-7f"}


def _names(said: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": said}


SPEC = KindSpec(
    name="kubernetes.pods",
    summary="Pods with phase, readiness, restarts, and why they wait or ended.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "namespace": kubernetes.NAMESPACE,
            "all_namespaces": {
                "type": "boolean",
                "description": "Pods of every namespace, such as all on a node.",
                "examples": [True],
            },
            "selector": {
                "type": "string",
                "minLength": 1,
                "description": "Only pods with these labels.",
                "examples": ["app=api"],
            },
            "node": {
                "type": "string",
                "minLength": 1,
                "description": "Only pods on this node.",
                "examples": ["{{ params.node }}"],
            },
            **{
                word: {
                    "type": "string",
                    "minLength": 1,
                    "description": f"Only pods of the {kind} of this name.",
                    "examples": [_EXAMPLES[word]],
                }
                for word, kind in _OWNERS.items()
            },
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "pods": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "description": "Name of the pod."},
                        "namespace": {"type": "string", "description": "Its namespace."},
                        "uid": {"type": "string", "description": "Its uid."},
                        "phase": {"type": "string", "description": "Pending, Running, Succeeded, Failed, Unknown."},
                        "status": {"type": "string", "description": "The word that `kubectl get pods` shows."},
                        "ready": {"type": "boolean", "description": "Whether it is ready."},
                        "ready_containers": {"type": "integer", "description": "Containers that are ready."},
                        "containers": {"type": "integer", "description": "Containers that it has."},
                        "restarts": {"type": "integer", "description": "Restarts of all its containers."},
                        "crashing": {"type": "boolean", "description": "Whether a container fails again and again."},
                        "oom_killed": {
                            "type": "boolean",
                            "description": "Whether a container ran out of memory at its last end.",
                        },
                        "waiting_reason": {
                            "type": ["string", "null"],
                            "description": "Why a container waits, such as ImagePullBackOff.",
                        },
                        "last_termination_reason": {
                            "type": ["string", "null"],
                            "description": "How a container ended last, such as OOMKilled or Error.",
                        },
                        "last_exit_code": {"type": ["integer", "null"], "description": "With which exit code."},
                        "age_seconds": {"type": "integer", "description": "Seconds since it was made."},
                        "node": {"type": ["string", "null"], "description": "Node that it is on."},
                        "owner": {"type": ["string", "null"], "description": "Its controller, as Kind/name."},
                        "terminating": {"type": "boolean", "description": "Whether it is being deleted."},
                    },
                },
                "description": "Each pod.",
            },
            "names": _names("Names of all."),
            "count": {"type": "integer", "description": "How many."},
            "ready": {"type": "integer", "description": "How many are ready."},
            "not_ready": _names("Names of those that should be ready and are not; not what has finished or ends."),
            "crashing": _names("Names of those with a container that fails again and again."),
            "oom_killed": _names("Names of those with a container that ran out of memory at its last end."),
            "failed": _names("Names of those that ended in failure, evicted ones too."),
            "restarts": {"type": "integer", "description": "Restarts of all containers together."},
            "truncated": {"type": "boolean", "description": f"Whether there are more than {MOST_PODS}."},
            "message": {"type": "string", "description": "How many are ready and what ails the others, in words."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "pods",
        "title": "Pods of the API",
        "uses": "kubernetes.pods",
        "with": {"namespace": "production", "deployment": "api"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    parts = [f"of {kind} {inputs[word]}" for word, kind in _OWNERS.items() if inputs.get(word)]
    parts += [f"with {inputs['selector']}"] if inputs.get("selector") else []
    parts += [f"on node {inputs['node']}"] if inputs.get("node") else []
    where = "every namespace" if inputs.get("all_namespaces") else inputs.get("namespace") or "the namespace"
    return " ".join(["Pods", *parts, "in", where])


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type. kubectl cannot choose by owner: all are listed then."""
    words = ["-l", str(inputs["selector"])] if inputs.get("selector") else []
    words += [f"--field-selector=spec.nodeName={inputs['node']}"] if inputs.get("node") else []
    words += ["--all-namespaces"] if inputs.get("all_namespaces") else []
    return kubernetes.kubectl(inputs, "get", "pods", "-o", "wide", *words)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Pods are listed, and their owner is read where one is named."""
    kind, name = next(((kind, inputs[word]) for word, kind in _OWNERS.items() if inputs.get(word)), (None, None))
    owner = needed.to("get", kind, name) if kind else ()
    sets = needed.to("list", "ReplicaSet") if kind == "Deployment" else ()
    return owner + sets + needed.to("list", "Pod", anywhere=bool(inputs.get("all_namespaces")))


def observe(inputs: Inputs, world: World) -> Observation:
    """List them, and keep the owner's. Raises NotFound where there is no such owner."""
    from runbook.clients.kubernetes.paths import PLACES

    owner, where = _owner(inputs), kubernetes.namespace(inputs, world)
    if inputs.get("all_namespaces") and (owner or inputs.get("namespace")):
        raise ParameterError("`all_namespaces` goes with `selector` and `node`, not with an owner or a namespace")
    labels = [kubernetes.text(inputs, "selector")]
    owners = None
    if owner:
        obj = kubernetes.read(*owner, where, world)
        labels.append(kubernetes.selector(obj["spec"].get("selector") or {}))
        owners = controllers(owner[0], obj, where, world)
    node = kubernetes.text(inputs, "node")
    chosen = {"labelSelector": ",".join(filter(None, labels)), "fieldSelector": node and f"spec.nodeName={node}"}
    found = kubernetes.client(world).read_all(
        PLACES["Pod"].path(None if inputs.get("all_namespaces") else where),
        timeout=kubernetes.patience(world),
        query=[(key, value) for key, value in chosen.items() if value],
        most=MOST_PODS,
    )
    kept = [pod for pod in found.items if owners is None or (pods.controller(pod) or {}).get("uid") in owners]
    told = [pods.told(pod, found.at) for pod in kept]
    return Observation(output=_output(told, truncated=not found.complete))


def _owner(inputs: Inputs) -> tuple[str, str] | None:
    given = [(kind, name) for word, kind in _OWNERS.items() if (name := kubernetes.text(inputs, word))]
    if len(given) > 1:
        raise ParameterError("a step names one owner of pods")
    return given[0] if given else None


def controllers(kind: str, obj: dict[str, Any], where: str, world: World) -> set[str]:
    """Uids of the controllers of an object's pods: itself, or a Deployment's ReplicaSets."""
    from runbook.clients.kubernetes.paths import PLACES

    own = obj["metadata"]["uid"]
    if kind != "Deployment":
        return {own}
    sets = kubernetes.client(world).read_all(
        PLACES["ReplicaSet"].path(where),
        timeout=kubernetes.patience(world),
        query=[("labelSelector", kubernetes.selector(obj["spec"]["selector"]))],
    )
    return {one["metadata"]["uid"] for one in sets.items if (pods.controller(one) or {}).get("uid") == own}


def _output(told: list[dict[str, Any]], *, truncated: bool) -> dict[str, Any]:
    expected = [one for one in told if one["phase"] not in pods.FINISHED and not one["terminating"]]
    ill = [one for one in expected if not one["ready"]] + [one for one in told if one["phase"] == "Failed"]
    return {
        "pods": told,
        "names": [one["name"] for one in told],
        "count": len(told),
        "ready": sum(one["ready"] for one in told),
        "not_ready": [one["name"] for one in expected if not one["ready"]],
        "crashing": [one["name"] for one in told if one["crashing"]],
        "oom_killed": [one["name"] for one in told if one["oom_killed"]],
        "failed": [one["name"] for one in told if one["phase"] == "Failed"],
        "restarts": sum(one["restarts"] for one in told),
        "truncated": truncated,
        "message": _message(told, ill),
    }


def _message(told: list[dict[str, Any]], ill: list[dict[str, Any]]) -> str:
    """`3 of 4 ready; api-5d9: CrashLoopBackOff (OOMKilled), 4 restarts`; the first of those that ail."""
    said = [f"{sum(one['ready'] for one in told)} of {len(told)} ready"]
    for one in ill[:NAMED]:
        why = f" ({one['last_termination_reason']})" if one["last_termination_reason"] else ""
        said.append(f"{one['name']}: {one['status']}{why}, {one['restarts']} restarts")
    return "; ".join([*said, *([f"{len(ill) - NAMED} more"] if len(ill) > NAMED else [])])
