"""The Job that a step asks for: from an image and an argument list, a pod template, or what a CronJob would make.

Its name is made of the intent under which it is sent, so that whoever sends it again sends the same name and the API
server says 409: one intent, one Job. What is approved is all the rest.

A Job of ours runs once. Unless the step says `retries`, a pod that fails is not replaced (`backoffLimit: 0`) and its
containers are not started again (`restartPolicy: Never`), whatever a CronJob's template says. More cannot be had: where
a node is lost, nobody knows what its pod had done.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

from runbook.document.durations import Duration, spoken
from runbook.errors import ParameterError
from runbook.kinds import admission, invocations, kubernetes
from runbook.kinds.deployments import INTENT
from runbook.kinds.kubernetes_patches import RUN
from runbook.kinds.protocol import Inputs, World

KEEP = "1d"
FALLBACK = "runbook"  # the beginning of a Job's name, where nothing gives another
LONGEST = 52  # of it: with what follows 63, since pods carry the whole name as a label
MANUAL = "cronjob.kubernetes.io/instantiate"  # what `kubectl create job --from` leaves
NEVER = "Never"
_SOURCES = ("image", "template", "from_cronjob")


def source(inputs: Inputs) -> str:
    """Which of `image`, `template` and `from_cronjob` a step gives; ParameterError unless it is exactly one."""
    given = [name for name in _SOURCES if inputs.get(name)]
    if len(given) != 1:
        raise ParameterError("a step gives exactly one of image, template and from_cronjob")
    return given[0]


def beginning(inputs: Inputs) -> str:
    """What the Job's name begins with."""
    name = kubernetes.text(inputs, "name") or kubernetes.text(inputs, "from_cronjob") or FALLBACK
    return name[:LONGEST].rstrip("-.")


def named(begins: str, key: str) -> str:
    """The name under an intent (or, while planning, under the run): the same for the same, and no other's."""
    return f"{begins}-{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def marked(body: Mapping[str, Any], name: str, world: World) -> dict[str, Any]:
    """The Job as it is sent: with its name and our marks."""
    metadata = dict(body["metadata"])
    marks = {INTENT: world.intent, RUN: world.run}
    metadata |= {"name": name, "annotations": {**(metadata.get("annotations") or {}), **marks}}
    return {**body, "metadata": metadata}


def built(inputs: Inputs, cronjob: Mapping[str, Any] | None, limit: float) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The Job without its name and marks, and what is to be known of it. `limit` is the step's time in seconds."""
    made = cronjob["spec"]["jobTemplate"] if cronjob is not None else {}
    spec = copy.deepcopy(dict(made.get("spec") or {}))
    own, tries = spec.get("activeDeadlineSeconds"), spec.get("backoffLimit", 6 if cronjob is not None else 0)
    if cronjob is None:
        spec["template"] = _template(inputs)
    for name in ("suspend", "selector", "manualSelector"):  # the server gives each Job a selector of its own
        spec.pop(name, None)
    pod = spec["template"].setdefault("spec", {})
    _overridden(pod, inputs)
    retries = kubernetes.whole(inputs, "retries") or 0
    said = []
    if not retries and pod.get("restartPolicy", NEVER) != NEVER:
        said.append(f"its containers are not started again (restartPolicy {NEVER} in place of {pod['restartPolicy']})")
    if not retries and tries and cronjob is not None:
        said.append(f"it is tried once; a Job of the schedule would be tried up to {tries + 1} times")
    pod["restartPolicy"] = pod.get("restartPolicy", NEVER) if retries else NEVER
    deadline = _seconds(inputs, "deadline") or own or math.ceil(limit)
    if deadline > math.ceil(limit):
        said.append(f"the step waits {spoken(limit)} for it, and it may run for {spoken(deadline)}")
    spec |= {
        "backoffLimit": retries,
        "activeDeadlineSeconds": deadline,
        "ttlSecondsAfterFinished": _seconds(inputs, "keep") or int(Duration.parse(KEEP)),
    }
    metadata = _metadata(made.get("metadata") or {}, manual=cronjob is not None)
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}, tuple(said)


def altered(body: Mapping[str, Any], tried: Mapping[str, Any]) -> tuple[str, ...]:
    """What admission webhooks would make of it: other values, and containers that nobody asked for."""
    said = admission.altered(({"op": "replace", "path": path, "value": value} for path, value in _leaves(body)), tried)
    added = sorted(
        {str(one.get("name")) for one in containers(tried)} - {str(one.get("name")) for one in containers(body)}
    )
    if added:
        said += (
            f"an admission webhook adds {', '.join(added)}: a container that does not end keeps a Job from ending",
        )
    return said


def containers(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The containers of its pods that are not init containers."""
    return list(body["spec"]["template"].get("spec", {}).get("containers") or [])


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no map or list, with its place; quantities aside, which the server spells its own way."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key != "resources":
                yield from _leaves(one, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _leaves(one, f"{path}/{at}")
    else:
        yield path, value


def _metadata(made: Mapping[str, Any], *, manual: bool) -> dict[str, Any]:
    kept = {key: dict(made[key]) for key in ("labels", "annotations") if made.get(key)}
    if manual:
        kept["annotations"] = kept.get("annotations", {}) | {MANUAL: "manual"}
    return kept


def _template(inputs: Inputs) -> dict[str, Any]:
    template = inputs.get("template")
    if template is None:
        account = kubernetes.text(inputs, "service_account")
        one = {"name": "main", "image": kubernetes.named(inputs, "image")}
        return {"spec": {"containers": [one]} | ({"serviceAccountName": account} if account else {})}
    if not isinstance(template, Mapping) or not isinstance(template.get("spec"), Mapping):
        raise ParameterError("step input 'template' must be a pod template: a mapping with `spec`")
    return copy.deepcopy(dict(template))


def _overridden(pod: dict[str, Any], inputs: Inputs) -> None:
    """Put the step's arguments and variables into the one container that it means."""
    argv, env = inputs.get("argv"), inputs.get("env")
    if argv is None and not env:
        return
    one = _meant(pod.get("containers") or [], kubernetes.text(inputs, "container"))
    if argv is not None:
        if not isinstance(argv, list | tuple) or not argv:
            raise ParameterError("step input 'argv' must be a list with a program and its arguments")
        one["command"] = [invocations.text(word, f"argv[{at}]") for at, word in enumerate(argv)]
        one.pop("args", None)
    if env:
        if not isinstance(env, Mapping):
            raise ParameterError("step input 'env' must be a map of names to values")
        set_ = {str(name): invocations.text(value, f"env.{name}") for name, value in env.items()}
        others = [item for item in one.get("env") or [] if item.get("name") not in set_]
        one["env"] = others + [{"name": name, "value": value} for name, value in set_.items()]


def _meant(found: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    names = ", ".join(str(one.get("name")) for one in found) or "none"
    if name is None and len(found) == 1:
        return found[0]
    for one in found:
        if one.get("name") == name:
            return one
    if name is None:
        raise ParameterError(f"name the `container` that `argv` and `env` are for: {names}")
    raise ParameterError(f"there is no container {name!r}; there is {names}")


def _seconds(inputs: Inputs, name: str) -> int | None:
    value = kubernetes.text(inputs, name)
    if value is None:
        return None
    try:
        return max(1, math.ceil(Duration.parse(value)))
    except ValueError as error:
        raise ParameterError(f"step input {name!r}: {error}") from error
