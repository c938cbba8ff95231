"""Logs of the pods of a Deployment, of a selector or of one pod: every container, and the one before a restart.

A rollback deletes the pods whose logs explain the incident; so this is what evidence plans collect first. What
cannot be had is said beside what can: a pod that is gone in the meantime fails nothing.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.durations import PATTERN, Duration
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes, pod_logs
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

MOST_PODS = 50
MOST_BYTES_EACH = 1024 * 1024
MOST_BYTES = 8 * 1024 * 1024
ALL = "all"

SPEC = KindSpec(
    name="kubernetes.logs",
    summary="Logs of pods, all containers, with those from before the last restart if asked.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "namespace": kubernetes.NAMESPACE,
            "deployment": kubernetes.DEPLOYMENT | {"description": "Logs of all pods of this Deployment."},
            "pod": {"type": "string", "minLength": 1, "description": "Logs of this pod.", "examples": ["api-7d9-x2"]},
            "selector": {
                "type": "string",
                "minLength": 1,
                "description": "Logs of the pods with these labels.",
                "examples": ["app=api"],
            },
            "container": {
                "type": "string",
                "minLength": 1,
                "description": "Only this container; by default `all`, init containers and ephemeral ones too.",
                "examples": ["api"],
            },
            "since": {
                "type": "string",
                "pattern": PATTERN,
                "description": "Only lines that are younger; by default all that is kept.",
                "examples": ["2h"],
            },
            "tail": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100000,
                "default": 5000,
                "description": "At most so many of the last lines of each container.",
                "examples": [500],
            },
            "previous": {
                "type": "boolean",
                "default": False,
                "description": "Also the logs from before the last restart, of each container that restarted.",
                "examples": [True],
            },
            "timestamps": {
                "type": "boolean",
                "default": False,
                "description": "Begin each line with its time.",
                "examples": [True],
            },
        },
        "if": {"not": {"anyOf": [{"required": ["pod"]}, {"required": ["selector"]}]}},
        "then": {"required": ["deployment"]},
    },
    outputs={
        "type": "object",
        "properties": {
            "logs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "pod": {"type": "string", "description": "Name of the pod."},
                        "container": {"type": "string", "description": "Name of the container."},
                        "previous": {"type": "boolean", "description": "From before the last restart."},
                        "text": {"type": "string", "description": "Its lines."},
                        "truncated": {"type": "boolean", "description": "Whether it was cut off."},
                    },
                },
                "description": "One entry per container, and with `previous` one more for each that restarted.",
            },
            "text": {
                "type": "string",
                "description": "All lines, each after its pod and container; of more than 256 KiB beginning and end.",
            },
            "pods": {"type": "integer", "description": "Pods found."},
            "bytes": {"type": "integer", "description": "Bytes of all text."},
            "truncated": {"type": "boolean", "description": "Whether anything was cut off or left out."},
            "missing": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What could not be read, and why.",
            },
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    text="text",
    timeout="1m",
    example={
        "id": "pod_logs",
        "uses": "kubernetes.logs",
        "with": {"namespace": "production", "deployment": "api", "since": "2h", "previous": True, "timestamps": True},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    if inputs.get("pod"):
        return f"Logs of pod {inputs['pod']}"
    if inputs.get("selector"):
        return f"Logs of the pods with {inputs['selector']}"
    return f"Logs of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    words = {"pod": [inputs.get("pod")], "selector": ["-l", inputs.get("selector")]}
    named = next((words[key] for key in words if inputs.get(key)), [f"deployment/{inputs.get('deployment')}"])
    container = ["--all-containers"] if inputs.get("container", ALL) == ALL else ["-c", inputs["container"]]
    more = [f"--since={inputs['since']}"] if inputs.get("since") else []
    more += [f"--tail={inputs['tail']}"] if inputs.get("tail") else []
    more += [f"--{word}" for word in ("previous", "timestamps") if inputs.get(word)]
    return kubernetes.kubectl(inputs, "logs", *map(str, named), *container, *more)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Pods are found, by a Deployment's selector where it names one, and their logs are read."""
    if inputs.get("pod"):
        found = needed.to("get", "Pod", inputs["pod"])
    else:
        owner = needed.to("get", "Deployment", inputs["deployment"]) if inputs.get("deployment") else ()
        found = owner + needed.to("list", "Pod")
    return found + needed.to("get", "Pod", inputs.get("pod"), sub="log")


def observe(inputs: Inputs, world: World) -> Observation:
    """Find the pods, and read the log of each of their containers."""
    where, asked = kubernetes.namespace(inputs, world), _asked(inputs)
    pods, all_pods = _pods(inputs, where, world)
    found = pod_logs.collect(pods, where, world, asked)
    missing = found.missing if all_pods else [f"pods beyond the first {MOST_PODS}", *found.missing]
    if asked.container and pods and not (found.logs or found.missing):
        missing = [f"no pod has a container {asked.container}", *missing]
    text, cut = pod_logs.together(found.logs)
    output = {
        "logs": found.logs,
        "text": text,
        "pods": len(pods),
        "bytes": found.size,
        "truncated": bool(missing) or found.truncated or cut,
        "missing": missing,
    }
    return Observation(output=output, unknown=None if pods else "there are no such pods")


def _asked(inputs: Inputs) -> pod_logs.Asked:
    container = kubernetes.text(inputs, "container")
    try:
        since = max(1, int(Duration.parse(inputs["since"]))) if inputs.get("since") else None
    except ValueError as error:
        raise ParameterError(f"step input 'since': {error}") from error
    return pod_logs.Asked(
        each=MOST_BYTES_EACH,
        most=MOST_BYTES,
        container=None if container == ALL else container,
        previous=inputs.get("previous") is True,
        since=since,
        tail=kubernetes.whole(inputs, "tail", least=1) or pod_logs.TAIL,
        timestamps=inputs.get("timestamps") is True,
    )


def _pods(inputs: Inputs, where: str, world: World) -> tuple[list[dict[str, Any]], bool]:
    from runbook.clients.kubernetes.paths import PLACES

    pod, chosen = kubernetes.text(inputs, "pod"), kubernetes.text(inputs, "selector")
    if pod:
        return [kubernetes.read("Pod", pod, where, world)], True
    if not chosen:
        name = kubernetes.text(inputs, "deployment")
        if not name:
            raise ParameterError("a step names a deployment, a pod or a selector")
        chosen = kubernetes.selector(kubernetes.read("Deployment", name, where, world)["spec"]["selector"])
    found = kubernetes.client(world).read_all(
        PLACES["Pod"].path(where),
        timeout=kubernetes.patience(world),
        query=[("labelSelector", chosen)],
        most=MOST_PODS,
    )
    return found.items, found.complete
