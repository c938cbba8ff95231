"""What a pod says of itself: pure functions of the API's raw JSON.

A pod's `phase` hides what matters: a container that crashes every minute is `Running`. The word that people know is
the one `kubectl get pods` prints (kubectl, printers.go `printPod`): a waiting or terminated container's reason before
the phase, `Init:…` while init containers run, `Terminating` for what is being deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Raw = Mapping[str, Any]

FINISHED = ("Succeeded", "Failed")
MIRROR = "kubernetes.io/config.mirror"
BACK_OFF = "CrashLoopBackOff"
OOM_KILLED = "OOMKilled"


def name(pod: Raw) -> str:
    """`namespace/name`."""
    return f"{pod['metadata'].get('namespace')}/{pod['metadata']['name']}"


def controller(obj: Raw) -> dict[str, Any] | None:
    """The owner that brings a pod back, as its owner reference; None for a bare pod."""
    owners = obj["metadata"].get("ownerReferences") or []
    return next((dict(one) for one in owners if one.get("controller")), None)


def is_mirror(pod: Raw) -> bool:
    """True for what only shows a static pod of a node: the kubelet runs it, whatever the API says."""
    return MIRROR in (pod["metadata"].get("annotations") or {})


def is_ending(pod: Raw) -> bool:
    """True once somebody has asked for its deletion."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def is_finished(pod: Raw) -> bool:
    """True where nothing of it runs any more, nor will."""
    return phase(pod) in FINISHED


def is_ready(pod: Raw) -> bool:
    """True where its condition says Ready."""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def is_crashing(pod: Raw) -> bool:
    """True where a container waits to be started again after a failure, or has just failed again."""
    if is_finished(pod):
        return False
    waiting = any(_reason(state, "waiting") == BACK_OFF for state in _states(pod))
    return waiting or any(
        (state.get("state") or {}).get("terminated", {}).get("exitCode") for state in _states(pod) if _restarts(state)
    )


def empty_dirs(pod: Raw) -> tuple[str, ...]:
    """Volumes whose content goes with the pod."""
    return tuple(one["name"] for one in pod["spec"].get("volumes") or [] if "emptyDir" in one)


def phase(pod: Raw) -> str:
    """Pending, Running, Succeeded, Failed or Unknown."""
    return str((pod.get("status") or {}).get("phase") or "Unknown")


def status(pod: Raw) -> str:
    """The word of `kubectl get pods`."""
    if is_ending(pod):
        return "Terminating"
    found = pod.get("status") or {}
    for state in found.get("initContainerStatuses") or []:
        if (state.get("state") or {}).get("terminated", {}).get("exitCode") == 0 or state.get("started"):
            continue
        why = _reason(state, "terminated") or _reason(state, "waiting")
        return f"Init:{why}" if why and why != "PodInitializing" else "Init"
    said = [_reason(state, "waiting") or _reason(state, "terminated") for state in found.get("containerStatuses") or []]
    return next(filter(None, said), None) or str(found.get("reason") or phase(pod))


def told(pod: Raw, at: datetime) -> dict[str, Any]:
    """A pod as a step's output; `at` is the server's time."""
    states, owner = list(_states(pod)), controller(pod)
    last = _last_termination(states)
    created = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    containers = (pod.get("status") or {}).get("containerStatuses") or []
    return {
        "name": pod["metadata"]["name"],
        "namespace": pod["metadata"].get("namespace"),
        "uid": pod["metadata"]["uid"],
        "phase": phase(pod),
        "status": status(pod),
        "ready": is_ready(pod),
        "ready_containers": sum(bool(state.get("ready")) for state in containers),
        "containers": len(pod["spec"].get("containers") or []),
        "restarts": sum(map(_restarts, states)),
        "crashing": is_crashing(pod),
        "oom_killed": any(OOM_KILLED in _terminations(state) for state in states),
        "waiting_reason": next(filter(None, (_reason(state, "waiting") for state in states)), None),
        "last_termination_reason": last.get("reason"),
        "last_exit_code": last.get("exitCode"),
        "age_seconds": max(0, int((at - created).total_seconds())),
        "node": pod["spec"].get("nodeName"),
        "owner": f"{owner['kind']}/{owner['name']}" if owner else None,
        "terminating": is_ending(pod),
    }


def line(pod: Raw, at: datetime) -> str:
    """A pod in a line for people, as gates show it."""
    one = told(pod, at)
    words = [f"{one['namespace']}/{one['name']}", one["status"]]
    words.append(f"{one['ready_containers']}/{one['containers']} ready")
    if one["restarts"]:
        words.append(f"{one['restarts']} restarts")
    words.append(one["owner"] or "no controller")
    return "  ".join(words)


def _states(pod: Raw) -> Iterator[dict[str, Any]]:
    found = pod.get("status") or {}
    yield from found.get("initContainerStatuses") or []
    yield from found.get("containerStatuses") or []


def _restarts(state: Raw) -> int:
    return int(state.get("restartCount") or 0)


def _reason(state: Raw, kind: str) -> str | None:
    found = (state.get("state") or {}).get(kind) or {}
    if kind == "terminated" and found and not found.get("reason"):
        return f"ExitCode:{found.get('exitCode')}"
    return found.get("reason")


def _terminations(state: Raw) -> list[str | None]:
    ended = [((state.get(part) or {}).get("terminated") or {}) for part in ("state", "lastState")]
    return [one.get("reason") for one in ended]


def _last_termination(states: list[dict[str, Any]]) -> dict[str, Any]:
    """The end of a container that came last, of all containers of a pod; {} where none has ended."""
    ended = [
        found
        for state in states
        for part in ("state", "lastState")
        if (found := (state.get(part) or {}).get("terminated"))
    ]
    return max(ended, key=lambda one: one.get("finishedAt") or "", default={})
