"""Drain a node: cordon it, then evict the pods that the plan lists, each by its uid, and no other.

One change. The list is what is approved: a pod that has come or gone since makes another digest. What is sent is the
flag with our mark, then the evictions, and where a disruption budget does not allow one, that one again until the
step's time is over (`evictions.py`). What is left then is said, and the change is `partly` applied.

After a crash the mark says that the cordon was ours, and the uids that are still there what was not evicted. Nothing
is evicted in their place: a step that was cut off is `partly` applied, too, and a drain planned anew lists the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    Error,
    Field,
    NothingToDo,
    Observation,
    Outcome,
    Planned,
    Refused,
)
from runbook.core.words import Applied, Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds import budgets, deployments, drain_plans, draining, evictions, kubernetes, nodes, pods, removals
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.answers import Listing

FLAGS = drain_plans.FLAGS
MOST_PODS = 1000  # of one node; kubelets take 110 unless told otherwise
CUT_OFF = "interrupted"

SPEC = KindSpec(
    name=drain_plans.KIND,
    summary="Cordon a node and evict the pods on it, as disruption budgets allow.",
    role=Role.ACTION,
    effect=Effect.DESTRUCTIVE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["node"],
        "properties": {
            "node": nodes.NODE,
            "delete_emptydir_data": {
                "type": "boolean",
                "description": "Evict pods with emptyDir volumes too; what is in those is lost.",
                "examples": [True],
            },
            "force": {
                "type": "boolean",
                "description": "Evict pods without a controller too; nothing makes them anew.",
                "examples": [True],
            },
            "grace_period": removals.GRACE,
        },
    },
    outputs={
        "type": "object",
        "properties": {
            **nodes.OUTPUTS["properties"],
            "evicted": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Pods whose eviction was accepted, or that were gone, as namespace/name.",
            },
            "remaining": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Pods that were to be evicted and are still there.",
            },
            "requests": {"type": ["integer", "null"], "description": "Requests that the evictions took."},
            "message": {"type": ["string", "null"], "description": "Where it stands, in words."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="15m",
    example={
        "id": "drain",
        "title": "Empty the node",
        "uses": drain_plans.KIND,
        "with": {"node": "{{ params.node }}", "delete_emptydir_data": True},
        "timeout": "30m",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Drain Node {inputs.get('node')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; it names no uids."""
    grace = removals.seconds(inputs)
    period = [] if grace is None else [f"--grace-period={grace}"]
    flags = [flag for name, flag in FLAGS.items() if inputs.get(name) is True]
    return kubernetes.kubectl({}, "drain", str(inputs.get("node")), "--ignore-daemonsets", *flags, *period)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """The node is read and cordoned; pods of every namespace are listed and evicted, budgets to warn of."""
    seen = needed.to("list", "Pod", anywhere=True) + needed.to("create", "Pod", sub="eviction", anywhere=True)
    return nodes.needs(inputs) + seen + needed.to("list", "PodDisruptionBudget", anywhere=True, without=budgets.UNREAD)


def plan(inputs: Inputs, world: World) -> Planned:
    """Sort the pods of the node, and try the cordon and each eviction out on the server. Reads only."""
    name, flags = kubernetes.named(inputs, "node"), {word: _flag(inputs, word) for word in FLAGS}
    node, there = kubernetes.read("Node", name, "", world), _pods_on(name, world)
    sorted_ = draining.sort(there.items, **flags)
    if sorted_.blocking:
        return Refused(reason=f"Node {name} cannot be drained: {'; '.join(map(str, sorted_.blocking))}")
    found = removals.read_budgets(None, world) if sorted_.evict else []
    twice = draining.covered_twice(sorted_.evict, found or [])
    if twice:
        return Refused(reason="; ".join(evictions.several(*one) for one in twice))
    evicted = drain_plans.try_out(sorted_.evict, removals.seconds(inputs), world)
    if isinstance(evicted, Refused):
        return evicted
    sorted_ = sorted_._replace(evict=evicted[0])
    if not sorted_.evict and nodes.is_cordoned(node):
        return NothingToDo(reason=f"Node {name} is cordoned, and no pod on it is to be evicted")
    change = drain_plans.change(node, sorted_, inputs, world, by_hand=by_hand, at=there.at)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    way = (budgets.UNREAD,) if found is None else draining.in_the_way(sorted_.evict, found)
    warnings = drain_plans.warnings(sorted_) + way + owners.reverting(node, world) + tried[1] + evicted[1]
    return replace(change, warnings=warnings)


def apply(change: Change, world: World) -> Outcome:
    """Cordon, then evict. An exception means that the cordon may have been done; nothing was evicted then."""
    cordoned = patches.send(change, world)
    if not cordoned.applied.touched:
        return cordoned
    going = evictions.Round(change.request["evict"])
    going.go(world, reserve=change.request["ends_within"])  # what is evicted last has to end, too
    output = _output(change, {evictions.uid(one) for one in going.left}, requests=going.requests)
    if not going.left:
        return replace(cordoned, output=output)
    reasons = [f"{evictions.name(one)}: {going.why.get(one['path'], 'not asked')}" for one in going.left]
    said = f"{len(going.left)} of {len(change.request['evict'])} pods were not evicted: {'; '.join(reasons)}"
    code = going.refused.code if going.refused else CUT_OFF if world.cancelled() else "timeout"
    return Outcome(
        applied=Applied.PARTLY,
        state=cordoned.state,
        output=output | {"message": said},
        error=Error(code=code, message=said),
    )


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """Every pod of the list is gone from the node; what else runs there is said."""
    there = _pods_on(change.target.name, world).items
    wanted = {evictions.uid(one) for one in change.request["evict"]}
    left = [pod for pod in there if deployments.uid(pod) in wanted]
    if left:
        said = f"{change.target}: {len(left)} evicted pods are still ending: {', '.join(map(pods.name, left))}"
        return Observation(
            verdict=Verdict.UNKNOWN, output=_output(change, set()) | outcome.output | {"message": said}, unknown=said
        )
    others = draining.sort(there, delete_emptydir_data=True, force=True).evict
    more = f"; not of the list, and there: {', '.join(map(pods.name, others))}" if others else ""
    said = f"{change.target}: all {len(wanted)} pods of the list are gone{more}"
    return Observation(verdict=Verdict.PASS, output=_output(change, set()) | outcome.output | {"message": said})


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark says that the node was cordoned; the uids on it say what was evicted."""
    cordons = any(one.path == nodes.FIELD for one in change.fields)
    found = patches.find(change, world, untouched=lambda node: cordons and not nodes.is_cordoned(node))
    if not isinstance(found, DidApply):
        return found
    until = monotonic() + kubernetes.client(world).server_timeout
    while left := _still_there(change, world):
        if monotonic() >= until:
            break
        if world.cancelled() or world.remaining() <= 2 * patches.LOOK_EVERY:
            return CannotTell(reason=f"{change.target} was cordoned; an eviction may still arrive")
        sleep(patches.LOOK_EVERY)
    output = _output(change, left)
    if not left:
        return DidApply(outcome=replace(found.outcome, output=output))
    said = f"the drain was cut off: {change.target} is cordoned, and not evicted are {', '.join(output['remaining'])}"
    partly = replace(
        found.outcome,
        applied=Applied.PARTLY,
        output=output | {"message": said},
        error=Error(code=CUT_OFF, message=said),
    )
    return DidApply(outcome=partly)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may name the `pods` to be evicted."""
    named = [str(one) for one in given.get("pods") or []]
    cordon = nodes.rehearsed(SPEC.name, inputs, cordon=True)
    return replace(
        cordon,
        summary=describe(inputs),
        effect=Effect.DESTRUCTIVE,
        request={"evict": named},
        fields=(*cordon.fields, *(Field(path=f"pods/{one}", before="running") for one in named)),
        by_hand=by_hand(inputs),
    )


def _flag(inputs: Inputs, name: str) -> bool:
    value = inputs.get(name, False)
    if not isinstance(value, bool):
        raise ParameterError(f"step input {name!r} must be true or false, got {value!r}")
    return value


def _pods_on(node: str, world: World) -> Listing:
    from runbook.clients.kubernetes.paths import PLACES

    here = [("fieldSelector", f"spec.nodeName={node}")]
    found = kubernetes.client(world).read_all(
        PLACES["Pod"].path(), timeout=kubernetes.patience(world), query=here, most=MOST_PODS
    )
    if not found.complete:
        raise WorldError(f"more than {MOST_PODS} pods are on node {node}: not all could be read")
    return found


def _still_there(change: Change, world: World) -> set[str]:
    """The uids of the list that are on the node, and not being deleted."""
    wanted = {evictions.uid(one) for one in change.request["evict"]}
    there = {deployments.uid(pod) for pod in _pods_on(change.target.name, world).items if not pods.is_ending(pod)}
    return wanted & there


def _output(change: Change, left: set[str], requests: int | None = None) -> dict[str, Any]:
    asked = change.request["evict"]
    return {
        "node": change.target.name,
        "cordoned": True,
        "evicted": [evictions.name(one) for one in asked if evictions.uid(one) not in left],
        "remaining": [evictions.name(one) for one in asked if evictions.uid(one) in left],
        "requests": requests,
        "message": None,
    }
