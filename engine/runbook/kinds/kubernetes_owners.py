"""Who else decides what an object looks like, and may put back what a change has changed.

Nobody of them stops a change; they are warnings that whoever approves it should have read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.errors import Forbidden
from runbook.kinds import deployments, kubernetes
from runbook.kinds.protocol import World

_GITOPS = {
    "argocd.argoproj.io/instance": "Argo CD",
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}
_MANAGERS = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
}
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def reverting(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """Warnings of who else decides what the object looks like, and may put the old state back."""
    metadata = obj["metadata"]
    labels, notes = metadata.get("labels") or {}, deployments.notes(obj)
    tools = {tool for key, tool in _GITOPS.items() if key in labels or key in notes}
    managers = {one.get("manager") for one in metadata.get("managedFields") or []}
    tools |= {tool for manager, tool in _MANAGERS.items() if manager in managers}
    said = [f"{tool} manages it and may put the old state back" for tool in sorted(tools)]
    if "meta.helm.sh/release-name" in notes:
        said.append(f"the next upgrade of Helm release {notes['meta.helm.sh/release-name']} sets it anew")
    if _LAST_APPLIED in notes:
        said.append("`kubectl apply` does not learn of this change; the next one may take it back")
    for owner in metadata.get("ownerReferences") or []:
        if owner.get("controller"):
            said.append(f"{owner['kind']} {owner['name']} controls it and may put the old state back")
    return tuple(said)


def autoscalers(kind: str, name: str, where: str, world: World) -> tuple[str, ...]:
    """Warnings of autoscalers that set the replicas of an object."""
    from runbook.clients.kubernetes.errors import NotFound
    from runbook.clients.kubernetes.paths import PLACES

    path = PLACES["HorizontalPodAutoscaler"].path(where)
    try:
        found = kubernetes.client(world).read_all(path, timeout=kubernetes.patience(world)).items
    except (Forbidden, NotFound):
        return ("whether an autoscaler sets its replicas could not be read",)
    said = []
    for one in found:
        spec = one["spec"]
        if (spec["scaleTargetRef"].get("kind"), spec["scaleTargetRef"].get("name")) == (kind, name):
            bounds = f"{spec.get('minReplicas', 1)} to {spec['maxReplicas']}"
            said.append(f"autoscaler {one['metadata']['name']} sets its replicas ({bounds}) and may set them anew")
    return tuple(said)
