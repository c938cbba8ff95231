"""What a drain would do, as it is approved: the flag, and each pod that is evicted, by its uid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from runbook.core.changes import Change, Field, Refused
from runbook.document.words import Effect
from runbook.kinds import deployments, evictions, kubernetes, nodes, pods, removals
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.draining import Sorted
from runbook.kinds.protocol import Inputs, World

Raw = Mapping[str, Any]

KIND = "kubernetes.drain"
FLAGS = {"delete_emptydir_data": "--delete-emptydir-data", "force": "--force"}


def change(
    node: Raw, sorted_: Sorted, inputs: Inputs, world: World, *, by_hand: Callable[[Inputs], str], at: datetime
) -> Change:
    """The cordon with the evictions; its undo is to uncordon."""
    grace = removals.seconds(inputs)
    target, was = patches.target(node, "Node", world), nodes.is_cordoned(node)
    asked = [evictions.request(pod, grace) for pod in sorted_.evict]
    cordon = nodes.request(target, cordon=True, has_notes=bool(deployments.notes(node)), evict=asked)
    scope = {"node": target.name} | {word: inputs[word] for word in (*FLAGS, "grace_period") if word in inputs}
    lost = "the evicted pods do not come back to it"
    gone = (Field(path=f"pods/{evictions.name(one)}", before=evictions.uid(one)) for one in asked)
    return Change(
        kind=KIND,
        target=target,
        summary=f"Drain {target}: {'' if was else 'cordon it, '}evict {len(asked)} pods",
        effect=Effect.DESTRUCTIVE,
        inputs=dict(inputs),
        request=cordon | ({"operations": []} if was else {}),
        fields=(*(() if was else (nodes.field(cordon=True),)), *gone),
        undo=None if was else nodes.undo(target, world, cordon=False),
        irreversible=f"{lost}, and it was cordoned before" if was else None,
        precondition=nodes.precondition(node),
        diff=_diff(sorted_, at, was=was),
        by_hand=kubernetes.there(by_hand(scope), world),
    )


def _diff(sorted_: Sorted, at: datetime, *, was: bool) -> str:
    """The flag, the pods to be evicted, and those that stay."""
    flag = [] if was else nodes.diff(cordon=True).splitlines()
    gone = [f"- {pods.line(pod, at)}" for pod in sorted_.evict]
    return "\n".join([*flag, *gone, *(f"  stays: {one}" for one in sorted_.skipped)])


def try_out(change: Change, world: World) -> tuple[str, ...] | Refused:
    """Each eviction on the server, without doing it; what a budget does not allow now is a warning."""
    from runbook.clients.kubernetes.errors import NoDryRun, NotFound, Precondition, Rejected, Throttled

    said: list[str] = []
    for asked in change.request["evict"]:
        try:
            said += evictions.post(asked, world, timeout=kubernetes.patience(world), dry_run=True).warnings
        except NoDryRun as error:
            said.append(f"not tried out on the server: {error.message}")
        except Throttled as error:
            if not evictions.is_of_a_budget(error):
                raise
            said.append(f"not now: {error.message}")
        except (NotFound, Precondition):
            return Refused(reason=f"Pod {evictions.name(asked)} went while the drain was planned; plan it again")
        except Rejected as error:
            return Refused(reason=error.message)
    return tuple(dict.fromkeys(said))


def warnings(sorted_: Sorted, change: Change) -> tuple[str, ...]:
    """What goes with the pods, and what an undo does not bring back."""
    said = [f"{pods.name(pod)}: {one}" for pod in sorted_.evict for one in removals.warnings(pod)]
    said += [f"{pods.name(pod)}: nothing makes it anew" for pod in sorted_.evict if not pods.controller(pod)]
    if change.undo is not None and sorted_.evict:
        said.append("taking it back uncordons the node; the evicted pods do not come back to it")
    return tuple(said)
