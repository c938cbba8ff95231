"""What a Deployment's past says: its revisions, which is current, which one a rollback should return to.

Pure functions of the API's raw JSON. kubectl's rules hold (kubectl, polymorphichelpers/rollback.go and
util/deployment/deployment.go) where they are safe:

- a ReplicaSet is the Deployment's where its controller's uid is the Deployment's, not where labels match;
- the current one has the Deployment's template, the label `pod-template-hash` aside;
- a revision is the number in an annotation. The controller renumbers: after a rollback to revision 1 there is
  no revision 1 any more. So a revision is pinned here by its template's hash, and aged by its ReplicaSet.

Where they are not safe, ours differ. `kubectl rollout undo` picks the second-highest number: repeated, it
returns to the broken version. Here the target is the newest revision that is older than the first appearance
of the current template and was never rolled back *from*; that is remembered in an annotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from runbook.core.canonical import digest

REVISION = "deployment.kubernetes.io/revision"
PAST_REVISIONS = "deployment.kubernetes.io/revision-history"
CHANGE_CAUSE = "kubernetes.io/change-cause"
ROLLED_BACK_FROM = "runbook-engine/rolled-back-from"
INTENT = "runbook-engine/intent"
HASH = "pod-template-hash"

REMEMBERED = 20  # hashes in ROLLED_BACK_FROM; twice the revisions that a Deployment keeps by default

Raw = Mapping[str, Any]


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One template that a Deployment has or had, as its ReplicaSet keeps it.

    `number` is 0 where the annotation is missing or no number. `first` is the number that it had first.
    """

    number: int
    first: int
    hash: str
    replica_set: str
    uid: str
    created: datetime
    template: dict[str, Any]
    sha256: str
    change_cause: str | None
    available: int
    current: bool

    @property
    def images(self) -> dict[str, str]:
        """Image by name of container."""
        return images(self.template)

    @property
    def appeared(self) -> tuple[datetime, int]:
        """When this template was first seen; stamps have whole seconds, so the first number breaks ties."""
        return self.created, self.first

    def told(self, at: datetime) -> dict[str, Any]:
        """As a step's output; ages in seconds at `at`, the server's time."""
        return {
            "revision": self.number,
            "age_seconds": max(0, int((at - self.created).total_seconds())),
            "images": self.images,
            "change_cause": self.change_cause,
            "hash": self.hash,
            "replica_set": self.replica_set,
        }


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A Deployment with its revisions, oldest number first, at one moment of the server's clock."""

    deployment: dict[str, Any]
    revisions: tuple[Revision, ...]
    rolled_back_from: tuple[str, ...]
    at: datetime

    @property
    def current(self) -> Revision | None:
        """The revision of the Deployment's template; None while the controller has made no ReplicaSet for it."""
        return next((revision for revision in self.revisions if revision.current), None)

    @property
    def previous(self) -> Revision | None:
        """Where a rollback goes when nobody names a revision; None where there is no good answer."""
        current = self.current
        if current is None:
            return None
        candidates = [
            revision
            for revision in self.revisions
            if revision.number
            and revision.appeared < current.appeared
            and revision.hash not in self.rolled_back_from
            and revision.sha256 != current.sha256
        ]
        return max(candidates, key=lambda revision: revision.number, default=None)

    @property
    def behind(self) -> str | None:
        """Why the revisions cannot be relied on yet, or None."""
        if observed(self.deployment) < generation(self.deployment):
            return "its controller has not seen the latest change yet"
        if self.current is None:
            return "its controller has made no ReplicaSet for the current template yet"
        if _number(notes(self.deployment).get(REVISION)) != self.current.number:
            return "its controller has not numbered the current template yet"
        return None


def history(deployment: dict[str, Any], replica_sets: list[dict[str, Any]], at: datetime) -> History:
    """The past of a Deployment from the ReplicaSets of its namespace (others' are left out)."""
    owned = [item for item in replica_sets if _is_controlled_by(item, uid(deployment))]
    owned.sort(key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]))
    now = template_digest(deployment["spec"]["template"])
    current = next((item for item in owned if template_digest(item["spec"]["template"]) == now), None)
    revisions = [_revision(item, current=item is current) for item in owned]
    return History(
        deployment=deployment,
        revisions=tuple(sorted(revisions, key=lambda revision: (revision.number, revision.appeared))),
        rolled_back_from=marks(deployment),
        at=at,
    )


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


def _revision(item: dict[str, Any], *, current: bool) -> Revision:
    template, noted = item["spec"]["template"], notes(item)
    number = _number(noted.get(REVISION))
    past = [_number(part) for part in noted.get(PAST_REVISIONS, "").split(",")]
    return Revision(
        number=number,
        first=min(filter(None, [*past, number]), default=0),
        hash=(item["metadata"].get("labels") or {}).get(HASH, ""),
        replica_set=item["metadata"]["name"],
        uid=uid(item),
        created=datetime.fromisoformat(item["metadata"]["creationTimestamp"]),
        template=template,
        sha256=template_digest(template),
        change_cause=noted.get(CHANGE_CAUSE),
        available=int((item.get("status") or {}).get("availableReplicas") or 0),
        current=current,
    )


def _number(text: str | None) -> int:
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
