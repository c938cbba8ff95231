"""The two values of a field in words, one before and one after: of a map only what differs, without fingerprints.

Whoever is asked a second time reads this at a gate. A digest that differs says nothing where something else does too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_FINGERPRINT = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


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
