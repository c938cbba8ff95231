"""Whether a pod that was taken away is gone and, where a controller is known to make another, that one is ready.

A replacement is known by its name (StatefulSet), its node (DaemonSet) or by being made since (ReplicaSet), both times
by the server's clock. As many ready pods as are wanted will do as well: a controller that has too many makes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runbook.core.changes import Change, Observation, Outcome
from runbook.core.words import Verdict
from runbook.kinds import deployments, kubernetes, pods, removals
from runbook.kinds.protocol import World

Raw = Mapping[str, Any]


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """One look: it is gone, and another one is ready in its place where a controller is known to make one."""
    there = removals.now(change, world)
    if there is not None:
        return _looked(change, outcome, Verdict.UNKNOWN, f"is there still ({pods.status(there)})")
    owner = change.request.get("controller")
    if owner is None:
        return _looked(change, outcome, Verdict.PASS, "is gone")
    if owner["kind"] not in removals.REPLACES:
        return _looked(change, outcome, Verdict.PASS, f"is gone; {owner['kind']} {owner['name']} was not followed")
    return _replaced(change, outcome, owner, world)


def _replaced(change: Change, outcome: Outcome, owner: Raw, world: World) -> Observation:
    from runbook.clients.kubernetes.errors import NotFound
    from runbook.clients.kubernetes.paths import PLACES

    where = change.target.namespace or ""
    try:
        controller = kubernetes.read(owner["kind"], owner["name"], where, world)
    except NotFound:
        controller = None
    if controller is None or deployments.uid(controller) != owner["uid"]:
        return _looked(change, outcome, Verdict.PASS, f"is gone, and so is {owner['kind']} {owner['name']}")
    chosen = [("labelSelector", kubernetes.selector(controller["spec"].get("selector") or {}))]
    listed = kubernetes.client(world).read_all(
        PLACES["Pod"].path(where), timeout=kubernetes.patience(world), query=chosen, most=kubernetes.MOST_PODS
    )
    running = [
        pod
        for pod in deployments.owned_by(controller, listed.items)
        if not pods.is_ending(pod) and not pods.is_finished(pod)
    ]
    ready, wanted = [pod for pod in running if pods.is_ready(pod)], _wanted(owner["kind"], controller)
    for pod in ready:
        if _takes_its_place(pod, owner["kind"], change, outcome):
            name = pod["metadata"]["name"]
            return _looked(change, outcome, Verdict.PASS, f"is gone, and {name} is ready in its place", name)
    said = f"is gone; of {owner['kind']} {owner['name']} {len(ready)} of {wanted} pods are ready"
    return _looked(change, outcome, Verdict.PASS if len(ready) >= wanted else Verdict.UNKNOWN, said)


def _wanted(kind: str, controller: Raw) -> int:
    if kind == "DaemonSet":
        return int((controller.get("status") or {}).get("desiredNumberScheduled") or 0)
    return deployments.replicas(controller)


def _takes_its_place(pod: Raw, kind: str, change: Change, outcome: Outcome) -> bool:
    """By name, by node, or by being made since, both times by the server's clock."""
    if kind == "StatefulSet":
        return bool(pod["metadata"]["name"] == change.target.name)
    if kind == "DaemonSet":
        return bool(pod["spec"].get("nodeName") == change.request["node"])
    since = outcome.state.get("at")
    made = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    return since is not None and made >= datetime.fromisoformat(since)


def _looked(change: Change, outcome: Outcome, verdict: Verdict, said: str, name: str | None = None) -> Observation:
    told = f"{change.target} {said}"
    return Observation(
        output=removals.output(change) | outcome.output | {"replacement": name, "message": told},
        verdict=verdict,
        unknown=None if verdict is Verdict.PASS else told,
    )
