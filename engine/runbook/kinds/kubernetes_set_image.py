"""Set the image of one container of a workload; this starts a rollout.

The undo names the image before, as it stood there. Where that name floats (no tag, or `latest`), what it leads to may
have changed since, and the plan says so: then `kubernetes.rollout_undo` brings back no more than that name either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, Field, Observation, Outcome, Planned
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes, rollouts, template_edits
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.images import IMAGE, edited, floats
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name="kubernetes.set_image",
    summary="Set the image of a container of a Deployment, StatefulSet or DaemonSet.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["image"],
        **kubernetes.NEEDS_ONE,
        "properties": {
            **kubernetes.WORKLOADS,
            "container": template_edits.CONTAINER,
            "image": {
                "type": "string",
                "pattern": r"^\S+$",
                "description": "Image to run, with its tag or digest.",
                "examples": ["registry.example.com/api:1.4.2"],
            },
        },
    },
    outputs={
        "type": "object",
        "properties": {
            "container": {"type": "string", "description": "Container that was changed."},
            "before": {"type": "string", "description": "Image before."},
            "image": {"type": "string", "description": "Image now."},
            **rollouts.OUTPUTS,
        },
    },
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "image",
        "title": "The version before",
        "uses": "kubernetes.set_image",
        "with": {"deployment": "api", "namespace": "production", "image": "registry.example.com/api:1.4.2"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    of = f"container {inputs['container']} of " if inputs.get("container") else ""
    return f"Set the image of {of}{kubernetes.name_of(inputs)} to {inputs.get('image')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    container = inputs.get("container") or "*"
    return kubernetes.kubectl(inputs, "set", "image", kubernetes.called(inputs), f"{container}={inputs.get('image')}")


_SETTING = template_edits.Setting(
    kind=SPEC.name,
    edited=edited,
    inputs=dict,
    line=lambda name, value: f"{name}: {value}",
    by_hand=by_hand,
)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its template is changed, and its revisions tell whether that has rolled out."""
    return needed.changed(inputs, kubernetes.ROLLED)


def plan(inputs: Inputs, world: World) -> Planned:
    """Find the image, and try the new one out on the server. Reads only."""
    planned = template_edits.plan(_SETTING, inputs, {IMAGE: _wanted(inputs)}, world)
    if not isinstance(planned, Change):
        return planned
    former = str(planned.fields[0].before)
    said = (f"the undo names {former}, which may lead to something else by then",) if floats(former) else ()
    return replace(planned, warnings=said + planned.warnings) if planned.undo else planned


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    return template_edits.applied(change, _output(change), world)


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """kubectl's rule, and every replica of the new template available."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """Our mark on the workload says that it was done; the old image, that it was not."""
    return patches.with_output(template_edits.confirm(_SETTING, change, world), _output(change))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world; `given` may say the image `before`."""
    image = _wanted(inputs)
    return patches.rehearsed(
        SPEC.name,
        inputs,
        summary=describe(inputs),
        request={"container": inputs.get("container"), "image": image},
        fields=(Field(path="/spec/template/image", before=given.get("before"), after=image),),
        by_hand=by_hand(inputs),
    )


def _wanted(inputs: Inputs) -> str:
    image = kubernetes.named(inputs, "image")
    if any(one.isspace() for one in image):
        raise ParameterError(f"step input 'image' must be one word, got {image!r}")
    return image


def _output(change: Change) -> dict[str, Any]:
    field = change.fields[0]
    return {
        "container": change.request["container"],
        "before": field.before,
        "image": field.after,
        **dict.fromkeys(rollouts.OUTPUTS),
    }
