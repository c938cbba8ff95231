"""The environment variables of one container in a pod template, and the JSON Patch that changes them.

Pure. Positions are those of the template that was read: values first, then new variables at the end, then
removals from the last to the first, so that no operation moves what a later one names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.kinds import containers
from runbook.kinds.containers import Edit, NotEditable, Operations, Values

__all__ = ["Edit", "NotEditable", "edited"]


def edited(template: Mapping[str, Any], container: str | None, wanted: Mapping[str, str | None]) -> Edit:
    """The edit that gives a container these values; NotEditable where that cannot be."""
    copy = containers.copied(template)
    root, where, found = containers.found(copy, container)
    entries: list[dict[str, Any]] = found.setdefault("env", []) or []
    setting, adding, removing = _sorted_out(entries, wanted)
    tests: dict[str, Any] = {f"{root}/name": found["name"]}
    for position in [*setting, *removing]:
        tests |= {f"{root}/env/{position}/{key}": value for key, value in entries[position].items()}
    changed = {entries[position]["name"]: entries[position].get("value", "") for position in [*setting, *removing]}
    operations: Operations = [{"op": "add", "path": f"{root}/env", "value": []}] if adding and not entries else []
    operations += [_op("add", f"{root}/env/{position}/value", value) for position, value in setting.items()]
    operations += [_op("add", f"{root}/env/-", {"name": name, "value": value}) for name, value in adding.items()]
    operations += [{"op": "remove", "path": f"{root}/env/{position}"} for position in reversed(removing)]
    for position, value in setting.items():
        entries[position]["value"] = value
    kept = [entry for position, entry in enumerate(entries) if position not in removing]
    found["env"] = kept + [{"name": name, "value": value} for name, value in adding.items()]
    before: Values = {name: changed.get(name) for name in sorted([*changed, *adding])}
    after: Values = {name: wanted[name] for name in before}
    return Edit(found["name"], f"{where}/env/", operations, tests, before, after, copy)


def _sorted_out(
    entries: list[dict[str, Any]], wanted: Mapping[str, str | None]
) -> tuple[dict[int, str], dict[str, str], list[int]]:
    """Positions whose value changes, variables that are new, positions that go."""
    setting: dict[int, str] = {}
    adding: dict[str, str] = {}
    removing: list[int] = []
    for name, value in sorted(wanted.items()):
        positions = [position for position, entry in enumerate(entries) if entry["name"] == name]
        if len(positions) > 1:
            raise NotEditable(f"{name} is set {len(positions)} times; which of them is meant cannot be told")
        if positions and "valueFrom" in entries[positions[0]]:
            raise NotEditable(f"{name} comes from {_source(entries[positions[0]])}; change it there")
        if not positions and value is not None:
            adding[name] = value
        elif positions and value is None:
            removing.append(positions[0])
        elif positions and value is not None and entries[positions[0]].get("value", "") != value:
            setting[positions[0]] = value
    return setting, adding, sorted(removing)


def _source(entry: Mapping[str, Any]) -> str:
    kinds = {"secretKeyRef": "secret", "configMapKeyRef": "config map"}
    for key, said in kinds.items():
        reference = entry["valueFrom"].get(key)
        if reference:
            return f"key {reference.get('key')} of {said} {reference.get('name')}"
    return "elsewhere (valueFrom)"


def _op(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}
