"""Set or remove environment variables of one container of a Deployment; this starts a rollout.

The patch names positions in lists, so it is tested on what stands there: the container's name, and the name and
old value of each variable. A variable that comes from a secret or a config map (`valueFrom`) is refused: its
value is not in the Deployment, and a plain value in its place would be a quiet change of where the truth is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import deployments, kubernetes, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import CHANGE_CAUSE
from runbook.kinds.environments import Edit, NotEditable, edited
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.set_env",
    summary="Set or remove environment variables of a Deployment's container.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["deployment", "env"],
        "properties": {
            "deployment": kubernetes.DEPLOYMENT,
            "namespace": kubernetes.NAMESPACE,
            "container": {
                "type": "string",
                "minLength": 1,
                "description": "Container to change; needed where there are several.",
                "examples": ["api"],
            },
            "env": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[-._a-zA-Z][-._a-zA-Z0-9]*$"},
                "additionalProperties": {"type": ["string", "null"]},
                "description": "Value by name of variable, as text; null removes it.",
                "examples": [{"DB_POOL_SIZE": "50"}],
            },
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "container": {"type": "string", "description": "Container that was changed."},
            "before": {
                "type": "object",
                "additionalProperties": {"type": ["string", "null"]},
                "description": "Old value by name of variable; null where it was not set.",
            },
            **rollouts.OUTPUTS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "pool",
        "title": "A larger pool",
        "uses": "kubernetes.set_env",
        "with": {"deployment": "api", "namespace": "production", "env": {"DB_POOL_SIZE": "50"}},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Set {', '.join(sorted(inputs.get('env') or {}))} of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    container = [f"--containers={inputs['container']}"] if inputs.get("container") else []
    values = [
        f"{name}-" if value is None else f"{name}={value}" for name, value in sorted((inputs.get("env") or {}).items())
    ]
    return kubernetes.kubectl(inputs, "set", "env", f"deployment/{inputs.get('deployment')}", *container, *values)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its template is changed, and its revisions tell whether that has rolled out."""
    return needed.changed(inputs)


def plan(inputs: Inputs, world: World) -> Planned:
    """Find the variables, and try the new values out on the server. Reads only."""
    name, where = kubernetes.named(inputs, "deployment"), kubernetes.namespace(inputs, world)
    wanted = _wanted(inputs)
    obj = kubernetes.read("Deployment", name, where, world)
    if obj["spec"].get("paused"):
        return Refused(reason=f"Deployment {where}/{name}: its rollouts are paused; resume them first")
    try:
        edit = edited(obj["spec"]["template"], kubernetes.text(inputs, "container"), wanted)
    except NotEditable as error:
        return Refused(reason=f"Deployment {where}/{name}: {error}")
    if not edit.operations:
        return NothingToDo(reason=f"Deployment {where}/{name} has these values already")
    change = _change(obj, edit, inputs, world)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    return replace(change, warnings=owners.reverting(obj, world) + tried[1])


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=_output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """kubectl's rule, and every replica of the new template available."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the Deployment says that it was done; the old values, that it was not."""
    container, before = change.request["container"], _before(change)

    def untouched(obj: Mapping[str, Any]) -> bool:
        try:
            return not edited(obj["spec"]["template"], container, before).operations
        except NotEditable:
            return False

    return patches.with_output(patches.find(change, world, untouched=untouched), _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say the values `before`."""
    before = given.get("before") or {}
    fields = [
        Field(path=f"/spec/template/env/{name}", before=before.get(name), after=value)
        for name, value in sorted(_wanted(inputs).items())
    ]
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"container": inputs.get("container"), "env": _wanted(inputs)},
        fields=tuple(fields),
        by_hand=by_hand(inputs),
    )


def _wanted(inputs: Inputs) -> dict[str, str | None]:
    env = inputs.get("env")
    if not isinstance(env, Mapping) or not env:
        raise ParameterError("step input 'env' must be a map of at least one variable")
    for name, value in env.items():
        if value is not None and not isinstance(value, str):
            raise ParameterError(
                f"step input 'env': the value of {name} must be text, got {value!r}", hint="write `| string` after it"
            )
    return dict(env)


def _change(obj: Mapping[str, Any], edit: Edit, inputs: Inputs, world: World) -> Change:
    target, back = patches.target(obj, "Deployment", world), patches.taken_back(inputs)
    scope = {"namespace": target.namespace, "deployment": target.name, "container": edit.container}
    reverse = edited(edit.template, edit.container, edit.before)
    path = _path(target.namespace or "", target.name)
    cause = {CHANGE_CAUSE: f"runbook: set {', '.join(edit.before)} of {edit.container}"}
    undo = Change(
        kind=SPEC.name,
        target=target,
        summary=f"Put {', '.join(edit.before)} of {target} back",
        effect=Effect.CHANGE,
        inputs=scope | {"env": edit.before, patches.TAKES_BACK: True},
        request=patches.request(path, reverse.operations + patches.noting(cause, cause), container=edit.container),
        fields=_fields(reverse),
        irreversible=patches.NO_UNDO,
        by_hand=kubernetes.there(by_hand(scope | {"env": edit.before}), world),
    )
    noted = patches.noting(deployments.notes(obj), cause)
    return Change(
        kind=SPEC.name,
        target=target,
        summary=f"Set {', '.join(edit.before)} of container {edit.container} of {target}",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request=patches.request(path, edit.operations + noted, container=edit.container),
        fields=_fields(edit),
        undo=None if back else undo,
        irreversible=patches.NO_UNDO if back else None,
        precondition={
            "/metadata/uid": target.uid,
            "/metadata/generation": deployments.generation(obj),
            **edit.tests,
        },
        diff=patches.drawn(_lines(edit.before), _lines(edit.after), was="now", becomes="after"),
        by_hand=kubernetes.there(by_hand(scope | {"env": edit.after}), world),
    )


def _path(where: str, name: str) -> str:
    from runbook.clients.kubernetes.paths import PLACES

    return PLACES["Deployment"].path(where, name)


def _fields(edit: Edit) -> tuple[Field, ...]:
    root = f"/spec/template/spec/containers/{edit.container}/env/"
    return tuple(
        Field(path=root + name, before=edit.before[name], after=edit.after[name]) for name in sorted(edit.before)
    )


def _lines(values: Mapping[str, str | None]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(values.items()) if value is not None)


def _before(change: Change) -> dict[str, str | None]:
    return {field.path.rpartition("/")[2]: field.before for field in change.fields}


def _output(change: Change) -> dict[str, Any]:
    return {"container": change.request["container"], "before": _before(change), **dict.fromkeys(rollouts.OUTPUTS)}
