"""Run a program with its arguments in a container of a running pod. No shell reads them, unless one is named.

The pod is pinned by its uid when the change is planned, a workload's newest ready one; another pod by then is another
change. A command is started at most once, and how it ended is known only while the connection holds: the API keeps no
account of it. After a lost answer the step's `confirm` command is asked; without one a person settles it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Observation,
    Outcome,
    Planned,
    Target,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import WorldError
from runbook.kinds import command_inputs as schema
from runbook.kinds import confirming, deployments, invocations, kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds import pod_commands as there
from runbook.kinds.protocol import Inputs, World

_COMMAND: dict[str, Any] = {
    "argv": {
        "description": "The program and its arguments. An element is one argument, whatever it contains.",
        "type": "array",
        "minItems": 1,
        "items": {"type": ["string", "number"]},
        "examples": [["rabbitmqctl", "list_queues", "--silent"]],
    },
    "stdin": schema.STDIN,
}
_WHERE: dict[str, Any] = {
    "namespace": kubernetes.NAMESPACE,
    "pod": {"type": "string", "minLength": 1, "description": "Name of the pod.", "examples": ["queue-0"]},
    "deployment": kubernetes.DEPLOYMENT | {"description": "Or a Deployment: the newest of its pods that is ready."},
    "statefulset": kubernetes.STATEFULSET | {"description": "Or a StatefulSet, likewise."},
    "daemonset": kubernetes.DAEMONSET | {"description": "Or a DaemonSet, likewise."},
    "container": {
        "type": "string",
        "minLength": 1,
        "description": "The container; needed where the pod has several.",
        "examples": ["rabbitmq"],
    },
}
_OUTPUTS = {name: told for name, told in schema.OUTPUTS["properties"].items() if name != "leftovers"}

SPEC = KindSpec(
    name=there.KIND,
    summary="Run a program in a container of a running pod.",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["argv"],
        "properties": {
            **_WHERE,
            **_COMMAND,
            "effect": schema.EFFECT,
            "on_error": schema.ON_ERROR,
            "undo": schema.part(schema.UNDO, _COMMAND, ["argv"], {"argv": ["rabbitmqctl", "start_app"]}),
            "confirm": schema.question(_COMMAND, ["argv"], {"argv": ["test", "-e", "/data/dump.done"]}),
        },
        "if": {"not": {"anyOf": [{"required": [word]} for word in ("deployment", "statefulset", "daemonset")]}},
        "then": {"required": ["pod"]},
    },
    outputs={
        **schema.OUTPUTS,
        "properties": {
            **_OUTPUTS,
            "pod": {"description": "Name of the pod.", "type": ["string", "null"], "examples": ["queue-0"]},
            "container": {"description": "The container.", "type": ["string", "null"], "examples": ["rabbitmq"]},
        },
    },
    expect="exit_code == 0",
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    text="stdout",
    example={
        "id": "flush",
        "title": "Drop what waits in the dead letter queue",
        "uses": "kubernetes.exec",
        "with": {
            "namespace": "production",
            "pod": "queue-0",
            "container": "rabbitmq",
            "argv": ["rabbitmqctl", "purge_queue", "dead-letters"],
            "effect": "destructive",
        },
        "timeout": "1m",
    },
)

_NO_CONFIRM = "how it ended is known nowhere any more; the step has no `confirm` command"


def describe(inputs: Inputs) -> str:
    """`in queue-0 run rabbitmqctl purge_queue dead-letters`."""
    named = inputs.get("pod") or kubernetes.called(inputs)
    return invocations.shortened(f"in {named} run {invocations.spelt(inputs['argv'])}")


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return there.typed(inputs)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """The pod is found and read, and a command is started in it: a WebSocket is a GET and a `create` at once."""
    if inputs.get("pod"):
        found = needed.to("get", "Pod", inputs["pod"])
    else:
        kind, name = needed.named(inputs, kubernetes.ROLLED)
        sets = needed.to("list", "ReplicaSet") if kind == "Deployment" else ()
        found = needed.to("get", kind, name) + sets + needed.to("list get", "Pod")
    return found + needed.to(" ".join(there.VERBS), "Pod", inputs.get("pod"), sub="exec")


def observe(inputs: Inputs, world: World) -> Observation:
    """Run it as a read. WorldError if it could not be run to its end."""
    return _looked(there.place_of(inputs, world), inputs, world)


def plan(inputs: Inputs, world: World) -> Planned:
    """Which container of which pod, and whether we may. Nothing tries the command itself out."""
    place = there.place_of(inputs, world)
    where = place.pod["metadata"].get("namespace") or ""
    there.allowed(where, place.name, world)
    return _planned(inputs, place, world)


def apply(change: Change, world: World) -> Outcome:
    """Look whether it is still that pod, start it once, and hear it end."""
    from runbook.clients.kubernetes.errors import Precondition, refused

    try:
        pod = kubernetes.read("Pod", change.target.name, change.target.namespace or "", world)
    except WorldError as error:
        return there.not_applied(error.code, str(error))
    moved = there.moved(change, pod)
    if moved:
        return there.not_applied(Precondition.code, moved)
    try:
        ended = kubernetes.client(world).execute(
            change.request["path"],
            change.request["argv"],
            change.request["container"],
            timeout=world.remaining(),
            cancelled=world.cancelled,
            stdin=there.stdin_of(change.inputs),
            mask=world.mask,
        )
    except WorldError as error:
        if refused(error):
            return there.not_applied(error.code, str(error))
        raise
    return there.outcome_of(change, ended)


def confirm(change: Change, world: World) -> Confirmation:
    """Ask the step's `confirm` command, in the same container, or in the workload's newest pod once that is gone."""
    question = change.inputs.get("confirm")
    if not question:
        return CannotTell(reason=_NO_CONFIRM)
    try:
        place, over = _where_now(change, world)
        seen = _looked(place, question, world)
    except WorldError as error:
        return CannotTell(reason=f"the `confirm` command could not say: {error}")
    applied, said = confirming.applied(question, seen.output)
    if applied is None:
        return CannotTell(reason=said)
    if applied:
        return DidApply(outcome=Outcome(applied=Applied.YES, output=there.unseen(change)))
    if not over:
        return CannotTell(reason="it is not applied yet, but whether the command still runs cannot be seen from here")
    return DidNotApply(reason=f"{said}, and nothing of it runs any more: {over}")


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - the host plays what is given
    """The change as its inputs say it."""
    name = inputs.get("pod") or kubernetes.called(inputs)
    target = Target(connection="rehearsal", kind="Pod", namespace=inputs.get("namespace"), name=str(name))
    undo = inputs.get("undo")
    back = rehearse(_beside(inputs, undo), {}) if undo else None
    return there.change_of(inputs, target, str(inputs.get("container") or ""), path="", undo=back)


def _planned(inputs: Inputs, place: there.Place, world: World) -> Change:
    from runbook.clients.kubernetes.paths import PLACES

    target = patches.target(place.pod, "Pod", world)
    undo = inputs.get("undo")
    pinned = {"namespace": target.namespace, "pod": target.name, "container": place.container}
    change = there.change_of(
        inputs,
        target,
        place.container,
        path=PLACES["Pod"].path(target.namespace, target.name),
        undo=_planned({**pinned, **undo}, place, world) if undo else None,
        at=lambda line: kubernetes.there(line, world),
    )
    # what was started before the container was started anew is gone; no matter of the approval
    return replace(change, precondition={"container_id": place.container_id})


def _looked(place: there.Place, inputs: Inputs, world: World) -> Observation:
    """Run a command that reads, in one container."""
    from runbook.clients.kubernetes.paths import PLACES

    where = place.pod["metadata"].get("namespace")
    ended = kubernetes.client(world).execute(
        PLACES["Pod"].path(where, place.name),
        there.argv_of(inputs),
        place.container,
        timeout=world.remaining(),
        cancelled=world.cancelled,
        stdin=there.stdin_of(inputs),
        mask=world.mask,
        reads=True,
    )
    if ended.exit_code is None:
        pod = f"pod {where}/{place.name}"
        said = f"{pod}: {ended.said}" if ended.why == "refused" else there.unfinished(pod, ended)
        raise WorldError(said, hint="give the step a longer timeout" if ended.why == "timed_out" else None)
    return Observation(output=there.outputs_of(ended, place.name, place.container))


def _where_now(change: Change, world: World) -> tuple[there.Place, str]:
    """Where to ask what became of it, and why nothing of it can run any more; empty where it may."""
    from runbook.clients.kubernetes.errors import NotFound

    gone = f"{change.target} is gone"
    try:
        pod = kubernetes.read("Pod", change.target.name, change.target.namespace or "", world)
    except NotFound:
        return there.place_of(change.inputs, world), gone
    if deployments.uid(pod) != change.target.uid:
        return there.place_of(change.inputs, world), gone
    place = there.in_pod(pod, change.request["container"])
    before = change.precondition.get("container_id")
    return place, "" if place.container_id == before else "its container was started anew since"


def _beside(inputs: Inputs, other: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a step's `undo`: where it is done they have from the step."""
    return {name: inputs[name] for name in _WHERE if name in inputs} | dict(other)
