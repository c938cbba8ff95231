"""What a workload's past says: its revisions, which is current, which one a rollback should return to.

A Deployment's revisions are its ReplicaSets; those of the other two kinds: `controller_revisions.py`. Pure functions
of the API's raw JSON. kubectl's rules hold (kubectl, polymorphichelpers/rollback.go and
util/deployment/deployment.go) where they are safe:

- a ReplicaSet is the Deployment's where its controller's uid is the Deployment's, not where labels match;
- the current one has the Deployment's template, the label `pod-template-hash` aside;
- a revision is the number in an annotation. The controller renumbers: after a rollback to revision 1 there is
  no revision 1 any more. So a revision is pinned here by its template's hash, and aged by its ReplicaSet.

Where they are not safe, ours differ. `kubectl rollout undo` picks the second-highest number: repeated, it
returns to the broken version. Here the target is the newest revision that is older than the first appearance
of the current template and was never rolled back *from*; that is remembered in an annotation. A restart makes a
revision that differs from the one before by the time of the restart only: the two count as one version here, or a
rollback after a restart would return to the same broken image, and a restart would pass for a deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from runbook.core.canonical import digest
from runbook.kinds import makers

REVISION = "deployment.kubernetes.io/revision"
PAST_REVISIONS = "deployment.kubernetes.io/revision-history"
CHANGE_CAUSE = "kubernetes.io/change-cause"
ROLLED_BACK_FROM = "runbook-engine/rolled-back-from"
ROLLED_OUT_BY = "runbook-engine/rolled-out-by"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
INTENT = "runbook-engine/intent"
HASH = "pod-template-hash"

KEEPERS = {"Deployment": "ReplicaSet", "StatefulSet": "ControllerRevision", "DaemonSet": "ControllerRevision"}
REMEMBERED = 20  # hashes in ROLLED_BACK_FROM; twice the revisions that a Deployment keeps by default

Raw = Mapping[str, Any]


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One template that a workload has or had, as its keeper has it: a ReplicaSet or a ControllerRevision.

    `number` is 0 where there is none. `first` is the number that it had first, as far as that is known. `appeared`
    is when this version was first seen, restarts aside; stamps have whole seconds, so the first number breaks ties.
    `template` is what would be sent, `version` its digest without the time of a restart. `available` is None where
    it could not be read. `made_by` is the intent of the change of ours that made it, or None. `strange` is what its
    keeper holds that is no template, and that we would not send.
    """

    number: int
    first: int
    hash: str
    keeper: str
    uid: str
    created: datetime
    appeared: tuple[datetime, int]
    template: dict[str, Any]
    sha256: str
    version: str
    change_cause: str | None
    available: int | None
    current: bool
    made_by: str | None = None
    strange: str | None = None

    @property
    def images(self) -> dict[str, str]:
        """Image by name of container."""
        return images(self.template)


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A workload with its revisions, oldest number first, at one moment of the server's clock.

    `unnumbered` says why the controller's numbers are not those of the current template yet, or is None. `pods` are
    those of a StatefulSet or DaemonSet, None where they may not be read; a ReplicaSet counts its own.
    """

    kind: str
    obj: dict[str, Any]
    revisions: tuple[Revision, ...]
    rolled_back_from: tuple[str, ...]
    at: datetime
    unnumbered: str | None = None
    pods: tuple[dict[str, Any], ...] | None = ()

    @property
    def name(self) -> str:
        """How a line for people calls it, without its namespace."""
        return f"{self.kind} {self.obj['metadata']['name']}"

    @property
    def paused(self) -> bool:
        """Whether rollouts are paused; only a Deployment's can be."""
        return bool(self.obj["spec"].get("paused"))

    @property
    def current(self) -> Revision | None:
        """The revision of the workload's template; None while the controller has made none for it."""
        return next((revision for revision in self.revisions if revision.current), None)

    @property
    def previous(self) -> Revision | None:
        """Where a rollback goes when nobody names a revision; None where there is no good answer."""
        current = self.current
        if current is None:
            return None
        left = {revision.version for revision in self.revisions if revision.hash in self.rolled_back_from}
        candidates = [
            revision
            for revision in self.revisions
            if revision.number
            and revision.appeared < current.appeared
            and revision.version not in left | {current.version}
        ]
        return max(candidates, key=lambda revision: revision.number, default=None)

    def told(self, revision: Revision) -> dict[str, Any]:
        """A revision as a step's output; its age in seconds by the server's time."""
        is_set = KEEPERS[self.kind] == "ReplicaSet"
        return {
            "revision": revision.number,
            "age_seconds": max(0, int((self.at - revision.appeared[0]).total_seconds())),
            "images": revision.images,
            "change_cause": revision.change_cause,
            "hash": revision.hash,
            "replica_set": revision.keeper if is_set else None,
            "controller_revision": None if is_set else revision.keeper,
        }

    @property
    def behind(self) -> str | None:
        """Why the revisions cannot be relied on yet, or None."""
        if observed(self.obj) < generation(self.obj):
            return "its controller has not seen the latest change yet"
        if self.current is None:
            return f"its controller has made no {KEEPERS[self.kind]} for the current template yet"
        return self.unnumbered


def history(deployment: dict[str, Any], replica_sets: list[dict[str, Any]], at: datetime) -> History:
    """The past of a Deployment from the ReplicaSets of its namespace (others' are left out)."""
    owned = owned_by(deployment, replica_sets)
    now = template_digest(deployment["spec"]["template"])
    current = next((item for item in owned if template_digest(item["spec"]["template"]) == now), None)
    revisions = settled([_revision(item, current=item is current) for item in owned], deployment)
    numbered = next((one.number for one in revisions if one.current), 0) == number(notes(deployment).get(REVISION))
    return History(
        kind="Deployment",
        obj=deployment,
        revisions=revisions,
        rolled_back_from=marks(deployment),
        at=at,
        unnumbered=None if numbered else "its controller has not numbered the current template yet",
    )


def owned_by(owner: Raw, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose controller is this very object, oldest first: labels match more, and a successor is not it."""
    return sorted(
        (item for item in items if _is_controlled_by(item, uid(owner))),
        key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]),
    )


def settled(revisions: list[Revision], obj: Raw) -> tuple[Revision, ...]:
    """By number, each as old as its version, and as made by whom it was made (`makers.py`); `obj` is theirs."""
    versions: dict[str, tuple[datetime, int]] = {}
    for one in revisions:
        versions[one.version] = min(one.appeared, versions.get(one.version, one.appeared))
    numbered = sorted(revisions, key=lambda revision: (revision.number, revision.created))
    noted = (notes(obj).get(ROLLED_OUT_BY), notes(obj).get(CHANGE_CAUSE))
    return tuple(replace(one, appeared=versions[one.version]) for one in makers.told_apart(numbered, noted))


def marks(deployment: Raw) -> tuple[str, ...]:
    """Hashes of the templates that were rolled back from, oldest first."""
    return tuple(filter(None, notes(deployment).get(ROLLED_BACK_FROM, "").split(",")))


def template_digest(template: Raw) -> str:
    """SHA-256 of a pod template as the server gives it, without what only tells ReplicaSets apart.

    `null` and the empty list are as absent; `{}` is not (an empty selector matches all, an absent one none).
    """
    return digest(_settled(without_hash(template)))


def without_hash(template: Raw) -> dict[str, Any]:
    """A copy of a template without the label `pod-template-hash`: what is sent back."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(template))
    labels = (copy.get("metadata") or {}).get("labels") or {}
    labels.pop(HASH, None)
    return copy


def images(template: Raw) -> dict[str, str]:
    """Image by name of container, init containers too."""
    spec = template.get("spec") or {}
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    return {container["name"]: container.get("image", "") for container in containers}


def notes(obj: Raw) -> dict[str, str]:
    """Annotations of an object, also where it has none."""
    return dict(obj["metadata"].get("annotations") or {})


def uid(obj: Raw) -> str:
    """The uid, which tells an object from its successor of the same name."""
    return str(obj["metadata"]["uid"])


def generation(obj: Raw) -> int:
    """How often what is wanted has changed."""
    return int(obj["metadata"].get("generation") or 0)


def observed(obj: Raw) -> int:
    """The generation that the controller has seen."""
    return int((obj.get("status") or {}).get("observedGeneration") or 0)


def replicas(obj: Raw) -> int:
    """Replicas asked for; the API's default is one."""
    wanted = obj["spec"].get("replicas")
    return 1 if wanted is None else int(wanted)


def version_digest(template: Raw) -> str:
    """The digest of a template without the time of its last restart."""
    copy = without_hash(template)
    metadata = copy.get("metadata") or {}
    kept = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != RESTARTED_AT}
    return template_digest(copy | {"metadata": metadata | {"annotations": kept or None}})


def _revision(item: dict[str, Any], *, current: bool) -> Revision:
    template, noted = item["spec"]["template"], notes(item)
    numbered = number(noted.get(REVISION))
    past = [number(part) for part in noted.get(PAST_REVISIONS, "").split(",")]
    first = min(filter(None, [*past, numbered]), default=0)
    created = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
    return Revision(
        number=numbered,
        first=first,
        hash=(item["metadata"].get("labels") or {}).get(HASH, ""),
        keeper=item["metadata"]["name"],
        uid=uid(item),
        created=created,
        appeared=(created, first),
        template=without_hash(template),
        sha256=template_digest(template),
        version=version_digest(template),
        change_cause=noted.get(CHANGE_CAUSE),
        available=int((item.get("status") or {}).get("availableReplicas") or 0),
        current=current,
        made_by=noted.get(ROLLED_OUT_BY),
    )


def number(text: str | None) -> int:
    """A revision's number from an annotation; 0 where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _is_controlled_by(item: Raw, owner: str) -> bool:
    owners = item["metadata"].get("ownerReferences") or []
    return any(one.get("controller") and one.get("uid") == owner for one in owners)


def _settled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _settled(item) for key, item in value.items() if item is not None and item != []}
    if isinstance(value, list):
        return [_settled(item) for item in value]
    return value
