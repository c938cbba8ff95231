"""What the server made of a change that it tried out: an admission webhook may write another value over ours.

The values of the operations are looked for in the object that a dry run gives. What the server adds to them (defaults)
is no difference; a value that is another one, or is gone, is said, because what is approved would not be what comes.
A dry run that has no difference is no promise: a webhook may answer otherwise the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_SHOWN = 60  # characters of a value
_WHOLE = "/spec/template"  # compared by its digest, by the one that sends it whole
_MISSING = object()


def altered(operations: Iterable[Mapping[str, Any]], tried: Mapping[str, Any]) -> tuple[str, ...]:
    """Warnings of values that would not be as the operations of a JSON Patch say."""
    sent = list(operations)
    moved = any(_moves(one) for one in sent)
    said = []
    for one in sent:
        path = str(one.get("path", ""))
        if one.get("op") not in ("add", "replace") or path == _WHOLE or (moved and _counted(path)):
            continue
        found = _at(tried, path)
        if not _holds(one["value"], found):
            would = "nothing" if found is _MISSING else _short(found)
            said.append(f"an admission webhook changes {path} on its way in: it would be {would}")
    return tuple(said)


def _moves(operation: Mapping[str, Any]) -> bool:
    """Whether positions behind it in a list are others than it says."""
    last = str(operation.get("path", "")).rpartition("/")[2]
    return last.isdigit() and operation.get("op") in ("add", "remove")


def _counted(path: str) -> bool:
    return any(part.isdigit() for part in path.split("/"))


def _at(obj: Any, path: str) -> Any:
    """The value at a JSON pointer; the end of a list (`-`) is its last entry."""
    for part in path.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(obj, list):
            index = len(obj) - 1 if name == "-" else int(name) if name.isdigit() else -1
            obj = obj[index] if 0 <= index < len(obj) else _MISSING
        else:
            obj = obj.get(name, _MISSING) if isinstance(obj, Mapping) else _MISSING
    return obj


def _holds(wanted: Any, found: Any) -> bool:
    """Whether what was found is what was wanted, but for what was added to its maps."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            _holds(value, found.get(key, _MISSING)) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        same = isinstance(found, list) and len(found) == len(wanted)
        return same and all(map(_holds, wanted, found))
    return bool(found == wanted) or (wanted is None and found is _MISSING)


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
