"""Return a workload to an earlier template: pinned when planned, sent once, and never back and forth.

`kubectl rollout undo` sends its patch without any precondition and picks its target when it is sent; repeated
after a lost answer it returns to the broken version. Here the plan pins the target (uid of the ReplicaSet or
ControllerRevision, number, hash, digest of the template); what is sent tests the workload's uid and generation; and
the template that was left is remembered, so that no later rollback returns to it. Which revision is the target:
`deployments.py`.

The generation is the precondition of the moment of sending only. It is not part of what is approved: an
autoscaler that changes the replicas while people decide costs nobody a second approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
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
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import deployments, kubernetes, makers, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import CHANGE_CAUSE, REMEMBERED, ROLLED_BACK_FROM, History, Revision
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.rollout_undo",
    summary="Return a Deployment, StatefulSet or DaemonSet to an earlier revision.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **kubernetes.WORKLOADS,
            "to_revision": {
                "type": "integer",
                "minimum": 1,
                "description": "Revision to return to; by default the newest one before the current template "
                "that was never rolled back from.",
                "examples": [6],
            },
        },
        **kubernetes.NEEDS_ONE,
    },
    outputs={
        "type": "object",
        "properties": {
            "revision": {"type": "integer", "description": "The revision that was returned to, as numbered before."},
            "hash": {"type": "string", "description": "Hash of its pod template."},
            "images": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Image by name of container, after the change.",
            },
            **rollouts.OUTPUTS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "roll_back",
        "title": "Return to the last good revision",
        "uses": "kubernetes.rollout_undo",
        "with": {"deployment": "api", "namespace": "production"},
        "timeout": "5m",
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = f"revision {inputs['to_revision']}" if inputs.get("to_revision") else "the last good revision"
    return f"Return {kubernetes.name_of(inputs)} to {where}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; a plan names the revision in it."""
    words = ["rollout", "undo", kubernetes.called(inputs)]
    if inputs.get("to_revision"):
        words.append(f"--to-revision={inputs['to_revision']}")
    return kubernetes.kubectl(inputs, *words)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read, and one of them is put back."""
    return needed.changed(inputs, kubernetes.ROLLED)


def plan(inputs: Inputs, world: World) -> Planned:
    """Pin the target and try it out on the server. Reads only."""
    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    where = kubernetes.namespace(inputs, world)
    seen = kubernetes.read_settled_history(name, where, world, kind)
    reason = _not_now(seen)
    if reason:
        return Refused(reason=f"{kind} {where}/{name}: {reason}")
    chosen = _chosen(seen, inputs)
    if not isinstance(chosen, Revision):
        return chosen
    change = _change(seen, chosen, inputs, world)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    result, warnings = tried
    if result and deployments.template_digest(result["spec"]["template"]) != chosen.sha256:
        warnings += ("an admission webhook changes the template on its way in; it will not be exactly this",)
    return replace(change, warnings=rollouts.warnings(seen, chosen) + owners.reverting(seen.obj, world) + warnings)


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """kubectl's rule, and every replica of the target's ReplicaSet available."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the Deployment says that it was done; an unchanged template, that it was not."""
    before = change.fields[0].before["sha256"]
    found = patches.find(
        change, world, untouched=lambda obj: deployments.template_digest(obj["spec"]["template"]) == before
    )
    return patches.with_output(found, _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may name the `revision` and the `images` there."""
    revision = given.get("revision", inputs.get("to_revision"))
    known = {"revision": revision, "hash": given.get("hash"), "images": given.get("images", {})}
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"target": known},
        fields=(Field(path="/spec/template", before=given.get("before"), after=known),),
        by_hand=by_hand(inputs),
    )


def _not_now(seen: History) -> str | None:
    if seen.paused:
        return "its rollouts are paused; resume them first (`kubectl rollout resume`)"
    if seen.behind:
        return f"{seen.behind}; try again in a moment"
    now = seen.current.sha256 if seen.current else ""
    same = [revision.keeper for revision in seen.revisions if revision.sha256 == now]
    if len(same) > 1:
        return f"several {deployments.KEEPERS[seen.kind]}s have its template: {', '.join(same)}"
    return rollouts.reaches_nobody(seen.obj, seen.kind)


def _chosen(seen: History, inputs: Inputs) -> Revision | NothingToDo | Refused:
    """The target, or why there is none."""
    asked, to_hash = kubernetes.whole(inputs, "to_revision", least=1), inputs.get("to_hash")
    if asked is None and to_hash is None:
        chosen = seen.previous
        return _sound(chosen, seen) if chosen else Refused(reason=_nowhere(seen))
    wanted = f"revision {asked}" if to_hash is None else f"template {to_hash}"
    found = [one for one in seen.revisions if (one.number == asked if to_hash is None else one.hash == to_hash)]
    if not found:
        kept = ", ".join(str(revision.number) for revision in seen.revisions)
        return Refused(reason=f"{wanted} is not kept any more; there are {kept}")
    if found[0].current:
        return NothingToDo(reason=f"{wanted} is the current one")
    return _sound(found[0], seen)


def _sound(chosen: Revision, seen: History) -> Revision | Refused:
    """A target that is one, and that can be sent whole."""
    if chosen.strange:
        return Refused(reason=f"{chosen.keeper} holds more than a template ({chosen.strange}), which is not sent")
    same = [one.keeper for one in seen.revisions if one.sha256 == chosen.sha256]
    if len(same) > 1:
        kept = deployments.KEEPERS[seen.kind]
        return Refused(reason=f"several {kept}s have the template of revision {chosen.number}: {', '.join(same)}")
    return chosen


def _nowhere(seen: History) -> str:
    if len(seen.revisions) <= 1:
        return "there is no earlier revision to return to"
    left = [str(one.number) for one in seen.revisions if one.hash in seen.rolled_back_from]
    said = f" (revision {', '.join(left)} was rolled back from)" if left else ""
    return f"no revision from before the current template is known to be good{said}; name one: to_revision"


def _change(seen: History, to: Revision, inputs: Inputs, world: World) -> Change:
    now = seen.current
    assert now is not None  # noqa: S101 - `_not_now` refuses a history without one
    where, name, kind = seen.obj["metadata"]["namespace"], seen.obj["metadata"]["name"], seen.kind
    back, notes = patches.taken_back(inputs), deployments.notes(seen.obj)
    good = [one.hash for one in seen.revisions if one.version == to.version]
    bad = [one.hash for one in seen.revisions if one.version == now.version]
    marks = _without(seen.rolled_back_from, *good)  # who names a revision says that it is good
    marks = marks if back else (*_without(marks, now.hash), now.hash)[-REMEMBERED:]
    target = patches.target(seen.obj, kind, world)
    scope = {"namespace": where, kind.lower(): name}
    undo = Change(
        kind=SPEC.name,
        target=target,
        summary=f"Return {target} to {_called(now)}, from which it was rolled back",
        effect=Effect.CHANGE,
        inputs=scope | {"to_hash": now.hash, patches.TAKES_BACK: True},
        request=_request(target, now, to, marks=_without(marks, *bad), notes={ROLLED_BACK_FROM: ",".join(marks)}),
        fields=(_field(to, now),),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(by_hand(scope | {"to_revision": now.number}), world),
    )
    return Change(
        kind=SPEC.name,
        target=target,
        summary=f"Return {target} from {_called(now)} to {_called(to)}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request=_request(target, to, now, marks=marks, notes=notes),
        fields=(_field(now, to),),
        undo=None if back else undo,
        irreversible=patches.NO_UNDO if back else None,
        precondition={
            "/metadata/uid": target.uid,
            "/metadata/generation": deployments.generation(seen.obj),
        },
        diff=_diff(now, to),
        by_hand=kubernetes.there(by_hand(scope | {"to_revision": to.number}), world),
    )


def _request(
    target: Target, to: Revision, now: Revision, *, marks: tuple[str, ...], notes: Mapping[str, str]
) -> dict[str, Any]:
    """Nothing in it may differ between an undo planned beforehand and one planned when it is due."""
    from runbook.clients.kubernetes.paths import PLACES

    template = {"op": "replace", "path": "/spec/template", "value": to.template}
    cause = makers.returning(now.hash, to.hash)
    noted = patches.noting(notes, {CHANGE_CAUSE: cause, ROLLED_BACK_FROM: ",".join(marks) or None})
    pinned = {
        "replica_set" if target.kind == "Deployment" else "controller_revision": to.keeper,
        "uid": to.uid,
        "revision": to.number,
        "hash": to.hash,
        "template_sha256": to.sha256,
        "images": to.images,
    }
    path = PLACES[target.kind].path(target.namespace, target.name)
    return patches.request(path, [template, *noted], target=pinned)


def _without(marks: tuple[str, ...], *hashes: str) -> tuple[str, ...]:
    return tuple(mark for mark in marks if mark not in hashes)


def _field(before: Revision, after: Revision) -> Field:
    return Field(path="/spec/template", before=_known(before), after=_known(after))


def _known(revision: Revision) -> dict[str, Any]:
    return {"hash": revision.hash, "images": revision.images, "sha256": revision.sha256}


def _called(revision: Revision) -> str:
    return f"revision {revision.number} ({', '.join(revision.images.values())})"


def _diff(now: Revision, to: Revision) -> str:
    before, after = (yaml.safe_dump(one.template, sort_keys=True, width=1000) for one in (now, to))
    return patches.drawn(
        before, after, was=f"revision {now.number} ({now.hash})", becomes=f"revision {to.number} ({to.hash})"
    )


def _output(change: Change) -> dict[str, Any]:
    pinned = change.request["target"]
    return {
        "revision": pinned["revision"],
        "hash": pinned["hash"],
        "images": pinned["images"],
        **dict.fromkeys(rollouts.OUTPUTS),
    }
