"""Taking one pod away, deleted or evicted: what both ways have in common.

Every request names the pod's uid (`DeleteOptions.preconditions.uid`), which kubectl's do not: sent twice, `kubectl
delete pod web-0` kills the replacement. A pod bears no mark of who asked for its end, and needs none: an object of one
uid ends once. So after a lost answer its end is taken for the change's, with a word that somebody else may have
asked for it; the same request cannot do more. That it is there, unasked, proves the opposite only once the server has
had its time. When it has arrived is told by `replacements.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Field,
    NothingToDo,
    Outcome,
    Refused,
    Target,
)
from runbook.core.words import Applied
from runbook.document import durations
from runbook.document.durations import Duration
from runbook.document.words import Effect
from runbook.errors import Forbidden, ParameterError, WorldError
from runbook.kinds import budgets, deployments, kubernetes, pods
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from runbook.clients.kubernetes.answers import Answer

Raw = Mapping[str, Any]

GRACE: dict[str, Any] = {
    "type": "string",
    "pattern": durations.PATTERN,
    "description": "Time to end by itself, in place of the pod's own.",
    "examples": ["30s"],
}
INPUTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["pod"],
    "properties": {
        "pod": {"type": "string", "minLength": 1, "description": "Name of the pod.", "examples": ["api-7f9c-x2x"]},
        "namespace": kubernetes.NAMESPACE,
        "uid": {
            "type": "string",
            "minLength": 1,
            "description": "Only this very pod, by the uid that `kubernetes.pods` gave; not its successor.",
            "examples": ["{{ item.uid }}"],
        },
        "grace_period": GRACE,
    },
}
OUTPUTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "pod": {"type": "string", "description": "Name of the pod."},
        "uid": {"type": "string", "description": "Its uid."},
        "replacement": {"type": ["string", "null"], "description": "Name of the pod that is ready in its place."},
        "message": {"type": ["string", "null"], "description": "Where it stands, in words."},
    },
}
REPLACES = ("ReplicaSet", "StatefulSet", "DaemonSet")  # whose pods are followed until another is ready


def called(inputs: Inputs) -> str:
    """How a line for people calls the pod."""
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"Pod {where}{inputs.get('pod')}"


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """The pod is read, and budgets to warn of; afterwards its controller's pods."""
    unseen = "whether the pod that replaces it is ready is not known"
    follow = [need for kind in REPLACES for need in needed.to("get", kind, without=unseen)]
    return (
        *needed.to("get", "Pod", inputs.get("pod")),
        *needed.to("list", "PodDisruptionBudget", without=budgets.UNREAD),
        *follow,
        *needed.to("list", "Pod", without=unseen),
    )


def seconds(inputs: Inputs) -> int | None:
    """The grace period in whole seconds; None for the pod's own. Raises ParameterError."""
    text = kubernetes.text(inputs, "grace_period")
    if text is None:
        return None
    try:
        return ceil(Duration.parse(text))
    except ValueError as error:
        raise ParameterError(f"step input 'grace_period': {error}") from error


def find(inputs: Inputs, world: World) -> Answer | NothingToDo | Refused:
    """The pod, unless there is nothing of it to take away."""
    from runbook.clients.kubernetes.errors import NotFound
    from runbook.clients.kubernetes.paths import PLACES

    name, where = kubernetes.named(inputs, "pod"), kubernetes.namespace(inputs, world)
    try:
        found = kubernetes.client(world).read(PLACES["Pod"].path(where, name), timeout=kubernetes.patience(world))
    except NotFound:
        return NothingToDo(reason=f"there is no Pod {where}/{name}")
    pod = found.body
    wanted = kubernetes.text(inputs, "uid")
    if wanted not in (None, deployments.uid(pod)):
        return NothingToDo(reason=f"Pod {where}/{name} is another one by now; the one meant ({wanted}) is gone")
    if pods.is_mirror(pod):
        return Refused(reason=f"Pod {where}/{name} is static: the kubelet of its node runs it, whatever the API says")
    return found


def read_budgets(where: str | None, world: World) -> list[dict[str, Any]] | None:
    """The budgets of a namespace, or of all; None where they may not be read."""
    from runbook.clients.kubernetes.errors import NotFound, Unauthenticated
    from runbook.clients.kubernetes.paths import PLACES

    path = PLACES["PodDisruptionBudget"].path(where)
    try:
        return kubernetes.client(world).read_all(path, timeout=kubernetes.patience(world)).items
    except Unauthenticated:
        raise
    except (Forbidden, NotFound):
        return None


def options(pod: Raw, grace: int | None) -> dict[str, Any]:
    """DeleteOptions that can end this very pod only."""
    period = {} if grace is None else {"gracePeriodSeconds": grace}
    return {"preconditions": {"uid": deployments.uid(pod)}, **period}


def change(kind: str, verb: str, found: Answer, inputs: Inputs, world: World, *, request: Raw, by_hand: str) -> Change:
    """The change that takes a pod away; `request` is what is sent."""
    pod = found.body
    target = patches.target(pod, "Pod", world)
    owner = pods.controller(pod)
    follows = {
        "controller": {key: owner[key] for key in ("kind", "name", "uid")} if owner else None,
        "node": pod["spec"].get("nodeName"),
    }
    return Change(
        kind=kind,
        target=target,
        summary=f"{verb} {target}; {_outlook(owner)}",
        effect=Effect.DESTRUCTIVE,
        inputs=dict(inputs),
        request=dict(request) | follows,
        fields=(Field(path="/metadata/uid", before=target.uid),),
        irreversible=f"this pod is gone for good; {_outlook(owner)}",
        precondition={"uid": target.uid, "ending": pods.is_ending(pod)},
        diff=f"- {pods.line(pod, found.at)}",
        by_hand=kubernetes.there(by_hand, world),
    )


def _outlook(owner: Raw | None) -> str:
    if owner is None:
        return "nothing makes another: it has no controller"
    return f"{owner['kind']} {owner['name']} makes another"


def warnings(pod: Raw) -> tuple[str, ...]:
    """What goes with a pod, and what its controller does then."""
    said, owner = [], pods.controller(pod) or {}
    habits = {
        "StatefulSet": "makes the next pod under the same name and on the same volumes, once this one is gone",
        "DaemonSet": "makes the next pod on the same node",
        "Job": "counts it as failed, and may not try again",
    }
    if owner.get("kind") in habits:
        said.append(f"{owner['kind']} {owner['name']} {habits[owner['kind']]}")
    if pods.empty_dirs(pod):
        said.append(f"what is in its emptyDir volumes is lost: {', '.join(pods.empty_dirs(pod))}")
    return tuple(said)


def send(change: Change, world: World, request: Callable[[float], Answer]) -> Outcome:
    """Send it once. A refusal is an outcome; what may have been done is raised, and is a doubt."""
    from runbook.clients.kubernetes.errors import NotFound, Precondition, refused

    try:
        answer = request(kubernetes.patience(world))
    except NotFound:  # gone since it was read: no longer as it was, to be planned anew
        return Outcome(applied=Applied.NO, error=Error(code=Precondition.code, message=f"{change.target} is gone"))
    except WorldError as error:
        if refused(error):
            return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
        raise
    left = {"uid": change.target.uid, "at": answer.at.isoformat()}
    return Outcome(applied=Applied.YES, state=left, output=output(change))


def output(change: Change) -> dict[str, Any]:
    """What the step yields once it is sent."""
    return {"pod": change.target.name, "uid": change.target.uid, "replacement": None, "message": None}


def confirm(change: Change, world: World) -> Confirmation:
    """Is this very pod gone, or going? Takes up to the connection's timeout, as long as the server may take."""
    until = monotonic() + kubernetes.client(world).server_timeout
    while True:
        there = now(change, world)
        if there is None or (pods.is_ending(there) and not change.precondition["ending"]):
            return DidApply(outcome=_found(change, there))
        if monotonic() >= until:
            return DidNotApply(reason=f"{change.target} is there as before, and the server has had its time to end it")
        if world.cancelled() or world.remaining() <= 2 * patches.LOOK_EVERY:
            return CannotTell(reason=f"{change.target} is there as before, and may still be ended")
        sleep(patches.LOOK_EVERY)


def _found(change: Change, there: Raw | None) -> Outcome:
    seen = "is gone" if there is None else "is being deleted"
    said = f"{change.target} {seen}; somebody else may have asked for that"
    return Outcome(applied=Applied.YES, state={"uid": change.target.uid}, output=output(change), warnings=(said,))


def now(change: Change, world: World) -> dict[str, Any] | None:
    """The pod that the change is about; None where there is none of its uid."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        pod = kubernetes.read("Pod", change.target.name, change.target.namespace or "", world)
    except NotFound:
        return None
    return pod if deployments.uid(pod) == change.target.uid else None


def rehearsed(kind: str, inputs: Inputs, *, summary: str, by_hand: str) -> Change:
    """The change of a simulated pod."""
    where, name = inputs.get("namespace"), str(inputs.get("pod"))
    return Change(
        kind=kind,
        target=Target(connection="rehearsal", kind="Pod", namespace=where, name=name),
        summary=summary,
        effect=Effect.DESTRUCTIVE,
        inputs=dict(inputs),
        request={"pod": name},
        irreversible="this pod is gone for good",
        by_hand=by_hand,
    )
