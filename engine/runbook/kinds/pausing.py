"""Pausing and resuming the rollouts of a Deployment: one flag, each of the two the undo of the other.

To resume is to roll out whatever was changed in between, so the template is part of what is approved. To pause stops
a rollout where it is: pods of both templates stay. Only a Deployment can be paused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field
from runbook.core.words import Verdict
from runbook.document.words import Effect
from runbook.kinds import deployments, kubernetes, rollouts
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import History
from runbook.kinds.protocol import Inputs, World

PAUSE, RESUME = "kubernetes.rollout_pause", "kubernetes.rollout_resume"
FIELD = "/spec/paused"

INPUTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["deployment"],
    "properties": {"deployment": kubernetes.DEPLOYMENT, "namespace": kubernetes.NAMESPACE},
}
OUTPUTS: dict[str, Any] = {
    "type": "object",
    "properties": {"paused": {"type": "boolean", "description": "Whether rollouts are paused."}, **rollouts.OUTPUTS},
}


def by_hand(inputs: Inputs, *, pause: bool) -> str:
    """The line that a person would type."""
    return kubernetes.kubectl(inputs, "rollout", "pause" if pause else "resume", kubernetes.called(inputs))


def change(seen: History, inputs: Inputs, world: World, *, pause: bool) -> Change:
    """The change of the flag, and the one that takes it back."""
    target = patches.target(seen.obj, seen.kind, world)
    scope = {"namespace": target.namespace, "deployment": target.name}
    back = patches.taken_back(inputs)
    about: dict[str, Any] = {"target": target, "effect": Effect.CHANGE}
    undo = Change(
        kind=RESUME if pause else PAUSE,
        **about,
        summary=f"{'Resume' if pause else 'Pause'} the rollouts of {target} again",
        inputs=scope | {patches.TAKES_BACK: True},
        request=_request(seen, pause=not pause, has_notes=True),
        fields=(Field(path=FIELD, before=pause, after=not pause),),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(by_hand(scope, pause=not pause), world),
    )
    return Change(
        kind=PAUSE if pause else RESUME,
        **about,
        summary=f"{'Pause' if pause else 'Resume'} the rollouts of {target}",
        inputs=dict(inputs),
        request=_request(seen, pause=pause, has_notes=bool(deployments.notes(seen.obj))),
        fields=(Field(path=FIELD, before=not pause, after=pause),),
        undo=None if back else undo,
        irreversible=patches.NO_UNDO if back else None,
        precondition={"/metadata/uid": target.uid, "/metadata/generation": deployments.generation(seen.obj)},
        diff=_diff(seen, pause=pause),
        by_hand=kubernetes.there(by_hand(scope, pause=pause), world),
    )


def under_way(seen: History) -> tuple[str, ...]:
    """A warning of a rollout that a pause would stop half-way."""
    verdict, message = rollouts.standing(seen, rollouts.since(seen.obj))
    return () if verdict is Verdict.PASS else (f"a rollout is under way, and stops where it is: {message}",)


def confirmed(change: Change, world: World) -> Confirmation:
    """Our mark on the Deployment says that it was done; the flag as it was, that it was not."""
    before = change.fields[0].before
    found = patches.find(change, world, untouched=lambda obj: bool(obj["spec"].get("paused")) == before)
    return patches.with_output(found, output(change))


def rehearsed(kind: str, inputs: Inputs, summary: str, *, pause: bool) -> Change:
    """The change in a simulated world."""
    made = patches.rehearsed(
        kind,
        inputs,
        summary=summary,
        request={"paused": pause},
        fields=(Field(path=FIELD, before=not pause, after=pause),),
        by_hand=by_hand(inputs, pause=pause),
    )
    return replace(made, undo=replace(made.undo, kind=RESUME if pause else PAUSE) if made.undo else None)


def output(change: Change) -> dict[str, Any]:
    """What the step yields once it is sent."""
    return {"paused": change.fields[0].after, **dict.fromkeys(rollouts.OUTPUTS)}


def _request(seen: History, *, pause: bool, has_notes: bool) -> dict[str, Any]:
    """Nothing in it may differ between an undo planned beforehand and one planned when it is due."""
    from runbook.clients.kubernetes.paths import PLACES

    metadata: Mapping[str, Any] = seen.obj["metadata"]
    notes = [] if has_notes else patches.noting({}, {})
    template = deployments.template_digest(seen.obj["spec"]["template"])
    return patches.request(
        PLACES["Deployment"].path(metadata["namespace"], metadata["name"]),
        [{"op": "add", "path": FIELD, "value": pause}, *notes],
        **({} if pause else {"template_sha256": template}),
    )


def _diff(seen: History, *, pause: bool) -> str:
    """The flag; where a resumption would roll a template out, what that changes."""
    flag = patches.drawn(f"paused: {not pause}".lower(), f"paused: {pause}".lower(), was="now", becomes="after")
    if pause or seen.current is not None or not seen.revisions:
        return flag
    last = seen.revisions[-1]
    was, becomes = (
        yaml.safe_dump(one, sort_keys=True, width=1000)
        for one in (last.template, deployments.without_hash(seen.obj["spec"]["template"]))
    )
    return f"{flag}\n{patches.drawn(was, becomes, was=f'revision {last.number}', becomes='rolled out by this')}"
