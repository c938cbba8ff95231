"""A command in a container: which pod is meant, what is approved of it, what became of it.

`kubernetes_exec.py` says what a step with it does; here is what its functions share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.core.changes import Change, Error, Outcome, Target
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import Forbidden, ParameterError, WorldError
from runbook.kinds import commands, deployments, invocations, kubernetes, kubernetes_pods, pods
from runbook.kinds.kubernetes_can_i import REVIEWS
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.channels import Ended

KIND = "kubernetes.exec"
OUTPUTS = ("exit_code", "stdout", "stderr", "truncated", "duration_seconds", "pod", "container")
VERBS = ("create", "get")  # `create` is the permission; a WebSocket is a GET, and servers ask for that too


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One container of one pod. `container_id` changes when it is started anew, and nothing of before lives then."""

    pod: Mapping[str, Any]
    container: str
    container_id: str | None

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])


def place_of(inputs: Inputs, world: World) -> Place:
    """The pod that a step names, or its workload's newest ready one, and the container. WorldError without one."""
    where = kubernetes.namespace(inputs, world)
    named = [word for word in ("pod", *(kind.lower() for kind in kubernetes.ROLLED)) if inputs.get(word)]
    if len(named) != 1:
        raise ParameterError("a step names one pod, deployment, statefulset or daemonset")
    name = kubernetes.text(inputs, "pod")
    pod = kubernetes.read("Pod", name, where, world) if name else _newest(inputs, where, world)
    return in_pod(pod, kubernetes.text(inputs, "container"))


def host(inputs: Inputs, world: World) -> str:
    """What a policy calls the place that a step names: `queue-0.production.pod`; a workload has its own name there."""
    words = ("pod", *(kind.lower() for kind in kubernetes.ROLLED))
    name = next((named for word in words if (named := kubernetes.text(inputs, word))), "")
    return f"{name}.{kubernetes.namespace(inputs, world)}.pod"


def in_pod(pod: Mapping[str, Any], container: str | None) -> Place:
    """A running container of a pod; the only one where none is named."""
    names = [one["name"] for one in pod["spec"].get("containers") or []]
    others = [one["name"] for one in (*(pod["spec"].get("initContainers") or []), *_ephemeral(pod))]
    if container is None and len(names) != 1:
        raise ParameterError(f"pod {pod['metadata']['name']} has several containers; name one: {', '.join(names)}")
    chosen = container or names[0]
    if chosen not in (*names, *others):
        raise ParameterError(f"pod {pod['metadata']['name']} has no container {chosen!r}; it has {', '.join(names)}")
    state = next((one for one in _states(pod) if one["name"] == chosen), {})
    if pods.is_ending(pod) or not (state.get("state") or {}).get("running"):
        raise WorldError(f"container {chosen} of pod {pods.name(pod)} does not run: {pods.status(pod)}")
    return Place(pod=pod, container=chosen, container_id=state.get("containerID"))


def allowed(where: str, pod: str, world: World) -> None:
    """Ask whether these credentials may run commands there: nothing else tries it out. Raises Forbidden."""
    for verb in VERBS:
        about = {"verb": verb, "resource": "pods", "subresource": "exec", "namespace": where, "name": pod}
        review = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": about}}
        body = {"apiVersion": "authorization.k8s.io/v1", **review}
        status = kubernetes.client(world).post(REVIEWS, body, timeout=kubernetes.patience(world)).body.get("status")
        if not (status or {}).get("allowed"):
            raise Forbidden(
                f"these credentials may not run commands in pod {where}/{pod}: `{verb}` on pods/exec is not allowed",
                hint="`kubectl auth can-i` shows what they may",
            )


def change_of(
    inputs: Inputs, target: Target, container: str, *, path: str, undo: Change | None, at: Callable[[str], str] = str
) -> Change:
    """The change; `path` is that of the pod, and `at` names the cluster in a kubectl line."""
    argv, scope = argv_of(inputs), {"namespace": target.namespace, "pod": target.name, "container": container}
    return Change(
        kind=KIND,
        target=target,
        summary=f"In {target.namespace}/{target.name}, {invocations.describe(argv)}",
        effect=Effect(inputs.get("effect", Effect.CHANGE)),
        inputs=invocations.in_words(inputs),
        request={"path": path, "container": container, "argv": list(argv), "stdin": inputs.get("stdin")},
        undo=undo,
        irreversible=None if undo else commands.IRREVERSIBLE,
        by_hand=typed({**inputs, **scope}, at),
    )


def typed(inputs: Inputs, at: Callable[[str], str] = str) -> str:
    """The line that a person would type; `at` names the cluster in its kubectl part."""
    named = inputs.get("pod") or kubernetes.called(inputs)
    flags = (["-i"] if inputs.get("stdin") is not None else []) + [str(named)]
    flags += ["-c", str(inputs["container"])] if inputs.get("container") else []
    argv = inputs["argv"]
    words = [str(word) for word in argv] if isinstance(argv, list | tuple) else [str(argv)]
    line = at(kubernetes.kubectl(inputs, "exec", *flags, "--", *words))
    if inputs.get("stdin") is None:
        return line
    from shlex import quote

    return f"printf %s {quote(str(inputs['stdin']))} | {line}"


def moved(change: Change, pod: Mapping[str, Any]) -> str | None:
    """Why a pod is not the one that was approved, or cannot be used any more."""
    if deployments.uid(pod) != change.target.uid:
        return f"{change.target} was deleted and made anew since the plan; nothing was started"
    try:
        place = in_pod(pod, change.request["container"])
    except WorldError as error:
        return f"{error.message}; nothing was started"
    if place.container_id != change.precondition.get("container_id"):  # by it `confirm` knows what cannot live any more
        return f"container {place.container} of {change.target} was started anew since the plan; nothing was started"
    return None


def outcome_of(change: Change, ended: Ended) -> Outcome:
    """What became of a command whose connection was made."""
    output = outputs_of(ended, change.target.name, change.request["container"])
    if ended.exit_code is not None:
        last = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2].strip()
        outcome = commands.ended(change, ended.exit_code, f": {last[:200]}" if last else "")
        return msgspec.structs.replace(outcome, output=output)
    if ended.why == "refused":
        return not_applied("refused", f"{change.target}: {ended.said}")
    code = {"timed_out": "timeout", "cancelled": "cancelled"}.get(ended.why or "", "lost-answer")
    return Outcome(
        applied=Applied.UNKNOWN, output=output, error=Error(code=code, message=unfinished(change.target, ended))
    )


def unfinished(where: Any, ended: Ended) -> str:
    """Why its end was not seen, and that closing a connection ends nothing in a container."""
    goes_on = f"the connection was closed, and what was started may go on in {where}"
    if ended.why == "timed_out":
        return f"it did not end within {ended.duration:.0f}s; {goes_on}"
    if ended.why == "cancelled":
        return f"it was called off with its run; {goes_on}"
    if ended.why == "failed":
        return f"{where}: {ended.said}; whether it ran is not known"
    words = f" ({ended.said})" if ended.said else ""
    return f"the connection ended before its exit code was told{words}; what was started may go on in {where}"


def outputs_of(ended: Ended, pod: str, container: str) -> dict[str, Any]:
    """The outputs of a command, as far as it was heard."""
    return {
        "exit_code": ended.exit_code,
        "stdout": ended.stdout.decode("utf-8", "replace"),
        "stderr": ended.stderr.decode("utf-8", "replace"),
        "truncated": ended.truncated,
        "duration_seconds": round(ended.duration, 3),
        "pod": pod,
        "container": container,
    }


def unseen(change: Change) -> dict[str, Any]:
    """The outputs of a command whose end nobody saw."""
    return dict.fromkeys(OUTPUTS) | {"pod": change.target.name, "container": change.request["container"]}


def not_applied(code: str, message: str) -> Outcome:
    """Nothing was started, and why."""
    return Outcome(applied=Applied.NO, error=Error(code=code, message=message))


def argv_of(inputs: Inputs) -> tuple[str, ...]:
    """The program and its arguments, as text. ParameterError for anything else."""
    argv = inputs["argv"]
    if not isinstance(argv, list | tuple) or not argv:
        raise ParameterError("step input 'argv' must be a list with a program and its arguments")
    words = tuple(invocations.text(element, f"argv[{at}]") for at, element in enumerate(argv))
    if any("\0" in word for word in words):
        raise ParameterError("step input 'argv': an argument contains a NUL character, which no program can receive")
    return words


def stdin_of(inputs: Inputs) -> bytes | None:
    """The bytes of the standard input; None for none."""
    given = invocations.optional_text(inputs, "stdin")
    return None if given is None else given.encode("utf-8", "surrogateescape")


def _newest(inputs: Inputs, where: str, world: World) -> Mapping[str, Any]:
    from runbook.clients.kubernetes.paths import PLACES

    kind, name = kubernetes.workload(inputs, kubernetes.ROLLED)
    obj = kubernetes.read(kind, name, where, world)
    owners = kubernetes_pods.controllers(kind, obj, where, world)
    found = kubernetes.client(world).read_all(
        PLACES["Pod"].path(where),
        timeout=kubernetes.patience(world),
        query=[("labelSelector", kubernetes.selector(obj["spec"]["selector"]))],
        most=kubernetes.MOST_PODS,
    )
    own = [pod for pod in found.items if (pods.controller(pod) or {}).get("uid") in owners]
    ready = [pod for pod in own if pods.is_ready(pod) and not pods.is_ending(pod)]
    if not ready:
        raise WorldError(f"{kind} {where}/{name} has no pod that is ready, of {len(own)}", hint="name a `pod`")
    return max(ready, key=lambda pod: (str(pod["metadata"].get("creationTimestamp")), pod["metadata"]["name"]))


def _states(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    status = pod.get("status") or {}
    parts = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    return [state for part in parts for state in status.get(part) or []]


def _ephemeral(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(pod["spec"].get("ephemeralContainers") or [])
