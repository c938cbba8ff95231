"""What a drain would do, as it is approved: the flag, and each pod that is evicted, by its uid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

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
    has_notes = bool(deployments.notes(node))
    marked = patches.request(nodes.path(target), [] if has_notes else patches.noting({}, {}))
    cordoned = marked if was else nodes.request(target, cordon=True, has_notes=has_notes)
    scope = {"node": target.name} | {word: inputs[word] for word in (*FLAGS, "grace_period") if word in inputs}
    lost, back = "the evicted pods do not come back to it", nodes.undo(target, world, cordon=False)
    gone = (Field(path=f"pods/{evictions.name(one)}", before=evictions.uid(one)) for one in asked)
    return Change(
        kind=KIND,
        target=target,
        summary=f"Drain {target}: {'' if was else 'cordon it, '}{_counted(len(asked))}",
        effect=Effect.DESTRUCTIVE,
        inputs=dict(inputs),
        request=cordoned
        | {"evict": asked, "ends_within": max((_ends(pod, grace) for pod in sorted_.evict), default=0)},
        fields=(*(() if was else (nodes.field(cordon=True),)), *gone),
        undo=None if was else replace(back, summary=f"{back.summary}; {lost}"),
        irreversible=f"{lost}, and it was cordoned before" if was else None,
        precondition=nodes.precondition(node),
        diff=_diff(sorted_, at, was=was),
        by_hand=kubernetes.there(by_hand(scope), world),
    )


def _counted(count: int) -> str:
    return f"evict {count} {'pod' if count == 1 else 'pods'}" if count else "no pod to evict"


def _ends(pod: Raw, grace: int | None) -> int:
    """Seconds that a pod may take to end."""
    return int(pod["spec"].get("terminationGracePeriodSeconds") or 0) if grace is None else grace


def _diff(sorted_: Sorted, at: datetime, *, was: bool) -> str:
    """The flag, the pods to be evicted, and those that stay."""
    flag = [] if was else nodes.diff(cordon=True).splitlines()
    gone = [f"- {pods.line(pod, at)}" for pod in sorted_.evict]
    return "\n".join([*flag, *gone, *(f"  stays: {one}" for one in sorted_.skipped)])


def try_out(evict: Iterable[Raw], grace: int | None, world: World) -> tuple[list[Raw], tuple[str, ...]] | Refused:
    """Each eviction on the server, without doing it: the pods that are still there, and warnings.

    What a budget does not allow now is a warning. Raises Forbidden, Unreachable.
    """
    from runbook.clients.kubernetes.errors import NoDryRun, NotFound, Precondition, Rejected, Throttled

    left: list[Raw] = []
    said: list[str] = []
    for pod in evict:
        asked = evictions.request(pod, grace)
        try:
            said += evictions.post(asked, world, timeout=kubernetes.patience(world), dry_run=True).warnings
        except (NotFound, Precondition):
            continue  # it has gone since the list was read
        except NoDryRun as error:
            said.append(f"not tried out on the server: {error.message}")
        except Throttled as error:
            if not evictions.is_of_a_budget(error):
                raise
            said.append(f"not now: {error.message}")
        except Rejected as error:
            return Refused(reason=error.message)
        left.append(pod)
    return left, tuple(dict.fromkeys(said))


def warnings(sorted_: Sorted) -> tuple[str, ...]:
    """What goes with the pods."""
    said = [f"{pods.name(pod)}: {one}" for pod in sorted_.evict for one in removals.warnings(pod)]
    said += [f"{pods.name(pod)}: nothing makes it anew" for pod in sorted_.evict if not pods.controller(pod)]
    return tuple(said)
