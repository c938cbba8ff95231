"""What is different between two plans of one step, in words; of a field that is a map only what differs of it.

Whoever is asked a second time reads this at a gate. A digest that differs says nothing where something else does too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from runbook.core.changes import Change
from runbook.core.redrawn import redrawn, without

_FINGERPRINT = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


def difference(before: Change, after: Change) -> str:
    """What is different between two plans of one step, in words."""
    parts = []
    if before.target != after.target:
        parts.append(f"the target was {before.target} ({before.target.uid}), now {after.target} ({after.target.uid})")
    old = {field.path: field for field in before.fields}
    new = {field.path: field for field in after.fields}
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            parts.append(f"{path} was {_field(old.get(path))}, now {_field(new.get(path))}")
    if not parts and without(before.request) != without(after.request):
        parts.append("the request is another one")
    if before.effect is not after.effect:
        parts.append(f"the effect was {before.effect}, now {after.effect}")
    preview = redrawn(before.request, after.request)
    parts += [preview] if preview else []
    return "; ".join(parts) or "its undo is another one"


def said(before: Any, after: Any) -> str:
    """`3 → 10`; of maps `images.api 'api:2' → 'api:1', hash '5c…' → '7f…'`."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return f"{before!r} → {after!r}"
    differing = list(_differing("", before, after))
    telling = [one for one in differing if not _is_fingerprint(one)] or differing
    return ", ".join(f"{path} {old!r} → {new!r}" for path, old, new in telling) or "as it is"


def _differing(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted(before.keys() | after.keys()):
        old, new, at = before.get(key), after.get(key), f"{path}.{key}" if path else str(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differing(at, old, new)
        elif old != new:
            yield at, old, new


def _is_fingerprint(one: tuple[str, Any, Any]) -> bool:
    return any(isinstance(value, str) and _FINGERPRINT.fullmatch(value) for value in one[1:])


def _field(field: object) -> str:
    if field is None:
        return "not touched"
    return said(getattr(field, "before", None), getattr(field, "after", None))
