"""The values of Secrets: given by reference, sent as they are, and shown to nobody.

Where a value would stand in a request, a field or a diff there is `{concealed: …}`, an HMAC under the run's key: the
same for the same value, so that it shows that something changes, and an approval holds for that and nothing else. The
values themselves are in no plan and no journal, so nothing can put an overwritten one back.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from runbook.clients.secrets import is_reference
from runbook.errors import ParameterError
from runbook.kinds import json_patches
from runbook.kinds.protocol import World

SECRET = "Secret"  # noqa: S105 - a kind of object
DATA, STRING_DATA = "data", "stringData"
CONCEALED = "concealed"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"  # holds a copy of all values

_GIVEN = "a value of a Secret is given by reference: {env: NAME}, {file: PATH} or {command: [argv]}"


def resolved(obj: Mapping[str, Any], world: World, *, plain: bool = False) -> dict[str, Any]:
    """A Secret, or a merge patch of one, with its values as the server keeps them: base64, all under `data`.

    `plain`: it comes from a file of the project, where values may stand as they are. ParameterError elsewhere.
    """
    made = {key: value for key, value in obj.items() if key not in (DATA, STRING_DATA)}
    data: dict[str, Any] = {}
    for part in (DATA, STRING_DATA):
        for key, value in _entries(obj, part).items():
            if isinstance(value, str) and plain:
                data[key] = encoded(value) if part == STRING_DATA else value
            else:
                data[key] = _value(value, world)
    if data:
        made[DATA] = data
    return made


def resolved_operations(operations: list[Any], world: World) -> list[Any]:
    """A JSON Patch of a Secret with its values as the server keeps them."""
    made = []
    for one in operations:
        way = json_patches.parts(str(one.get("path", "")))
        if way[:1] == [STRING_DATA]:
            raise ParameterError("a JSON Patch of a Secret changes `/data`; the server keeps no `/stringData`")
        value = one.get("value")
        if way == [DATA] and isinstance(value, Mapping):
            made.append({**one, "value": {key: _value(part, world) for key, part in value.items()}})
        else:
            made.append({**one, "value": _value(value, world)} if way[:1] == [DATA] and "value" in one else one)
    return made


def concealed(obj: Mapping[str, Any], world: World) -> dict[str, Any]:
    """A Secret without its values."""
    shown = dict(obj)
    for part in (DATA, STRING_DATA):
        if isinstance(obj.get(part), Mapping):
            shown[part] = {key: hidden(value, world) for key, value in obj[part].items()}
    metadata = dict(obj.get("metadata") or {})
    notes = metadata.get("annotations") or {}
    if LAST_APPLIED in notes:
        metadata["annotations"] = dict(notes) | {LAST_APPLIED: hidden(notes[LAST_APPLIED], world)}
        shown["metadata"] = metadata
    return shown


def hidden(value: Any, world: World) -> Any:
    """What stands for a value; None for none."""
    return None if value is None else {CONCEALED: world.conceal(str(value))}


def concealed_operations(operations: list[dict[str, Any]], world: World) -> list[dict[str, Any]]:
    """A JSON Patch of a Secret without its values."""
    return [_each(one, lambda value: hidden(value, world)) for one in operations]


def revealed(operations: list[dict[str, Any]], real: list[dict[str, Any]], world: World) -> list[dict[str, Any]] | None:
    """The operations with their values again, taken from those made anew; None where one is another by now."""
    values = {
        world.conceal(str(one["value"])): one["value"]
        for one in real
        if _is_value(one) and one.get("value") is not None
    }
    made = []
    for one in operations:
        value = values.get(one["value"][CONCEALED]) if _is_value(one) else None
        if _is_value(one) and value is None:
            return None
        made.append(one | {"value": value} if _is_value(one) else one)
    return made


def encoded(value: str) -> str:
    """Text as the server keeps it."""
    return base64.b64encode(value.encode()).decode()


def _each(one: dict[str, Any], make: Callable[[Any], Any]) -> dict[str, Any]:
    return one | {"value": make(one["value"])} if _is_value(one) else one


def _is_value(one: Mapping[str, Any]) -> bool:
    """Whether an operation carries one value of a Secret; the map itself is only ever added empty."""
    return "value" in one and str(one["path"]).startswith(f"/{DATA}/")


def _entries(obj: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    entries = obj.get(part)
    if entries is None:
        return {}
    if not isinstance(entries, Mapping):
        raise ParameterError(f"`{part}` of a Secret is a map of its values")
    return entries


def _value(value: Any, world: World) -> str | None:
    if value is None:
        return None
    if not is_reference(value):
        raise ParameterError(_GIVEN)
    return encoded(world.secret(value))
