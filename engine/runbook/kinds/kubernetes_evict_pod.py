"""Evict one very pod: delete it if its disruption budget allows that at this moment.

The server decides, when the change is planned (a dry run is judged like any other) and again when it is sent. A
budget that does not allow it refuses the plan, and no approval is spent on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import budgets, evictions, kubernetes, pods, removals, replacements
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.evict_pod",
    summary="Evict a pod, if its disruption budget allows it.",
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
        "id": "evict",
        "title": "Take the pod off its node",
        "uses": "kubernetes.evict_pod",
        "with": {"pod": "{{ params.pod }}", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Evict {removals.called(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type: kubectl has no word for it."""
    where, name = str(inputs.get("namespace") or "default"), str(inputs.get("pod"))
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": where}}
    said = kubernetes.kubectl({}, "create", "--raw", f"/api/v1/namespaces/{where}/pods/{name}/eviction", "-f", "-")
    return f"{said} <<< {quote(json.dumps(body))}"


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read, evicted, and its replacement looked for."""
    return removals.needs(inputs) + needed.to("create", "Pod", sub="eviction")


def plan(inputs: Inputs, world: World) -> Planned:
    """Pin the pod by its uid, and try the eviction out on the server. Reads only."""
    from runbook.clients.kubernetes.errors import NoDryRun, NotFound, Precondition, Rejected, Throttled

    found, grace = removals.find(inputs, world), removals.seconds(inputs)
    if isinstance(found, NothingToDo | Refused):
        return found
    pod = found.body
    if pods.is_ending(pod):
        return NothingToDo(reason=f"Pod {pods.name(pod)} is being deleted already")
    where, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    all_budgets = removals.read_budgets(where, world)
    over = budgets.covering(all_budgets or [], pod)
    if len(over) > 1:
        return Refused(reason=evictions.several(pod, over))
    told = (budgets.UNREAD,) if all_budgets is None else tuple(map(budgets.said, over))
    request = evictions.request(pod, grace)
    try:
        told += evictions.post(request, world, timeout=kubernetes.patience(world), dry_run=True).warnings
    except NoDryRun as error:
        told += (f"not tried out on the server: {error.message}",)
    except NotFound:
        return NothingToDo(reason=f"there is no Pod {where}/{name} any more")
    except (Rejected, Precondition) as error:
        return Refused(reason=error.message)
    except Throttled as error:
        if not evictions.is_of_a_budget(error):
            raise
        return Refused(reason=error.message)
    scope = {"namespace": where, "pod": name}
    change = removals.change(SPEC.name, "Evict", found, inputs, world, request=request, by_hand=by_hand(scope))
    return replace(change, warnings=removals.warnings(pod) + told)


def apply(change: Change, world: World) -> Outcome:
    """Send the eviction once; an exception means that it may have been done."""
    return removals.send(change, world, lambda timeout: evictions.post(change.request, world, timeout=timeout))


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """It is gone, and its replacement is ready."""
    return replacements.arrived(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """After a lost answer: is this very pod gone, or going?"""
    return removals.confirm(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change in a simulated world."""
    return removals.rehearsed(SPEC.name, inputs, summary=describe(inputs), by_hand=by_hand(inputs))
