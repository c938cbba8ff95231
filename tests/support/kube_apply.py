"""Server-side apply in the scripted API: who manages which field, conflicts, and what is dropped from a manifest.

As in Kubernetes 1.36 (apimachinery, managedfields): a conflict is a field that another manager has, with another value;
it is told before a version that does not match, and that before anything else. Lists are merged by the names in them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.kube_api import KubeApi

Way = tuple[str, ...]
Owners = dict[tuple[str, str], set[Way]]  # by manager and operation, the fields that are theirs

_IDENTITY = {("apiVersion",), ("kind",)} | {
    ("metadata", key) for key in ("name", "namespace", "uid", "resourceVersion")
}
_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def apply(api: KubeApi, path: str, query: dict[str, str], manifest: dict[str, Any]) -> tuple[int, Any]:
    """Merge a manifest into an object, or make it."""
    live, manager = api.objects.get(path), (query["fieldManager"], "Apply")
    owners = copy.deepcopy(api.managed.get(live["metadata"]["uid"], {})) if live else {}
    fields = {way for way in _leaves(manifest) if way not in _IDENTITY}
    others = {
        (who, way)
        for who, theirs in owners.items()
        for way in theirs & fields
        if who != manager and _at(live, way) != _at(manifest, way)
    }
    if others and query.get("force") != "true":
        return _conflict(api, others)
    refused = _mismatch(api, path, live, manifest["metadata"])
    if refused:
        return refused
    new = _merged(live or {}, manifest)
    for who, way in others:
        owners[who].discard(way)
    for way in owners.get(manager, set()) - fields:
        if not any(way in theirs for who, theirs in owners.items() if who != manager):
            _remove(new, way)
    owners[manager] = fields
    api.admission(new)
    invalid = api.invalid(new)
    if invalid:
        return invalid
    if live is not None and {k: v for k, v in new.items() if k != "metadata"} != {
        k: v for k, v in live.items() if k != "metadata"
    }:
        new["metadata"]["generation"] += 1
    return _kept(api, path, query, new, owners, made=live is None)


def updated(
    api: KubeApi, manager: str, operations: list[dict[str, Any]], old: dict[str, Any], new: dict[str, Any]
) -> None:
    """What a JSON Patch changes is its manager's from then on."""
    owners = api.managed.setdefault(new["metadata"]["uid"], {})
    for one in operations:
        if one["op"] != "test":
            way = _named(new, [part.replace("~1", "/").replace("~0", "~") for part in one["path"].split("/")[1:]])
            if _at(old, way) != _at(new, way):
                for theirs in owners.values():
                    theirs.discard(way)
            owners.setdefault((manager, "Update"), set()).add(way)


def _kept(
    api: KubeApi, path: str, query: dict[str, str], new: dict[str, Any], owners: Owners, *, made: bool
) -> tuple[int, Any]:
    for key in ("uid", "resourceVersion") if made else ():
        new["metadata"].pop(key, None)
    if query.get("dryRun") == "All":
        if made:
            new["metadata"] |= {"uid": "of-a-dry-run", "resourceVersion": "1"}
        return (201 if made else 200), new
    stored = api.put(path, new) if made else new
    api.managed[stored["metadata"]["uid"]] = owners
    if not made:
        api.objects[path] = new
        api._touch(new)
    answer = copy.deepcopy(stored)
    api.reconcile()
    return (201 if made else 200), answer


def _conflict(api: KubeApi, others: set[tuple[tuple[str, str], Way]]) -> tuple[int, Any]:
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{who}"', "field": "." + ".".join(way)}
        for (who, _), way in sorted(others)
    ]
    said = f"Apply failed with {len(causes)} conflict"
    return api.status(409, said, details={"causes": causes})


def _mismatch(api: KubeApi, path: str, live: dict[str, Any] | None, metadata: dict[str, Any]) -> tuple[int, Any] | None:
    name, uid, version = path.rsplit("/", 1)[-1], metadata.get("uid"), metadata.get("resourceVersion")
    if live is None:
        said = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        return api.status(409, f'Operation cannot be fulfilled on "{name}": {said}') if uid else None
    if version not in (None, live["metadata"]["resourceVersion"]):
        return api.status(409, f'Operation cannot be fulfilled on "{name}": {_MODIFIED}')
    if uid not in (None, live["metadata"]["uid"]):
        cause = {"reason": "FieldValueInvalid", "field": "metadata.uid"}
        return api.status(422, "metadata.uid: Invalid value: field is immutable", details={"causes": [cause]})
    return None


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)


def _leaves(value: Any, way: Way = ()) -> Iterator[Way]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(one, (*way, key))
    elif _is_named(value):
        for one in value:
            yield from _leaves(one, (*way, one["name"]))
    else:
        yield way


def _at(value: Any, way: Way) -> Any:
    for part in way:
        if _is_named(value):
            value = next((one for one in value if one["name"] == part), None)
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _named(obj: Any, parts: list[str]) -> Way:
    """A pointer's parts with the names of what stands at its positions."""
    way: list[str] = []
    for part in parts:
        if _is_named(obj) and part.isdigit() and int(part) < len(obj):
            obj = obj[int(part)]
            way.append(obj["name"])
        else:
            obj = obj.get(part) if isinstance(obj, dict) else None
            way.append(part)
    return tuple(way)


def _merged(live: Any, manifest: Any) -> Any:
    if isinstance(live, dict) and isinstance(manifest, dict):
        return copy.deepcopy(live) | {key: _merged(live.get(key), one) for key, one in manifest.items()}
    if _is_named(live) and _is_named(manifest):
        wanted = {one["name"]: one for one in manifest}
        held = [_merged(one, wanted.pop(one["name"], {})) for one in live]
        return held + [copy.deepcopy(one) for one in wanted.values()]
    return copy.deepcopy(manifest)


def _remove(obj: Any, way: Way) -> None:
    holder = _at(obj, way[:-1])
    if isinstance(holder, dict):
        holder.pop(way[-1], None)
