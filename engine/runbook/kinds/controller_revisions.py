"""The past of a StatefulSet or DaemonSet: its ControllerRevisions, and which pods have which.

What kubectl does with them (polymorphichelpers/rollback.go) is to send a revision's data as a strategic merge
patch, without any precondition. The data is such a patch: `{"spec": {"template": {…, "$patch": "replace"}}}`. Here
it is read, and what is sent is a JSON Patch that replaces the template; data that holds anything else is of a
controller that we do not know, and is refused.

These controllers renumber as the Deployment's does, but do not keep old numbers: the first one is not known, and two
templates of one second are told apart by the numbers that they have now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from runbook.kinds import deployments
from runbook.kinds.deployments import CHANGE_CAUSE, ROLLED_OUT_BY, History, Revision

HASHES = ("controller.kubernetes.io/hash", "controller-revision-hash")  # the label of a StatefulSet's, a DaemonSet's
WEARS = (
    "controller-revision-hash"  # label of a pod: a StatefulSet's has the name of the revision, a DaemonSet's the hash
)

Raw = dict[str, Any]


def history(kind: str, obj: Raw, revisions: list[Raw], pods: list[Raw] | None, at: datetime) -> History:
    """The past of a StatefulSet or DaemonSet; `pods` None where they may not be read."""
    owned = deployments.owned_by(obj, revisions)
    ours = None if pods is None else tuple(deployments.owned_by(obj, pods))
    now = deployments.template_digest(obj["spec"]["template"])
    same = [item for item in owned if deployments.template_digest(template(item)) == now]
    current = max(same, key=_numbered, default=None)
    found = deployments.settled([_revision(item, ours, current=item is current) for item in owned], obj)
    return History(
        kind=kind,
        obj=obj,
        revisions=found,
        rolled_back_from=deployments.marks(obj),
        at=at,
        unnumbered=_unnumbered(obj, current, owned),
        pods=ours,
    )


def template(item: Raw) -> Raw:
    """The pod template in a ControllerRevision's data, without the word that makes it a patch."""
    kept = ((item.get("data") or {}).get("spec") or {}).get("template") or {}
    return {key: value for key, value in kept.items() if key != "$patch"}


def strange(item: Raw) -> str | None:
    """What a revision's data holds beside a template, or None."""
    data = item.get("data") or {}
    spec = data.get("spec") or {}
    more = [*(key for key in data if key != "spec"), *(f"spec.{key}" for key in spec if key != "template")]
    return ", ".join(sorted(more)) or None


def has(pod: Mapping[str, Any], revision: Revision) -> bool:
    """Whether a pod was made from a revision."""
    return (pod["metadata"].get("labels") or {}).get(WEARS) in (revision.hash, revision.keeper)


def ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod is ready, and not on its way out."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _revision(item: Raw, pods: tuple[Raw, ...] | None, *, current: bool) -> Revision:
    labels, noted, kept = item["metadata"].get("labels") or {}, deployments.notes(item), template(item)
    created = datetime.fromisoformat(item["metadata"]["creationTimestamp"])
    made = Revision(
        number=_numbered(item),
        first=_numbered(item),
        hash=next((labels[name] for name in HASHES if labels.get(name)), item["metadata"]["name"]),
        keeper=item["metadata"]["name"],
        uid=deployments.uid(item),
        created=created,
        appeared=(created, _numbered(item)),
        template=kept,
        sha256=deployments.template_digest(kept),
        version=deployments.version_digest(kept),
        change_cause=noted.get(CHANGE_CAUSE),
        available=None,
        current=current,
        made_by=noted.get(ROLLED_OUT_BY),
        strange=strange(item),
    )
    if pods is None:
        return made
    return replace(made, available=sum(ready(pod) for pod in pods if has(pod, made)))


def _numbered(item: Raw) -> int:
    return int(item.get("revision") or 0)


def _unnumbered(obj: Raw, current: Raw | None, owned: list[Raw]) -> str | None:
    """Both controllers give the current template the highest number; a StatefulSet's names it in its status too."""
    update = (obj.get("status") or {}).get("updateRevision")
    named = current is not None and update in (None, current["metadata"]["name"])
    if named and current is not None and _numbered(current) == max(_numbered(item) for item in owned):
        return None
    return "its controller has not numbered the current template yet"
