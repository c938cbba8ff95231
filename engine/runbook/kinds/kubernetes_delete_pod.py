"""Delete one very pod: for one that hangs, or whose node is gone. It does not heed disruption budgets.

`kubernetes.evict_pod` does, and is what a pod that serves should be taken away with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import budgets, kubernetes, pods, removals, replacements
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.delete_pod",
    summary="Delete a pod, whatever disruption budgets say.",
    role=Role.ACTION,
    effect=Effect.DESTRUCTIVE,
    inputs=removals.INPUTS,
    outputs=removals.OUTPUTS,
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    irreversible=True,
    timeout="5m",
    example={
        "id": "delete_stuck",
        "title": "Delete the pod that hangs",
        "uses": "kubernetes.delete_pod",
        "with": {"pod": "{{ params.pod }}", "namespace": "production"},
    },
)

FORCED = (
    "without a grace period it is only forgotten: on a node that does not answer its containers may run on",
    "until they have ended, two pods of one StatefulSet's name may run at once",
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Delete {removals.called(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; it names no uid, and sent twice it kills a replacement of the same name."""
    grace = removals.seconds(inputs)
    period = [] if grace is None else [f"--grace-period={grace}", *(["--force"] if grace == 0 else [])]
    return kubernetes.kubectl(inputs, "delete", "pod", str(inputs.get("pod")), *period)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read, deleted, and its replacement looked for."""
    return removals.needs(inputs) + needed.to("delete", "Pod", inputs.get("pod"))


def plan(inputs: Inputs, world: World) -> Planned:
    """Pin the pod by its uid, and try the deletion out on the server. Reads only."""
    from runbook.clients.kubernetes.errors import NoDryRun, NotFound, Precondition, Rejected
    from runbook.clients.kubernetes.paths import PLACES

    found, grace = removals.find(inputs, world), removals.seconds(inputs)
    if isinstance(found, NothingToDo | Refused):
        return found
    pod = found.body
    if pods.is_ending(pod) and not _is_sooner(pod, grace):
        return NothingToDo(reason=f"Pod {pods.name(pod)} is being deleted already")
    where, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    path, options = PLACES["Pod"].path(where, name), removals.options(pod, grace)
    told: tuple[str, ...] = ()
    try:
        answer = kubernetes.client(world).delete(path, options, timeout=kubernetes.patience(world), dry_run=True)
        told = answer.warnings
    except NoDryRun as error:
        told = (f"not tried out on the server: {error.message}",)
    except NotFound:
        return NothingToDo(reason=f"there is no Pod {where}/{name} any more")
    except (Rejected, Precondition) as error:
        return Refused(reason=error.message)
    scope = {"namespace": where, "pod": name} | ({"grace_period": inputs["grace_period"]} if grace is not None else {})
    request = {"method": "DELETE", "path": path, "options": options}
    change = removals.change(SPEC.name, "Delete", found, inputs, world, request=request, by_hand=by_hand(scope))
    return replace(change, warnings=_warnings(pod, grace) + _passed_over(pod, where, world) + told)


def apply(change: Change, world: World) -> Outcome:
    """Send the deletion once; an exception means that it may have been done."""
    path, options = change.request["path"], change.request["options"]
    return removals.send(change, world, lambda timeout: kubernetes.client(world).delete(path, options, timeout=timeout))


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """It is gone, and its replacement is ready."""
    return replacements.arrived(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """After a lost answer: is this very pod gone, or going?"""
    return removals.confirm(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change in a simulated world."""
    return removals.rehearsed(SPEC.name, inputs, summary=describe(inputs), by_hand=by_hand(inputs))


def _is_sooner(pod: Mapping[str, Any], grace: int | None) -> bool:
    """Whether a pod that is being deleted would end sooner for it."""
    return grace is not None and grace < int(pod["metadata"].get("deletionGracePeriodSeconds") or 0)


def _warnings(pod: Mapping[str, Any], grace: int | None) -> tuple[str, ...]:
    if grace != 0:
        return removals.warnings(pod)
    is_stateful = (pods.controller(pod) or {}).get("kind") == "StatefulSet"
    return (FORCED if is_stateful else FORCED[:1]) + removals.warnings(pod)


def _passed_over(pod: Mapping[str, Any], where: str, world: World) -> tuple[str, ...]:
    """The budgets that an eviction would heed."""
    found = removals.read_budgets(where, world)
    if found is None:
        return (budgets.UNREAD,)
    return tuple(f"a deletion does not heed it: {budgets.said(one)}" for one in budgets.covering(found, pod))
