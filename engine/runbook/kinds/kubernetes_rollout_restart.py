"""Replace the pods of a workload by new ones of the same template, as its controller rolls them out.

`kubectl rollout restart` writes the time of the moment into the template; sent twice, it restarts twice. Here the
time is fixed when the change is planned, by the server's clock, and recorded with the intent: whoever sends the
change again sends the same. It stands among the inputs of the planned change, beside what is approved, since a plan
made anew just before sending, or after a plan was written to a file, must be the same change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import deployments, kubernetes, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import CHANGE_CAUSE, RESTARTED_AT, History
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.rollout_restart",
    summary="Replace the pods of a Deployment, StatefulSet or DaemonSet, a few at a time.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": kubernetes.WORKLOADS,
        **kubernetes.NEEDS_ONE,
    },
    outputs={
        "type": "object",
        "properties": {
            "restarted_at": {"type": "string", "description": "The time in the template's annotation."},
            **rollouts.OUTPUTS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    irreversible=True,
    timeout="5m",
    example={
        "id": "restart",
        "title": "Fresh pods",
        "uses": "kubernetes.rollout_restart",
        "with": {"deployment": "api", "namespace": "production"},
        "timeout": "10m",
    },
)

NOT_BACK = "the pods that ran are gone, and what they had in memory; the template before would only restart once more"
WHEN = "the time of the plan"
AT = "restarted_at"  # among the inputs of a planned change
_PATH = "/spec/template/metadata/annotations"


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Restart {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl(inputs, "rollout", "restart", kubernetes.called(inputs))


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read, and its template is stamped."""
    return needed.changed(inputs, kubernetes.ROLLED)


def plan(inputs: Inputs, world: World) -> Planned:
    """Fix the time, and try the change out on the server. Reads only."""
    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    where = kubernetes.namespace(inputs, world)
    seen = kubernetes.read_settled_history(name, where, world, kind)
    if seen.paused:
        return Refused(reason=f"{kind} {where}/{name}: its rollouts are paused; resume them first")
    nobody = rollouts.reaches_nobody(seen.obj, kind)
    if nobody:
        return Refused(reason=f"{kind} {where}/{name}: {nobody}")
    if not rollouts.replicas(seen.obj, kind):
        return NothingToDo(reason=f"{kind} {where}/{name} has no pods to restart")
    change = _change(seen, _stamp(seen), inputs, world)
    tried = patches.try_out(_timed(change), world)
    if isinstance(tried, Refused):
        return tried
    return replace(change, warnings=_warnings(seen) + owners.reverting(seen.obj, world) + tried[1])


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(_timed(change), world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """kubectl's rule, and every replica with the time in its template available."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the time of the restart before, that it was not."""
    before = change.fields[0].before
    found = patches.find(change, world, untouched=lambda obj: _last(obj) == before)
    return patches.with_output(found, _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say when it was restarted `before`."""
    change = patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"restart": True},
        fields=(Field(path=f"{_PATH}/{patches.pointer(RESTARTED_AT)}", before=given.get("before"), after=WHEN),),
        by_hand=by_hand(inputs),
    )
    return replace(change, undo=None, irreversible=NOT_BACK)


def _stamp(seen: History) -> str:
    """The server's time now, or a second after the last restart where that was not before."""
    stamp = seen.at.astimezone(UTC).replace(microsecond=0)
    try:
        last = datetime.fromisoformat(_last(seen.obj) or "")
    except ValueError:
        last = None
    if last is not None and last.tzinfo and last >= stamp:
        stamp = last.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    return stamp.isoformat().replace("+00:00", "Z")


def _timed(change: Change) -> Change:
    """The change with its time in what is sent."""
    operation = {"op": "add", "path": change.fields[0].path, "value": change.inputs[AT]}
    return replace(change, request=change.request | {"operations": [*change.request["operations"], operation]})


def _last(obj: Mapping[str, Any]) -> str | None:
    notes = (obj["spec"]["template"].get("metadata") or {}).get("annotations") or {}
    value: str | None = notes.get(RESTARTED_AT)
    return value


def _change(seen: History, stamp: str, inputs: Inputs, world: World) -> Change:
    from runbook.clients.kubernetes.paths import PLACES

    target, last = patches.target(seen.obj, seen.kind, world), _last(seen.obj)
    name = f"{_PATH}/{patches.pointer(RESTARTED_AT)}"
    has_notes = (seen.obj["spec"]["template"].get("metadata") or {}).get("annotations")
    operations = [] if has_notes else [{"op": "add", "path": _PATH, "value": {}}]
    operations += patches.noting(deployments.notes(seen.obj), {CHANGE_CAUSE: "runbook: restarted"})
    scope = {"namespace": target.namespace, target.kind.lower(): target.name}
    return Change(
        kind=SPEC.name,
        target=target,
        summary=f"Restart {target}, {rollouts.replicas(seen.obj, seen.kind)} pods",
        effect=Effect.CHANGE,
        inputs=dict(inputs) | {AT: stamp},
        request=patches.request(PLACES[target.kind].path(target.namespace, target.name), operations),
        fields=(Field(path=name, before=last, after=WHEN),),
        irreversible=NOT_BACK,
        precondition={"/metadata/uid": target.uid, "/metadata/generation": deployments.generation(seen.obj)},
        diff=patches.drawn(f"restartedAt: {last or 'never'}", f"restartedAt: {stamp}", was="now", becomes="after"),
        by_hand=kubernetes.there(by_hand(scope), world),
    )


def _warnings(seen: History) -> tuple[str, ...]:
    said = list(rollouts.warnings(seen, None))
    if (seen.obj["spec"].get("strategy") or {}).get("type") == "Recreate":
        said.append("its strategy is Recreate: all its pods end before the first new one starts")
    verdict, message = rollouts.standing(seen, rollouts.since(seen.obj))
    if verdict is not Verdict.PASS:
        said.append(f"it has not rolled out now: {message}")
    return tuple(said)


def _output(change: Change) -> dict[str, Any]:
    return {AT: change.inputs[AT], **dict.fromkeys(rollouts.OUTPUTS)}
