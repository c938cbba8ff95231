"""Whether pods may be put on a node: one flag, cordoning and uncordoning each the undo of the other.

The flag is tested and marked like any other change (`kubernetes_patches.py`); a node has no generation. The API
leaves a flag that is false away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field, NothingToDo, Outcome, Planned, Refused, Target
from runbook.document.words import Effect
from runbook.kinds import deployments, kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

Raw = Mapping[str, Any]

CORDON, UNCORDON = "kubernetes.cordon", "kubernetes.uncordon"
FIELD = "/spec/unschedulable"

NODE: dict[str, Any] = {
    "type": "string",
    "minLength": 1,
    "description": "Name of the node.",
    "examples": ["{{ params.node }}"],
}
INPUTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["node"],
    "properties": {"node": NODE},
}
OUTPUTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "node": {"type": "string", "description": "Name of the node."},
        "cordoned": {"type": "boolean", "description": "Whether no pods are put on it now."},
    },
}


def is_cordoned(node: Raw) -> bool:
    """True where no further pods are put on it."""
    return bool((node.get("spec") or {}).get("unschedulable"))


def by_hand(inputs: Inputs, *, cordon: bool) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl({}, "cordon" if cordon else "uncordon", str(inputs.get("node")))


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """The node is read and changed."""
    return needed.to("get patch", "Node", inputs.get("node"))


def planned(inputs: Inputs, world: World, *, cordon: bool) -> Planned:
    """Read the node and try the change out on the server. Reads only."""
    name = kubernetes.named(inputs, "node")
    node = kubernetes.read("Node", name, "", world)
    if is_cordoned(node) == cordon:
        return NothingToDo(reason=f"Node {name} is {'cordoned already' if cordon else 'not cordoned'}")
    made = change(node, inputs, world, cordon=cordon)
    tried = patches.try_out(made, world)
    if isinstance(tried, Refused):
        return tried
    return replace(made, warnings=owners.reverting(node, world) + tried[1])


def change(node: Raw, inputs: Inputs, world: World, *, cordon: bool) -> Change:
    """The change of the flag, and the one that takes it back."""
    target, back = patches.target(node, "Node", world), patches.taken_back(inputs)
    return Change(
        kind=CORDON if cordon else UNCORDON,
        target=target,
        summary=f"{'Cordon' if cordon else 'Uncordon'} {target}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request=request(target, cordon=cordon, has_notes=bool(deployments.notes(node))),
        fields=(field(cordon=cordon),),
        undo=None if back else undo(target, world, cordon=not cordon),
        irreversible=patches.NO_UNDO if back else None,
        precondition=precondition(node),
        diff=diff(cordon=cordon),
        by_hand=kubernetes.there(by_hand({"node": target.name}, cordon=cordon), world),
    )


def undo(target: Target, world: World, *, cordon: bool) -> Change:
    """The change that takes the other one back."""
    scope = {"node": target.name}
    return Change(
        kind=CORDON if cordon else UNCORDON,
        target=target,
        summary=f"{'Cordon' if cordon else 'Uncordon'} {target} again",
        effect=Effect.CHANGE,
        inputs=scope | {patches.TAKES_BACK: True},
        request=request(target, cordon=cordon, has_notes=True),
        fields=(field(cordon=cordon),),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(by_hand(scope, cordon=cordon), world),
    )


def request(target: Target, *, cordon: bool, has_notes: bool) -> dict[str, Any]:
    """The patch of the flag."""
    flag = {"op": "add", "path": FIELD, "value": True} if cordon else {"op": "remove", "path": FIELD}
    return patches.request(path(target), [flag, *([] if has_notes else patches.noting({}, {}))])


def path(target: Target) -> str:
    """The node's path."""
    from runbook.clients.kubernetes.paths import PLACES

    return PLACES["Node"].path(name=target.name)


def field(*, cordon: bool) -> Field:
    """The flag, as it is and as it will be."""
    return Field(path=FIELD, before=not cordon, after=cordon)


def precondition(node: Raw) -> dict[str, Any]:
    """What is tested when a change is sent; null is what is not there."""
    return {"/metadata/uid": deployments.uid(node), FIELD: is_cordoned(node) or None}


def diff(*, cordon: bool) -> str:
    """The flag, drawn."""
    was, becomes = (f"unschedulable: {str(one).lower()}" for one in (not cordon, cordon))
    return patches.drawn(was, becomes, was="now", becomes="after")


def applied(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def confirmed(change: Change, world: World) -> Confirmation:
    """Our mark on the node says that it was done; the flag as it was, that it was not."""
    before = bool(change.fields[0].before)
    found = patches.find(change, world, untouched=lambda node: is_cordoned(node) == before)
    return patches.with_output(found, _output(change))


def rehearsed(kind: str, inputs: Inputs, *, cordon: bool) -> Change:
    """The change of a simulated node."""
    about: dict[str, Any] = {"target": rehearsal(inputs), "effect": Effect.CHANGE, "inputs": dict(inputs)}
    back = Change(
        kind=UNCORDON if cordon else CORDON,
        **about,
        summary=f"{'Uncordon' if cordon else 'Cordon'} Node {inputs.get('node')} again",
        fields=(field(cordon=not cordon),),
        irreversible=patches.NO_UNDO,
        by_hand=by_hand(inputs, cordon=not cordon),
    )
    return Change(
        kind=kind,
        **about,
        summary=f"{'Cordon' if cordon else 'Uncordon'} Node {inputs.get('node')}",
        request={"cordoned": cordon},
        fields=(field(cordon=cordon),),
        undo=back,
        by_hand=by_hand(inputs, cordon=cordon),
    )


def rehearsal(inputs: Inputs) -> Target:
    """A simulated node."""
    return Target(connection="rehearsal", kind="Node", name=str(inputs.get("node")))


def _output(change: Change) -> dict[str, Any]:
    return {"node": change.target.name, "cordoned": bool(change.fields[0].after)}
