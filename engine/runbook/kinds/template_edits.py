"""What `kubernetes.set_env` and `kubernetes.set_image` have in common: one value in one container, and a rollout.

The patch names positions in lists, so it is tested on what stands there: the container's name and the old values. A
workload whose pods would never get the new template (paused, OnDelete, a partition above all pods) is refused: the
change would be accepted and never arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field, NothingToDo, Outcome, Planned, Refused
from runbook.document.words import Effect
from runbook.kinds import deployments, kubernetes, rollouts
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.containers import Edit, NotEditable, Values
from runbook.kinds.deployments import CHANGE_CAUSE
from runbook.kinds.protocol import Inputs, World

CONTAINER = {
    "type": "string",
    "minLength": 1,
    "description": "Container to change; needed where there are several, and for an init container.",
    "examples": ["api"],
}


class Setting(msgspec.Struct, frozen=True):
    """What the two kinds differ in.

    `edited` makes the edit of a template, `inputs` turns values by name into a step's inputs, `line` draws one value,
    `by_hand` is the kind's own.
    """

    kind: str
    edited: Callable[[Mapping[str, Any], str | None, Mapping[str, str | None]], Edit]
    inputs: Callable[[Mapping[str, str | None]], dict[str, Any]]
    line: Callable[[str, str], str]
    by_hand: Callable[[Inputs], str]


def plan(setting: Setting, inputs: Inputs, wanted: Values, world: World) -> Planned:
    """Find the values, and try the new ones out on the server. Reads only."""
    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    where = kubernetes.namespace(inputs, world)
    obj = kubernetes.read(kind, name, where, world)
    if obj["spec"].get("paused"):
        return Refused(reason=f"{kind} {where}/{name}: its rollouts are paused; resume them first")
    nobody = rollouts.reaches_nobody(obj, kind)
    if nobody:
        return Refused(reason=f"{kind} {where}/{name}: {nobody}")
    try:
        edit = setting.edited(obj["spec"]["template"], kubernetes.text(inputs, "container"), wanted)
    except NotEditable as error:
        return Refused(reason=f"{kind} {where}/{name}: {error}")
    if not edit.operations:
        what = "this image" if len(wanted) == 1 and "image" in wanted else "these values"
        return NothingToDo(reason=f"{kind} {where}/{name} has {what} already")
    change = _change(setting, kind, obj, edit, inputs, world)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    return replace(change, warnings=_warnings(kind, name, where, world) + owners.reverting(obj, world) + tried[1])


def confirm(setting: Setting, change: Change, world: World) -> Confirmation:
    """Our mark on the object says that it was done; the old values, that it was not."""
    container, values = change.request["container"], before(change)

    def untouched(obj: Mapping[str, Any]) -> bool:
        try:
            return not setting.edited(obj["spec"]["template"], container, values).operations
        except NotEditable:
            return False

    return patches.find(change, world, untouched=untouched)


def applied(change: Change, output: Mapping[str, Any], world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=dict(output)) if outcome.applied.touched else outcome


def before(change: Change) -> Values:
    """Old value by name."""
    return {field.path.rpartition("/")[2]: field.before for field in change.fields}


def _change(setting: Setting, kind: str, obj: Mapping[str, Any], edit: Edit, inputs: Inputs, world: World) -> Change:
    from runbook.clients.kubernetes.paths import PLACES

    target, back = patches.target(obj, kind, world), patches.taken_back(inputs)
    scope = {"namespace": target.namespace, kind.lower(): target.name, "container": edit.container}
    reverse = setting.edited(edit.template, edit.container, edit.before)
    path = PLACES[kind].path(target.namespace, target.name)
    names = ", ".join(edit.before)
    cause = {CHANGE_CAUSE: f"runbook: set {names} of {edit.container}"}
    former, latter = scope | setting.inputs(edit.before), scope | setting.inputs(edit.after)
    undo = Change(
        kind=setting.kind,
        target=target,
        summary=f"Put {names} of {target} back",
        effect=Effect.CHANGE,
        inputs=former | {patches.TAKES_BACK: True},
        request=patches.request(path, reverse.operations + patches.noting(cause, cause), container=edit.container),
        fields=_fields(reverse),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(setting.by_hand(former), world),
    )
    noted = patches.noting(deployments.notes(obj), cause)
    pinned = {"/metadata/uid": target.uid, "/metadata/generation": deployments.generation(obj)}
    return Change(
        kind=setting.kind,
        target=target,
        summary=f"Set {names} of container {edit.container} of {target}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request=patches.request(path, edit.operations + noted, container=edit.container),
        fields=_fields(edit),
        undo=None if back else undo,
        irreversible=patches.NO_UNDO if back else None,
        precondition=pinned | edit.tests,
        diff=patches.drawn(_lines(setting, edit.before), _lines(setting, edit.after), was="now", becomes="after"),
        by_hand=kubernetes.there(setting.by_hand(latter), world),
    )


def _warnings(kind: str, name: str, where: str, world: World) -> tuple[str, ...]:
    """A StatefulSet's pods are replaced one after the other, and one that cannot start stops them all."""
    if kind != "StatefulSet":
        return ()
    return rollouts.warnings(kubernetes.read_history(name, where, world, kind), None)


def _fields(edit: Edit) -> tuple[Field, ...]:
    return tuple(
        Field(path=edit.where + name, before=edit.before[name], after=edit.after[name]) for name in sorted(edit.before)
    )


def _lines(setting: Setting, values: Values) -> str:
    return "\n".join(setting.line(name, value) for name, value in sorted(values.items()) if value is not None)
