"""Whether a change of a Deployment has arrived: kubectl's rule, and then one positive look.

`kubectl rollout status` (polymorphichelpers/rollout_status.go) compares counts and asks whether the progress
deadline was exceeded. Two things it does not do are done here. A deadline that was exceeded *before* our change
still stands in the status until the controller makes progress, and is not ours: it counts only where it was
stamped after the change was accepted, by the server's clock. And counts that agree do not say whose pods they
count: the ReplicaSet of the template that we left must itself have every replica available.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runbook.core.changes import Observation
from runbook.core.words import Verdict
from runbook.kinds import deployments
from runbook.kinds.deployments import History

OUTPUTS: dict[str, dict[str, Any]] = {
    "message": {"type": ["string", "null"], "description": "Where the rollout stands, in words."},
    "replicas": {"type": ["integer", "null"], "description": "Replicas asked for."},
    "updated": {"type": ["integer", "null"], "description": "Replicas of the current template."},
    "available": {"type": ["integer", "null"], "description": "Replicas that are available."},
}


def look(seen: History, left: Mapping[str, Any]) -> Observation:
    """Has what an accepted change left (`Outcome.state`) taken effect? pass, fail, or unknown: not yet.

    The reason stands in `unknown` too, from where the host tells it. `left` has `uid`, `generation`, `template`
    (digest) and `at`, the server's time of acceptance.
    """
    deployment = seen.deployment
    if deployments.uid(deployment) != left["uid"]:
        return _said(seen, Verdict.FAIL, "it was deleted, and made anew by somebody else")
    if deployments.template_digest(deployment["spec"]["template"]) != left["template"]:
        return _said(seen, Verdict.FAIL, "superseded: somebody else has changed its template since")
    if deployment["spec"].get("paused"):
        return _said(seen, Verdict.UNKNOWN, "paused: its controller starts no rollout until it is resumed")
    if deployments.observed(deployment) < max(deployments.generation(deployment), left["generation"]):
        return _said(seen, Verdict.UNKNOWN, "waiting for its controller to see the change")
    if _deadline_exceeded(deployment, datetime.fromisoformat(left["at"])):
        return _said(seen, Verdict.FAIL, "the new pods did not become ready within the progress deadline")
    waiting = _waiting(deployment) or _not_available(seen)
    if waiting:
        return _said(seen, Verdict.UNKNOWN, waiting)
    return _said(seen, Verdict.PASS, "rolled out")


def _waiting(deployment: Mapping[str, Any]) -> str | None:
    """kubectl's three counts, in its order."""
    status, wanted = deployment.get("status") or {}, deployments.replicas(deployment)
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


def _not_available(seen: History) -> str | None:
    current, wanted = seen.current, deployments.replicas(seen.deployment)
    if current is None:
        return "its controller has made no ReplicaSet for the new template yet"
    if current.available < wanted:
        return f"{current.available} of {wanted} replicas of {current.replica_set} are available"
    return None


def _deadline_exceeded(deployment: Mapping[str, Any], accepted: datetime) -> bool:
    for condition in (deployment.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return datetime.fromisoformat(condition["lastUpdateTime"]) > accepted
    return False


def _said(seen: History, verdict: Verdict, message: str) -> Observation:
    status = seen.deployment.get("status") or {}
    said = f"Deployment {seen.deployment['metadata']['name']}: {message}"
    output = {
        "message": said,
        "replicas": deployments.replicas(seen.deployment),
        "updated": status.get("updatedReplicas") or 0,
        "available": status.get("availableReplicas") or 0,
    }
    return Observation(output=output, verdict=verdict, unknown=None if verdict is Verdict.PASS else said)
