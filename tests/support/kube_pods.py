"""What the scripted API server does with POST and DELETE: objects made, reviewed, deleted; pods evicted.

Evictions as the real one decides them (registry/core/pod/storage/eviction.go): the budgets of a pod are looked at
before its uid, more than one of them is a 500, and a dry run is judged like any other.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.kube_api import KubeApi

BUDGETS = "/apis/policy/v1/namespaces/{}/poddisruptionbudgets/"
VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."


def everywhere(where: str) -> str:
    """The path of the list over all namespaces that an object is in."""
    parts = where.split("/")[:-1]
    if "namespaces" in parts[:-1]:
        at = parts.index("namespaces")
        del parts[at : at + 2]
    return "/".join(parts)


def post(api: KubeApi, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
    """Make an object, evict a pod, or answer an access review by `api.may`."""
    if path.endswith("/selfsubjectaccessreviews"):
        return 201, body | {"status": api.may(body["spec"]["resourceAttributes"])}
    if path.endswith("/eviction"):
        return _evict(api, path.removesuffix("/eviction"), query, body)
    where = f"{path}/{body['metadata']['name']}"
    if where in api.objects:
        return api.status(409, f'"{body["metadata"]["name"]}" already exists', reason="AlreadyExists")
    body = copy.deepcopy(body)
    api.admission(body)
    if query.get("dryRun"):
        return 201, body
    made = api.put(where, body)
    if path.endswith("/jobs"):  # as the server gives it (registry/batch/job, strategy.go)
        made["spec"]["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": made["metadata"]["uid"]}}
    return 201, copy.deepcopy(made)


def delete(api: KubeApi, path: str, options: dict[str, Any] | None) -> tuple[int, Any]:
    """Delete an object, now or after its grace period; `preconditions` and `dryRun` are in the body."""
    obj = api.objects.get(path)
    if obj is None:
        return api.status(404, f'pods "{path.rsplit("/", 1)[-1]}" not found')
    options = options or {}
    wanted, uid = (options.get("preconditions") or {}).get("uid"), obj["metadata"]["uid"]
    if wanted not in (None, uid):
        said = f"the UID in the precondition ({wanted}) does not match the UID in record ({uid})."
        return api.status(409, f"Operation cannot be fulfilled: Precondition failed: {said}")
    if not options.get("dryRun"):
        grace = options.get("gracePeriodSeconds")
        if grace is None:
            grace = (obj.get("spec") or {}).get("terminationGracePeriodSeconds", 30)
        if grace and "/pods/" in path:
            obj["metadata"]["deletionGracePeriodSeconds"] = grace
            obj["metadata"]["deletionTimestamp"] = api.now.isoformat().replace("+00:00", "Z")
        else:
            del api.objects[path]
    return 200, copy.deepcopy(obj)


def _evict(api: KubeApi, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
    pod = api.objects.get(path)
    if pod is None:
        return api.status(404, f'pods "{path.rsplit("/", 1)[-1]}" not found')
    where = BUDGETS.format(pod["metadata"]["namespace"])
    labels = (pod["metadata"].get("labels") or {}).items()
    budgets = [
        one
        for at, one in api.objects.items()
        if at.startswith(where) and one["spec"]["selector"]["matchLabels"].items() <= labels
    ]
    if len(budgets) > 1:
        return api.status(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource ...")
    if budgets and "deletionTimestamp" not in pod["metadata"] and not budgets[0]["status"]["disruptionsAllowed"]:
        status = budgets[0]["status"]
        needs = f"needs {status['desiredHealthy']} healthy pods and has {status['currentHealthy']} currently"
        cause = f"The disruption budget {budgets[0]['metadata']['name']} {needs}"
        return api.status(429, VIOLATED, details={"causes": [{"reason": "DisruptionBudget", "message": cause}]})
    options = body.get("deleteOptions") or {}
    if query.get("dryRun"):
        options |= {"dryRun": ["All"]}
    code, answer = delete(api, path, options)
    if code != 200:
        return code, answer
    if budgets and not options.get("dryRun"):
        budgets[0]["status"]["disruptionsAllowed"] -= 1
        budgets[0]["status"]["currentHealthy"] -= 1
    return 201, {"kind": "Status", "status": "Success"}
