"""Who else decides what an object looks like, and may put back what a change has changed.

Nobody of them stops a change; they are warnings that whoever approves it should have read. An object without a mark
of Argo CD or Flux costs no request; with one, its manager is read, once. What may not be read is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.errors import Forbidden, WorldError
from runbook.kinds import deployments, gitops, kubernetes
from runbook.kinds.gitops import Manager, Mark
from runbook.kinds.protocol import World

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_NO_SUCH_KIND = ("404 page not found", "could not find the requested resource")  # no group, or no kind in it
HELM_RELEASE, HELM_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


def reverting(obj: Mapping[str, Any], world: World) -> tuple[str, ...]:
    """Warnings of who else decides what the object looks like, and whether and when they put the old state back."""
    return tuple(gitops.said(one) for one in managers(obj, world)) + by_hand(obj)


def by_hand(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """Warnings of those who put the old state back at an occasion that the object does not tell."""
    metadata, notes = obj["metadata"], deployments.notes(obj)
    said = []
    if HELM_RELEASE in notes:
        said.append(f"the next upgrade of Helm release {notes[HELM_RELEASE]} sets it anew")
    if _LAST_APPLIED in notes:
        said.append("`kubectl apply` does not learn of this change; the next one may take it back")
    for owner in metadata.get("ownerReferences") or []:
        if owner.get("controller"):
            said.append(f"{owner['kind']} {owner['name']} controls it and may put the old state back")
    return tuple(said)


def managers(obj: Mapping[str, Any], world: World) -> tuple[Manager, ...]:
    """Argo CD's and Flux's managers of an object, each read where that can tell more than the object does."""
    return tuple(_read(mark, world) for mark in gitops.marks(obj))


def _read(mark: Mark, world: World) -> Manager:
    """One GET; for an Application that is not where Argo CD is by default, one search by its name more."""
    from runbook.clients.kubernetes.errors import NotFound
    from runbook.clients.kubernetes.paths import Place

    if mark.name is None or mark.alone:
        return Manager(mark=mark, unread="not looked for")
    cluster, place = kubernetes.client(world), Place(*gitops.PLACES[mark.kind])
    where = mark.namespace or (gitops.ARGO_NAMESPACE if mark.kind == gitops.APPLICATION else "default")
    try:
        try:
            obj = cluster.read(place.path(where, mark.name), timeout=kubernetes.patience(world)).body
        except NotFound:
            if mark.namespace or mark.kind != gitops.APPLICATION:
                raise
            named = [("fieldSelector", f"metadata.name={mark.name}")]
            found = cluster.read_all(place.path(), timeout=kubernetes.patience(world), query=named).items
            if len(found) != 1:
                return Manager(mark=mark, unread=f"{len(found) or 'no'} Applications of this name are in this cluster")
            obj = found[0]
    except WorldError as error:
        return Manager(mark=mark, unread=_why(mark, error))
    return Manager(mark=replace(mark, namespace=obj["metadata"].get("namespace") or where), obj=obj)


def _why(mark: Mark, error: WorldError) -> str:
    """Why a manager could not be read; a kind that a cluster does not know is managed from another one."""
    if any(words in error.message for words in _NO_SUCH_KIND):
        return f"this cluster has no {mark.kind}s, {gitops.TOOLS[mark.kind]} may run in another one"
    return error.message


def autoscalers(kind: str, name: str, where: str, world: World) -> tuple[str, ...]:
    """Warnings of autoscalers that set the replicas of an object."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        found = all_autoscalers(where, world)
    except (Forbidden, NotFound):
        return ("whether an autoscaler sets its replicas could not be read",)
    said = []
    for one in found:
        if scaled(one) == (kind, name):
            bounds = f"{one['spec'].get('minReplicas', 1)} to {one['spec']['maxReplicas']}"
            said.append(f"autoscaler {one['metadata']['name']} sets its replicas ({bounds}) and may set them anew")
    return tuple(said)


def all_autoscalers(where: str, world: World) -> list[dict[str, Any]]:
    """The autoscalers of a namespace, raw."""
    from runbook.clients.kubernetes.paths import PLACES

    path = PLACES["HorizontalPodAutoscaler"].path(where)
    return kubernetes.client(world).read_all(path, timeout=kubernetes.patience(world)).items


def scaled(autoscaler: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Kind and name of what an autoscaler scales."""
    target = autoscaler["spec"]["scaleTargetRef"]
    return target.get("kind"), target.get("name")
