"""JSON Patch (RFC 6902) and JSON merge patch (RFC 7386) on plain data, and what two objects differ in. Pure.

A merge patch says how an object shall look and cannot say what it must look like before. So both forms are worked out
on the object that was read, and what they change there is said in one way: pointers (RFC 6901), the operations that
change just those, and the values to be tested at them.

`null` is as absent, as it is to the API server. Lists are one value, unless they have the same named members in the
same order, as containers have; then what stands behind a position is tested by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

Operations = list[dict[str, Any]]

# Maps of the API's own that many write to: of these only the entries are ever touched, never the map.
SHARED = ("/metadata/annotations", "/metadata/labels", "/data", "/binaryData")


class DoesNotFit(Exception):
    """A patch cannot be worked out on this object; the text says which operation, and why."""


def pointer(*parts: str) -> str:
    """A JSON pointer from its parts (RFC 6901 §3)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def parts(path: str) -> list[str]:
    """The parts of a JSON pointer; DoesNotFit where it is none."""
    if path and not path.startswith("/"):
        raise DoesNotFit(f"{path!r} is no JSON pointer: it begins with `/`")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def at(obj: Any, path: str) -> Any:
    """The value at a pointer; None where there is none."""
    for part in parts(path):
        if isinstance(obj, list):
            obj = obj[int(part)] if part.isdigit() and int(part) < len(obj) else None
        else:
            obj = obj.get(part) if isinstance(obj, Mapping) else None
    return obj


def merged(obj: Any, patch: Any) -> Any:
    """The object after a JSON merge patch: maps are merged, `null` removes, anything else takes the place."""
    if not isinstance(patch, Mapping):
        return copied(patch)
    made = dict(obj) if isinstance(obj, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value)
    return made


def patched(obj: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The object after a JSON Patch; DoesNotFit where an operation cannot be done, or a `test` does not hold."""
    made: dict[str, Any] = copied(obj)
    for number, one in enumerate(operations, 1):
        try:
            _operate(made, one)
        except DoesNotFit as error:
            raise DoesNotFit(f"operation {number} ({one.get('op')} {one.get('path')}): {error}") from None
    return made


def difference(before: Any, after: Any) -> list[str]:
    """Pointers to what differs, each as near to the root as the whole of it is new or gone, and no nearer."""
    return list(_differing(before, after, ""))


def leaves(patch: Any, path: str = "") -> list[str]:
    """Pointers to what a merge patch sets or removes."""
    if not isinstance(patch, Mapping) or not patch:
        return [path]
    return [one for key in sorted(patch) for one in leaves(patch[key], path + pointer(key))]


def operations(before: Any, after: Any, paths: Sequence[str]) -> Operations:
    """A JSON Patch that brings an object from before to after at these pointers."""
    made: Operations = []
    there = set()
    for path in paths:
        parent, value = path.rpartition("/")[0], at(after, path)
        if parent in SHARED and at(before, parent) is None and parent not in there:
            made.append({"op": "add", "path": parent, "value": {}})
            there.add(parent)
        if value is None:
            made.append({"op": "remove", "path": path})
        else:
            made.append({"op": "add" if at(before, path) is None else "replace", "path": path, "value": value})
    return made


def tests(obj: Any, paths: Sequence[str]) -> dict[str, Any]:
    """What must stand where, by pointer, for these to be as they are: None for nothing.

    The server takes what is not there for null only where its parent is there.
    """
    wanted: dict[str, Any] = {}
    for path in paths:
        way = parts(path)
        for depth in range(1, len(way) + 1):
            here = pointer(*way[:depth])
            value = at(obj, here)
            if value is None or depth == len(way):
                wanted[here] = value
                break
            if way[depth - 1].isdigit() and isinstance(value, Mapping) and "name" in value:
                wanted[pointer(*way[:depth], "name")] = value["name"]
    return wanted


def put_back(obj: Any, was: Any, paths: Sequence[str]) -> dict[str, Any]:
    """An object with what stood at these pointers before."""
    made: dict[str, Any] = copied(obj)
    return patched(made, operations(made, was, [path for path in paths if not same(at(made, path), at(was, path))]))


def same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: `1` is not `true`, and what is null is not there."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(same(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def copied(value: Any) -> Any:
    """Plain data of one's own."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _differing(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            here, old, new = path + pointer(key), before.get(key), after.get(key)
            if here in SHARED and all(one is None or isinstance(one, Mapping) for one in (old, new)):
                old, new = old or {}, new or {}
            yield from _differing(old, new, here)
    elif _has_the_same_members(before, after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differing(old, new, f"{path}/{index}")
    elif not same(before, after):
        yield path


def _has_the_same_members(before: Any, after: Any) -> bool:
    if not (isinstance(before, list) and isinstance(after, list) and before):
        return False
    names = [[one.get("name") if isinstance(one, Mapping) else None for one in each] for each in (before, after)]
    named = all(isinstance(name, str) for name in names[0])
    return named and names[0] == names[1] and len(set(names[0])) == len(before)


def _operate(obj: dict[str, Any], one: Mapping[str, Any]) -> None:
    op, path = one.get("op"), str(one.get("path", ""))
    if op in ("move", "copy"):
        source = str(one.get("from", ""))
        value = copied(_existing(obj, source))
        if op == "move":
            _remove(obj, source)
        _add(obj, path, value)
    elif op == "test":
        if not same(at(obj, path), one.get("value")):
            raise DoesNotFit("it is not so")
    elif op == "remove":
        _existing(obj, path)
        _remove(obj, path)
    elif op == "replace":
        _existing(obj, path)
        _set(obj, path, copied(one.get("value")))
    elif op == "add":
        _add(obj, path, copied(one.get("value")))
    else:
        raise DoesNotFit("there is no such operation")


def _existing(obj: Any, path: str) -> Any:
    value = at(obj, path)
    if value is None:
        raise DoesNotFit(f"there is nothing at {path or 'the root'}")
    return value


def _place(obj: Any, path: str) -> tuple[Any, str]:
    """What holds a value, and its name there."""
    way = parts(path)
    if not way:
        raise DoesNotFit("the whole object is not what a patch is for")
    holder = at(obj, pointer(*way[:-1]))
    if not isinstance(holder, dict | list):
        raise DoesNotFit(f"there is nothing at {pointer(*way[:-1])} to hold it")
    return holder, way[-1]


def _add(obj: Any, path: str, value: Any) -> None:
    holder, name = _place(obj, path)
    if isinstance(holder, dict):
        holder[name] = value
        return
    index = len(holder) if name == "-" else int(name) if name.isdigit() else -1
    if not 0 <= index <= len(holder):
        raise DoesNotFit(f"the list has {len(holder)} entries")
    holder.insert(index, value)


def _set(obj: Any, path: str, value: Any) -> None:
    holder, name = _place(obj, path)
    holder[int(name) if isinstance(holder, list) else name] = value


def _remove(obj: Any, path: str) -> None:
    holder, name = _place(obj, path)
    del holder[int(name) if isinstance(holder, list) else name]
