"""What steps on Kubernetes have in common: words of their schemas, and how they read.

Nothing here changes anything; `kubernetes_patches.py` does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.errors import ParameterError
from runbook.kinds import deployments
from runbook.kinds.deployments import History
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes import KubernetesClient

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

CATCHES_UP = 3.0  # seconds
MOST_REPLICA_SETS = 1000  # a Deployment keeps ten by default; beyond this something else is wrong


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


def workload(inputs: Inputs) -> tuple[str, str]:
    """Kind and name of the object that a step names; ParameterError unless it is exactly one."""
    named = [(kind, text(inputs, kind.lower())) for kind in ("Deployment", "StatefulSet")]
    given = [(kind, name) for kind, name in named if name]
    if len(given) != 1:
        raise ParameterError("a step names one deployment or one statefulset")
    return given[0]


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
    kind = "StatefulSet" if inputs.get("statefulset") else "Deployment"
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    return f"{kind} {where}{inputs.get(kind.lower())}"


def read(kind: str, name: str, where: str, world: World) -> dict[str, Any]:
    """One object, raw. Raises NotFound, Forbidden, Unreachable."""
    from runbook.clients.kubernetes.paths import PLACES

    return client(world).read(PLACES[kind].path(where, name), timeout=patience(world)).body


def read_history(name: str, where: str, world: World) -> History:
    """A Deployment with its revisions. What changes between the two reads is caught by the generation, if sent."""
    from runbook.clients.kubernetes.paths import PLACES

    deployment = read("Deployment", name, where, world)
    sets = client(world).read_all(
        PLACES["ReplicaSet"].path(where),
        timeout=patience(world),
        query=[("labelSelector", selector(deployment["spec"]["selector"]))],
        most=MOST_REPLICA_SETS,
    )
    return deployments.history(deployment, sets.items, sets.at)


def read_settled_history(name: str, where: str, world: World) -> History:
    """The history once the controller has caught up, or as it is after `CATCHES_UP` seconds.

    A controller needs milliseconds for a changed number of replicas; a plan need not fail for those.
    """
    until = monotonic() + min(CATCHES_UP, world.remaining() / 2)
    while True:
        seen = read_history(name, where, world)
        if not seen.behind or seen.deployment["spec"].get("paused") or monotonic() >= until:
            return seen
        sleep(0.1)


def selector(wanted: Mapping[str, Any]) -> str:
    """A LabelSelector object as the text that lists are asked with."""
    parts = [f"{key}={value}" for key, value in sorted((wanted.get("matchLabels") or {}).items())]
    for one in wanted.get("matchExpressions") or []:
        key, values = one["key"], ",".join(one.get("values") or [])
        operators = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(operators.get(one["operator"], f"!{key}"))
    return ",".join(parts)
