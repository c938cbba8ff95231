"""The controllers of StatefulSets and DaemonSets in the scripted API: ControllerRevisions, numbers, pods, counts.

As in Kubernetes 1.36: a template that comes back keeps its revision and gets the highest number; a StatefulSet with
OrderedReady replaces one pod at a time, from the highest ordinal to its partition, and stands still while any pod is
not ready; a DaemonSet replaces all. `api.broken` names images whose pods never become ready.
"""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from typing import Any

STATEFUL_SET = "/apis/apps/v1/namespaces/shop/statefulsets/queue"
DAEMON_SET = "/apis/apps/v1/namespaces/shop/daemonsets/agent"
NODES = 2


def reconcile(api: Any, path: str, obj: dict[str, Any]) -> None:
    """Bring revisions, pods and status to where the controller would leave them once nothing moves any more."""
    update = _revision(api, path, obj)
    pods = _pods(api, obj)
    wanted = NODES if obj["kind"] == "DaemonSet" else obj["spec"].get("replicas", 1)
    strategy = obj["spec"].get("updateStrategy") or {}
    for ordinal in range(wanted):
        if ordinal not in pods:
            pods[ordinal] = _pod(api, obj, ordinal, update)
    if strategy.get("type") != "OnDelete":
        first = (strategy.get("rollingUpdate") or {}).get("partition", 0)
        for ordinal in range(wanted - 1, first - 1, -1):
            if obj["kind"] == "StatefulSet" and not all(_is_ready(pod) for pod in pods.values()):
                break
            if _wears(pods[ordinal]) != _word(obj, update):
                pods[ordinal] = _pod(api, obj, ordinal, update)
    _count(obj, list(pods.values()), update, wanted)


def deploy(api: Any, path: str, image: str, **spec: Any) -> dict[str, Any]:
    """Deploy an image as the workload of a path, an hour after whatever was before."""
    api.later(3600)
    name = path.rsplit("/", 1)[-1]
    if path in api.objects:
        old = api.objects[path]
        old["spec"] = copy.deepcopy(old["spec"]) | spec
        old["spec"]["template"]["spec"]["containers"][0]["image"] = image
        old["metadata"]["generation"] += 1
        api.reconcile()
        return dict(api.objects[path])
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": image}]}}
    made = {"selector": {"matchLabels": {"app": name}}, "template": template} | spec
    kind = "StatefulSet" if "/statefulsets/" in path else "DaemonSet"
    if kind == "StatefulSet":
        made = {"replicas": 3} | made
    return dict(api.put(path, {"kind": kind, "spec": made}))


def _revision(api: Any, path: str, obj: dict[str, Any]) -> dict[str, Any]:
    where = path.rsplit("/", 2)[0] + "/controllerrevisions/" + obj["metadata"]["name"] + "-"
    uid = obj["metadata"]["uid"]
    owned = [
        one
        for key, one in api.objects.items()
        if key.startswith(where) and one["metadata"]["ownerReferences"][0]["uid"] == uid
    ]
    data = {"spec": {"template": copy.deepcopy(obj["spec"]["template"]) | {"$patch": "replace"}}}
    found = next((one for one in owned if one["data"] == data), None)
    highest = max((one["revision"] for one in owned if one is not found), default=0)
    if found is not None:
        found["revision"] = max(found["revision"], highest + 1)
        return dict(found)
    word = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:10]
    label = "controller.kubernetes.io/hash" if obj["kind"] == "StatefulSet" else "controller-revision-hash"
    metadata = {
        "name": f"{obj['metadata']['name']}-{word}",
        "uid": str(uuid.uuid4()),
        "creationTimestamp": api.now.isoformat().replace("+00:00", "Z"),
        "labels": obj["spec"]["template"]["metadata"]["labels"] | {label: word},
        "annotations": dict(obj["metadata"].get("annotations") or {}),
        "ownerReferences": [{"kind": obj["kind"], "uid": uid, "controller": True}],
    }
    made = {"metadata": metadata, "data": data, "revision": highest + 1}
    api.objects[where + word] = made
    return made


def _pods(api: Any, obj: dict[str, Any]) -> dict[int, dict[str, Any]]:
    where = f"/api/v1/namespaces/{obj['metadata']['namespace']}/pods/{obj['metadata']['name']}-"
    uid = obj["metadata"]["uid"]
    return {
        int(key.rsplit("-", 1)[-1]): one
        for key, one in api.objects.items()
        if key.startswith(where) and one["metadata"]["ownerReferences"][0]["uid"] == uid
    }


def _pod(api: Any, obj: dict[str, Any], ordinal: int, update: dict[str, Any]) -> dict[str, Any]:
    name = f"{obj['metadata']['name']}-{ordinal}"
    image = obj["spec"]["template"]["spec"]["containers"][0]["image"]
    ready = "True" if image not in api.broken else "False"
    metadata = {
        "name": name,
        "namespace": obj["metadata"]["namespace"],
        "uid": str(uuid.uuid4()),
        "creationTimestamp": api.now.isoformat().replace("+00:00", "Z"),
        "labels": obj["spec"]["template"]["metadata"]["labels"] | {"controller-revision-hash": _word(obj, update)},
        "ownerReferences": [{"kind": obj["kind"], "uid": obj["metadata"]["uid"], "controller": True}],
    }
    made = {"metadata": metadata, "status": {"conditions": [{"type": "Ready", "status": ready}]}}
    api.objects[f"/api/v1/namespaces/{obj['metadata']['namespace']}/pods/{name}"] = made
    return made


def _word(obj: dict[str, Any], update: dict[str, Any]) -> str:
    name = str(update["metadata"]["name"])
    return name if obj["kind"] == "StatefulSet" else name.rsplit("-", 1)[-1]


def _wears(pod: dict[str, Any]) -> str:
    return str(pod["metadata"]["labels"]["controller-revision-hash"])


def _is_ready(pod: dict[str, Any]) -> bool:
    return bool(pod["status"]["conditions"][0]["status"] == "True")


def _count(obj: dict[str, Any], pods: list[dict[str, Any]], update: dict[str, Any], wanted: int) -> None:
    updated = sum(_wears(pod) == _word(obj, update) for pod in pods)
    ready = sum(_is_ready(pod) for pod in pods)
    status = {"observedGeneration": obj["metadata"]["generation"]}
    if obj["kind"] == "DaemonSet":
        status |= {"desiredNumberScheduled": wanted, "updatedNumberScheduled": updated, "numberAvailable": ready}
        obj["status"] = status
        return
    name = update["metadata"]["name"]
    before = (obj.get("status") or {}).get("currentRevision", name)
    current = name if updated == ready == wanted else before
    counts = {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": updated}
    obj["status"] = status | counts | {"updateRevision": name, "currentRevision": current}
