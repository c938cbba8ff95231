"""Logs of the pods of a Deployment, of a selector or of one pod: every container, and the one before a restart.

A rollback deletes the pods whose logs explain the incident; so this is what evidence plans collect first. What
cannot be had is said beside what can: a pod that is gone in the meantime fails nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runbook.core.changes import Observation
from runbook.document.durations import PATTERN, Duration
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.paths import Place

MOST_PODS = 50
MOST_BYTES_EACH = 1024 * 1024
MOST_BYTES = 8 * 1024 * 1024

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
                "description": "Only this container; by default all.",
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
                "description": "One entry per container, and per container that restarted.",
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
    container = ["-c", inputs["container"]] if inputs.get("container") else ["--all-containers"]
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
    """Read one log after the other, until all are read, `MOST_BYTES` are, or the time is over."""
    from runbook.clients.kubernetes.paths import PLACES

    where = kubernetes.namespace(inputs, world)
    pods, all_pods = _pods(inputs, where, world)
    logs: list[dict[str, Any]] = []
    missing: list[str] = [] if all_pods else [f"pods beyond the first {MOST_PODS}"]
    size = 0
    for pod, container, previous in _wanted(pods, inputs):
        if size >= MOST_BYTES or world.cancelled() or world.remaining() < 1:
            missing.append(f"{pod}/{container}: left out, {'time' if size < MOST_BYTES else 'space'} is over")
            continue
        read = _log(PLACES["Pod"], where, pod, container, previous, inputs, world)
        if isinstance(read, str):
            missing.append(f"{pod}/{container}{' (previous)' if previous else ''}: {read}")
            continue
        logs.append(read)
        size += len(read["text"].encode())
    output = {
        "logs": logs,
        "pods": len(pods),
        "bytes": size,
        "truncated": bool(missing) or any(log["truncated"] for log in logs),
        "missing": missing,
    }
    return Observation(output=output, unknown=None if pods else "there are no such pods")


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


def _wanted(pods: list[dict[str, Any]], inputs: Inputs) -> Iterator[tuple[str, str, bool]]:
    """Pod, container, and whether its log from before the last restart; that one first, it explains more."""
    only = inputs.get("container")
    for pod in pods:
        status = pod.get("status") or {}
        states = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
        for state in states:
            if only not in (None, state["name"]):
                continue
            if inputs.get("previous") and state.get("restartCount"):
                yield pod["metadata"]["name"], state["name"], True
            yield pod["metadata"]["name"], state["name"], False


def _log(
    place: Place, where: str, pod: str, container: str, previous: bool, inputs: Inputs, world: World
) -> dict[str, Any] | str:
    """One log, or why there is none: not started, rotated away, gone."""
    from runbook.clients.kubernetes.errors import NotFound, Rejected, ServerFailed

    try:
        text, cut = kubernetes.client(world).text(
            place.path(where, pod, "log"),
            timeout=kubernetes.patience(world),
            query=_query(container, previous, inputs),
            cap=MOST_BYTES_EACH,
        )
    except (NotFound, Rejected, ServerFailed) as error:
        return error.message.rpartition(": ")[2]
    return {"pod": pod, "container": container, "previous": previous, "text": text, "truncated": cut}


def _query(container: str, previous: bool, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    query = [("container", container), ("tailLines", str(kubernetes.whole(inputs, "tail", least=1) or 5000))]
    if previous:
        query.append(("previous", "true"))
    if inputs.get("timestamps"):
        query.append(("timestamps", "true"))
    if inputs.get("since"):
        try:
            query.append(("sinceSeconds", str(max(1, int(Duration.parse(inputs["since"]))))))
        except ValueError as error:
            raise ParameterError(f"step input 'since': {error}") from error
    return query
