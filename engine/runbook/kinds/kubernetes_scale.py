"""Set the replicas of a Deployment or StatefulSet, in the direction that was meant.

`only: up` never takes capacity away: where more than asked for already run, there is nothing to do. Scaling to
zero is destructive: what ran is gone, and putting the number back starts it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import (
    Change,
    Confirmation,
    Field,
    NothingToDo,
    Observation,
    Outcome,
    Planned,
    Refused,
    Target,
)
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import deployments, kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.scale",
    summary="Set the number of replicas of a Deployment or StatefulSet.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["replicas"],
        "properties": {
            "deployment": kubernetes.DEPLOYMENT,
            "statefulset": {
                "type": "string",
                "minLength": 1,
                "description": "Name of the StatefulSet, in place of a Deployment.",
                "examples": ["queue"],
            },
            "namespace": kubernetes.NAMESPACE,
            "replicas": {
                "type": "integer",
                "minimum": 0,
                "description": "Replicas to have; 0 is destructive.",
                "examples": [10],
            },
            "only": {
                "enum": ["up", "down"],
                "description": "Change in this direction only; otherwise there is nothing to do.",
                "examples": ["up"],
            },
        },
        "if": {"not": {"required": ["statefulset"]}},
        "then": {"required": ["deployment"]},
    },
    outputs={
        "type": "object",
        "properties": {
            "before": {"type": "integer", "description": "Replicas asked for before."},
            "replicas": {"type": "integer", "description": "Replicas asked for now."},
            "available": {"type": ["integer", "null"], "description": "Replicas that are available."},
            "message": {"type": ["string", "null"], "description": "Where it stands, in words."},
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "scale",
        "title": "More replicas",
        "uses": "kubernetes.scale",
        "with": {"deployment": "api", "namespace": "production", "replicas": 10, "only": "up"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    direction = f" (only {inputs['only']})" if inputs.get("only") else ""
    return f"Scale {kubernetes.name_of(inputs)} to {inputs.get('replicas')}{direction}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    kind = "statefulset" if inputs.get("statefulset") else "deployment"
    return kubernetes.kubectl(inputs, "scale", f"{kind}/{inputs.get(kind)}", f"--replicas={inputs.get('replicas')}")


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is read and changed; autoscalers are looked for, to warn of them."""
    kind, name = needed.named(inputs, kubernetes.SCALED)
    unseen = "whether an autoscaler sets its replicas is not known"
    return needed.to("get patch", kind, name) + needed.to("list", "HorizontalPodAutoscaler", without=unseen)


def plan(inputs: Inputs, world: World) -> Planned:
    """Read the number of replicas and try the new one out on the server. Reads only."""
    kind, name = kubernetes.workload(inputs)
    where, wanted = kubernetes.namespace(inputs, world), kubernetes.whole(inputs, "replicas")
    if wanted is None:
        raise ParameterError("step input 'replicas' is missing")
    obj = kubernetes.read(kind, name, where, world)
    now, only = deployments.replicas(obj), inputs.get("only")
    if now == wanted:
        return NothingToDo(reason=f"{kind} {where}/{name} has {now} replicas already")
    if (only == "up" and wanted < now) or (only == "down" and wanted > now):
        return NothingToDo(reason=f"{kind} {where}/{name} has {now} replicas; {wanted} would be the other direction")
    change = _change(kind, obj, now, wanted, inputs, world)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    warnings = owners.autoscalers(kind, name, where, world) + owners.reverting(obj, world) + tried[1]
    return replace(change, warnings=warnings)


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """As many replicas available as asked for, and no more than that running."""
    obj = kubernetes.read(change.target.kind, change.target.name, change.target.namespace or "", world)
    verdict, said, available = _look(obj, change, outcome)
    return Observation(
        output=outcome.output | {"available": available, "message": f"{change.target}: {said}"},
        verdict=verdict,
        unknown=None if verdict is Verdict.PASS else f"{change.target}: {said}",
    )


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the old number, that it was not."""
    before = change.fields[0].before
    found = patches.find(change, world, untouched=lambda obj: deployments.replicas(obj) == before)
    return patches.with_output(found, _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say how many replicas there were `before`."""
    wanted = kubernetes.whole(inputs, "replicas")
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"replicas": wanted},
        fields=(Field(path="/spec/replicas", before=given.get("before"), after=wanted),),
        by_hand=by_hand(inputs),
        effect=_effect(wanted),
    )


def _change(kind: str, obj: Mapping[str, Any], now: int, wanted: int, inputs: Inputs, world: World) -> Change:
    target = patches.target(obj, kind, world)
    back = patches.taken_back(inputs)
    scope = {"namespace": target.namespace, kind.lower(): target.name}
    undo = Change(
        kind=SPEC.name,
        target=target,
        summary=f"Scale {target} back from {wanted} to {now}",
        effect=_effect(now),
        inputs=scope | {"replicas": now, patches.TAKES_BACK: True},
        request=_request(target, now, has_notes=True),
        fields=(Field(path="/spec/replicas", before=wanted, after=now),),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(by_hand(scope | {"replicas": now}), world),
    )
    return Change(
        kind=SPEC.name,
        target=target,
        summary=f"Scale {target} {'up' if wanted > now else 'down'} from {now} to {wanted}",
        effect=_effect(wanted),
        inputs=dict(inputs),
        request=_request(target, wanted, has_notes=bool(deployments.notes(obj))),
        fields=(Field(path="/spec/replicas", before=now, after=wanted),),
        undo=None if back else undo,
        irreversible=patches.NO_UNDO if back else None,
        precondition={"/metadata/uid": target.uid, "/spec/replicas": now},
        diff=patches.drawn(f"replicas: {now}", f"replicas: {wanted}", was="now", becomes="after"),
        by_hand=kubernetes.there(by_hand(scope | {"replicas": wanted}), world),
    )


def _request(target: Target, wanted: int, *, has_notes: bool) -> dict[str, Any]:
    from runbook.clients.kubernetes.paths import PLACES

    notes = [] if has_notes else patches.noting({}, {})
    path = PLACES[target.kind].path(target.namespace, target.name)
    return patches.request(path, [{"op": "replace", "path": "/spec/replicas", "value": wanted}, *notes])


def _effect(wanted: int | None) -> Effect:
    return Effect.DESTRUCTIVE if wanted == 0 else Effect.CHANGE


def _look(obj: Mapping[str, Any], change: Change, outcome: Outcome) -> tuple[Verdict, str, int]:
    status, wanted = obj.get("status") or {}, change.fields[0].after
    available = status.get("availableReplicas") or 0
    if deployments.uid(obj) != outcome.state["uid"]:
        return Verdict.FAIL, "it was deleted, and made anew by somebody else", available
    if deployments.replicas(obj) != wanted:
        now = deployments.replicas(obj)
        return Verdict.FAIL, f"superseded: somebody else has set its replicas to {now} since", available
    if deployments.observed(obj) < outcome.state["generation"]:
        return Verdict.UNKNOWN, "waiting for its controller to see the change", available
    running = status.get("replicas") or 0
    if available < wanted or running > wanted:
        return Verdict.UNKNOWN, f"{running} replicas run, {available} of {wanted} are available", available
    return Verdict.PASS, f"{available} replicas are available", available


def _output(change: Change) -> dict[str, Any]:
    field = change.fields[0]
    return {"before": field.before, "replicas": field.after, "available": None, "message": None}
