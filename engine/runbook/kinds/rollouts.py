"""Where a rollout stands, and whether that of a change has arrived: kubectl's rule, and then one positive look.

`kubectl rollout status` (polymorphichelpers/rollout_status.go) compares counts and asks whether the progress
deadline was exceeded. Two things it does not do are done here. A deadline that was exceeded *before* the template
was changed still stands in the status until the controller makes progress, and is not this rollout's: it counts
where it was stamped after the change, by the server's clock, or has outlived a whole deadline since. And counts
that agree do not say whose pods they count: the revision of the template itself must have every replica available.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.kinds import controller_revisions, deployments
from runbook.kinds.deployments import History

OUTPUTS: dict[str, dict[str, Any]] = {
    "message": {"type": ["string", "null"], "description": "Where the rollout stands, in words."},
    "replicas": {"type": ["integer", "null"], "description": "Replicas asked for."},
    "updated": {"type": ["integer", "null"], "description": "Replicas of the current template."},
    "available": {"type": ["integer", "null"], "description": "Replicas that are available."},
}

ROLLING, ON_DELETE = "RollingUpdate", "OnDelete"
LEAST_DEADLINE = 30  # seconds
UNREAD = "pods may not be read here (`list` on pods): with OrderedReady one that cannot start is never replaced"


def look(seen: History, left: Mapping[str, Any]) -> Observation:
    """Has what an accepted change left (`Outcome.state`) taken effect? pass, fail, or unknown: not yet.

    The reason stands in `unknown` too, from where the host tells it. `left` has `uid`, `generation`, `template`
    (digest) and `at`, the server's time of acceptance.
    """
    if deployments.uid(seen.obj) != left["uid"]:
        return _said(seen, Verdict.FAIL, "it was deleted, and made anew by somebody else")
    if deployments.template_digest(seen.obj["spec"]["template"]) != left["template"]:
        return _said(seen, Verdict.FAIL, "superseded: somebody else has changed its template since")
    if deployments.observed(seen.obj) < left["generation"] and not seen.paused:
        return _said(seen, Verdict.UNKNOWN, "waiting for its controller to see the change")
    verdict, message = standing(seen, datetime.fromisoformat(left["at"]))
    return _said(seen, verdict, message)


def standing(seen: History, since: datetime | None) -> tuple[Verdict, str]:
    """Where the rollout of the current template stands: pass, fail (its deadline is over) or unknown (not yet).

    `since` is when the template was set, by the server's clock; None where nobody knows.
    """
    cannot_tell = unfollowed(seen)
    if cannot_tell:
        return Verdict.UNKNOWN, cannot_tell
    if _deadline_exceeded(seen, since):
        return Verdict.FAIL, "the new pods did not become ready within the progress deadline"
    waiting = _WAITING[seen.kind](seen.obj) or _not_available(seen)
    if waiting:
        return Verdict.UNKNOWN, waiting + stuck(seen)
    return Verdict.PASS, "rolled out" + _kept_back(seen.obj, seen.kind)


def unfollowed(seen: History) -> str | None:
    """Why there is no rollout whose end could be told; None where there is one."""
    if seen.paused:
        return "paused: its controller starts no rollout until it is resumed"
    if strategy(seen.obj, seen.kind) == ON_DELETE:
        return "its update strategy is OnDelete: a pod has its template until somebody deletes it"
    if deployments.observed(seen.obj) < deployments.generation(seen.obj):
        return "waiting for its controller to see the change"
    return None


def since(obj: Mapping[str, Any]) -> datetime | None:
    """When the template was set, by the server's record of who changed what; None where it has none."""
    stamps = [
        datetime.fromisoformat(one["time"])
        for one in obj["metadata"].get("managedFields") or []
        if one.get("time")
        and not one.get("subresource")
        and "f:template" in ((one.get("fieldsV1") or {}).get("f:spec") or {})
    ]
    return max(stamps, default=None)


def strategy(obj: Mapping[str, Any], kind: str) -> str | None:
    """How a StatefulSet or DaemonSet updates its pods; None for a Deployment."""
    if kind == "Deployment":
        return None
    return str((obj["spec"].get("updateStrategy") or {}).get("type") or ROLLING)


def partition(obj: Mapping[str, Any], kind: str) -> int:
    """The first ordinal of a StatefulSet that gets a new template."""
    if kind != "StatefulSet":
        return 0
    rolling = (obj["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
    return int(rolling.get("partition") or 0)


def reaches_nobody(obj: Mapping[str, Any], kind: str) -> str | None:
    """Why a new template would reach no pod, and what to do about it; None where it reaches one."""
    if strategy(obj, kind) == ON_DELETE:
        return (
            "its update strategy is OnDelete, so no pod would get the template until it is deleted; change "
            "`spec.updateStrategy`, or change the template and delete the pods one by one"
        )
    kept, wanted = partition(obj, kind), replicas(obj, kind)
    if kept and kept >= wanted:
        return f"its partition is {kept} of {wanted} replicas, so no pod would get the template; lower it first"
    return None


def warnings(seen: History, to: deployments.Revision | None) -> tuple[str, ...]:
    """What whoever approves a rollout of a template should know; `to` is its revision where it has one."""
    said = []
    kept = partition(seen.obj, seen.kind)
    if kept:
        said.append(f"its partition keeps pods 0 to {kept - 1} as they are")
    stays = blocking(seen, to)
    if stays:
        said.append(
            f"{', '.join(stays)} is not ready, and with OrderedReady such a pod is never replaced: once this is "
            f"done, `kubectl -n {seen.obj['metadata']['namespace']} delete pod {' '.join(stays)}`"
        )
    elif seen.pods is None and ordered(seen):
        said.append(UNREAD)
    return tuple(said)


def stuck(seen: History) -> str:
    """What keeps a StatefulSet from ever getting on, as the end of a sentence.

    With OrderedReady its controller waits for a pod to become ready before it touches the next, that pod
    itself included: one that cannot start keeps the template it has (documented as "Forced rollback").
    """
    pods = blocking(seen, seen.current)
    if not pods:
        unread = seen.pods is None and ordered(seen)
        return f"; {UNREAD}" if unread else ""
    where = seen.obj["metadata"]["namespace"]
    return (
        f"; {', '.join(pods)} of another template is not ready, and with OrderedReady it is never replaced: "
        f"`kubectl -n {where} delete pod {' '.join(pods)}`"
    )


def blocking(seen: History, to: deployments.Revision | None) -> list[str]:
    """Pods of a StatefulSet with OrderedReady that are not ready, and not of the revision `to`."""
    if not ordered(seen):
        return []
    return sorted(
        pod["metadata"]["name"]
        for pod in seen.pods or ()
        if not pod["metadata"].get("deletionTimestamp")
        and not controller_revisions.ready(pod)
        and not (to and controller_revisions.has(pod, to))
    )


def ordered(seen: History) -> bool:
    """Whether it is a StatefulSet whose controller waits for each pod before it touches the next."""
    policy = seen.obj["spec"].get("podManagementPolicy") or "OrderedReady"
    return seen.kind == "StatefulSet" and policy == "OrderedReady"


def replicas(obj: Mapping[str, Any], kind: str) -> int:
    """Replicas asked for; of a DaemonSet, the nodes that should have one."""
    if kind == "DaemonSet":
        return int((obj.get("status") or {}).get("desiredNumberScheduled") or 0)
    return deployments.replicas(obj)


def counts(seen: History) -> dict[str, int]:
    """`replicas`, `updated` and `available` of a workload, as its status has them."""
    status = seen.obj.get("status") or {}
    of_nodes = seen.kind == "DaemonSet"
    return {
        "replicas": replicas(seen.obj, seen.kind),
        "updated": status.get("updatedNumberScheduled" if of_nodes else "updatedReplicas") or 0,
        "available": status.get("numberAvailable" if of_nodes else "availableReplicas") or 0,
    }


def _of_deployment(obj: Mapping[str, Any]) -> str | None:
    """kubectl's three counts, in its order."""
    status, wanted = obj.get("status") or {}, deployments.replicas(obj)
    updated = status.get("updatedReplicas") or 0
    if updated < wanted:
        return f"{updated} of {wanted} replicas have the new template"
    old = (status.get("replicas") or 0) - updated
    if old > 0:
        return f"{old} replicas of the old template are still ending"
    available = status.get("availableReplicas") or 0
    if available < updated:
        return f"{available} of {updated} new replicas are available"
    return None


def _of_stateful_set(obj: Mapping[str, Any]) -> str | None:
    """kubectl's rule: all ready, then those from the partition on updated, or all of one revision."""
    status, wanted = obj.get("status") or {}, deployments.replicas(obj)
    ready, updated = status.get("readyReplicas") or 0, status.get("updatedReplicas") or 0
    if ready < wanted:
        return f"{ready} of {wanted} pods are ready, {updated} have the new template"
    kept = partition(obj, "StatefulSet")
    if kept:
        due = max(0, wanted - kept)
        return f"{updated} of {due} pods from ordinal {kept} on have the new template" if updated < due else None
    # Returned to in mid-rollout, a revision is both at once while pods of the one that was left are still ready.
    if status.get("updateRevision") != status.get("currentRevision") or updated < wanted:
        return f"{updated} of {wanted} pods have the new template"
    return None


def _of_daemon_set(obj: Mapping[str, Any]) -> str | None:
    """kubectl's two counts, in its order."""
    status, wanted = obj.get("status") or {}, replicas(obj, "DaemonSet")
    updated = status.get("updatedNumberScheduled") or 0
    if updated < wanted:
        return f"{updated} of {wanted} pods have the new template"
    available = status.get("numberAvailable") or 0
    return f"{available} of {wanted} pods are available" if available < wanted else None


_WAITING = {"Deployment": _of_deployment, "StatefulSet": _of_stateful_set, "DaemonSet": _of_daemon_set}


def _not_available(seen: History) -> str | None:
    """Without the permission to read pods, the available ones of a revision are not known, and counts must do."""
    current = seen.current
    if current is None:
        return f"its controller has made no {deployments.KEEPERS[seen.kind]} for the new template yet"
    wanted = max(0, replicas(seen.obj, seen.kind) - partition(seen.obj, seen.kind))
    if current.available is not None and current.available < wanted:
        return f"{current.available} of {wanted} replicas of {current.keeper} are available"
    return None


def _kept_back(obj: Mapping[str, Any], kind: str) -> str:
    kept = min(partition(obj, kind), replicas(obj, kind))
    return f" to the pods from ordinal {kept} on; its partition keeps {kept} as they were" if kept else ""


def _deadline_exceeded(seen: History, since: datetime | None) -> bool:
    conditions = (seen.obj.get("status") or {}).get("conditions") or []
    for condition in conditions if seen.kind == "Deployment" else ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            allowed = timedelta(seconds=max(LEAST_DEADLINE, seen.obj["spec"].get("progressDeadlineSeconds") or 600))
            stamped = datetime.fromisoformat(condition["lastUpdateTime"])
            return since is None or stamped > since or seen.at > since + allowed
    return False


def _said(seen: History, verdict: Verdict, message: str) -> Observation:
    said = f"{seen.name}: {message}"
    output = {"message": said, **counts(seen)}
    return Observation(output=output, verdict=verdict, unknown=None if verdict is Verdict.PASS else said)
