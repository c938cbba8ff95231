"""What steps on Kubernetes have in common: words of their schemas, and how they read.

Nothing here changes anything; `kubernetes_patches.py` does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.errors import Forbidden, ParameterError
from runbook.kinds import controller_revisions, deployments
from runbook.kinds.deployments import History
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes import KubernetesClient
    from runbook.clients.kubernetes.answers import Listing

NAMESPACE = {
    "type": "string",
    "minLength": 1,
    "description": "Namespace; by default the connection's.",
    "examples": ["production"],
}
DEPLOYMENT = {
    "type": "string",
    "minLength": 1,
    "description": "Name of the Deployment.",
    "examples": ["api"],
}

STATEFULSET = {
    "type": "string",
    "minLength": 1,
    "description": "Name of the StatefulSet, in place of a Deployment.",
    "examples": ["queue"],
}
DAEMONSET = {
    "type": "string",
    "minLength": 1,
    "description": "Name of the DaemonSet, in place of a Deployment.",
    "examples": ["agent"],
}
WORKLOADS = {"deployment": DEPLOYMENT, "statefulset": STATEFULSET, "daemonset": DAEMONSET, "namespace": NAMESPACE}
NEEDS_ONE: dict[str, Any] = {  # of WORKLOADS; who names none is told of the deployment
    "if": {"required": ["statefulset"]},
    "else": {"if": {"required": ["daemonset"]}, "else": {"required": ["deployment"]}},
}
SCALED = ("Deployment", "StatefulSet")
ROLLED = (*SCALED, "DaemonSet")

CATCHES_UP = 3.0  # seconds
MOST_REVISIONS = 1000  # a workload keeps ten by default; beyond this something else is wrong
MOST_PODS = 5000


def client(world: World) -> KubernetesClient:
    """The step's cluster; NotConfigured without one."""
    made: KubernetesClient = world.client("kubernetes")
    return made


def patience(world: World) -> float:
    """Seconds that one request may take: the connection's timeout, or what is left of the step's."""
    return max(0.001, min(client(world).timeout, world.remaining()))


def namespace(inputs: Inputs, world: World) -> str:
    """The step's namespace, else the connection's, else kubectl's own default."""
    return text(inputs, "namespace") or client(world).namespace or "default"


def text(inputs: Inputs, name: str) -> str | None:
    """A rendered input that must be text; ParameterError otherwise."""
    value = inputs.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise ParameterError(f"step input {name!r} must be text, got {value!r}")


def named(inputs: Inputs, name: str) -> str:
    """A rendered input that must be there and be text; ParameterError otherwise."""
    value = text(inputs, name)
    if value is None:
        raise ParameterError(f"step input {name!r} is missing")
    return value


def whole(inputs: Inputs, name: str, *, least: int = 0) -> int | None:
    """A rendered input that must be a whole number; ParameterError otherwise."""
    value = inputs.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ParameterError(f"step input {name!r} must be a whole number from {least}, got {value!r}")
    return value


def workload(inputs: Inputs, kinds: tuple[str, ...] = SCALED) -> tuple[str, str]:
    """Kind and name of the object that a step names; ParameterError unless it is exactly one."""
    named = [(kind, text(inputs, kind.lower())) for kind in kinds]
    given = [(kind, name) for kind, name in named if name]
    if len(given) != 1:
        raise ParameterError(f"a step names {' or '.join(f'one {kind.lower()}' for kind in kinds)}")
    return given[0]


def called(inputs: Inputs) -> str:
    """The object that a step names, as kubectl is told it: `deployment/api`."""
    kind = next((kind.lower() for kind in ROLLED if inputs.get(kind.lower())), "deployment")
    return f"{kind}/{inputs.get(kind)}"


def kubectl(inputs: Inputs, *words: str) -> str:
    """A line for a person, quoted for a shell; the namespace is named where the step names it."""
    from shlex import join

    scope = ["-n", str(inputs["namespace"])] if inputs.get("namespace") else []
    return join(["kubectl", *scope, *words])


def there(line: str, world: World) -> str:
    """A kubectl line that names the cluster too: what a plan shows must not depend on a current context."""
    from shlex import quote

    cluster = client(world)
    return line if cluster.in_cluster else line.replace("kubectl", f"kubectl --context {quote(cluster.context)}", 1)


def name_of(inputs: Inputs) -> str:
    """How a line for people calls the step's object: `Deployment production/api`."""
    kind = next((kind for kind in ROLLED if inputs.get(kind.lower())), "Deployment")
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"{kind} {where}{inputs.get(kind.lower())}"


def read(kind: str, name: str, where: str, world: World) -> dict[str, Any]:
    """One object, raw. Raises NotFound, Forbidden, Unreachable."""
    from runbook.clients.kubernetes.paths import PLACES

    return client(world).read(PLACES[kind].path(where, name), timeout=patience(world)).body


def clock(world: World) -> datetime:
    """The server's time: ages are judged by the clock that stamps the objects."""
    return client(world).read("/version", timeout=patience(world)).at


def read_history(name: str, where: str, world: World, kind: str = "Deployment") -> History:
    """A workload with its revisions. What changes between the reads is caught by the generation, if sent."""
    obj = read(kind, name, where, world)
    if kind == "Deployment":
        sets = _selected("ReplicaSet", obj, where, world, MOST_REVISIONS)
        return deployments.history(obj, sets.items, sets.at)
    from runbook.clients.kubernetes.errors import Unauthenticated

    kept = _selected("ControllerRevision", obj, where, world, MOST_REVISIONS)
    try:
        listed = _selected("Pod", obj, where, world, MOST_PODS)
        pods = listed.items if listed.complete else None
    except Unauthenticated:
        raise
    except Forbidden:
        pods = None
    return controller_revisions.history(kind, obj, kept.items, pods, kept.at)


def read_settled_history(name: str, where: str, world: World, kind: str = "Deployment") -> History:
    """The history once the controller has caught up, or as it is after `CATCHES_UP` seconds.

    A controller needs milliseconds for a changed number of replicas; a plan need not fail for those.
    """
    until = monotonic() + min(CATCHES_UP, world.remaining() / 2)
    while True:
        seen = read_history(name, where, world, kind)
        if not seen.behind or seen.paused or monotonic() >= until:
            return seen
        sleep(0.1)


def _selected(kind: str, owner: Mapping[str, Any], where: str, world: World, most: int) -> Listing:
    from runbook.clients.kubernetes.paths import PLACES

    labels = [("labelSelector", selector(owner["spec"]["selector"]))]
    return client(world).read_all(PLACES[kind].path(where), timeout=patience(world), query=labels, most=most)


def selector(wanted: Mapping[str, Any]) -> str:
    """A LabelSelector object as the text that lists are asked with."""
    parts = [f"{key}={value}" for key, value in sorted((wanted.get("matchLabels") or {}).items())]
    for one in wanted.get("matchExpressions") or []:
        key, values = one["key"], ",".join(one.get("values") or [])
        operators = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(operators.get(one["operator"], f"!{key}"))
    return ",".join(parts)
