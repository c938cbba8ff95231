"""Set or remove environment variables of one container of a workload; this starts a rollout.

A variable that comes from a secret or a config map (`valueFrom`) is refused: its value is not in the workload, and a
plain value in its place would be a quiet change of where the truth is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Change, Confirmation, Field, Observation, Outcome, Planned
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes, rollouts, template_edits
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.environments import edited
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.set_env",
    summary="Set or remove environment variables of a workload's container.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["env"],
        **kubernetes.NEEDS_ONE,
        "properties": {
            **kubernetes.WORKLOADS,
            "container": template_edits.CONTAINER,
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
    return kubernetes.kubectl(inputs, "set", "env", kubernetes.called(inputs), *container, *values)


_SETTING = template_edits.Setting(
    kind=SPEC.name,
    edited=edited,
    inputs=lambda values: {"env": dict(values)},
    line=lambda name, value: f"{name}={value}",
    by_hand=by_hand,
)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its template is changed, and its revisions tell whether that has rolled out."""
    return needed.changed(inputs, kubernetes.ROLLED)


def plan(inputs: Inputs, world: World) -> Planned:
    """Find the variables, and try the new values out on the server. Reads only."""
    return template_edits.plan(_SETTING, inputs, _wanted(inputs), world)


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    return template_edits.applied(change, _output(change), world)


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """kubectl's rule, and every replica of the new template available."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the workload says that it was done; the old values, that it was not."""
    return patches.with_output(template_edits.confirm(_SETTING, change, world), _output(change))


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


def _output(change: Change) -> dict[str, Any]:
    values = template_edits.before(change)
    return {"container": change.request["container"], "before": values, **dict.fromkeys(rollouts.OUTPUTS)}
