"""Data as values of our types, from whatever thread.

msgspec gathers what it has to know of a type when it first meets it, and does so unlocked: two threads that meet one
for the first time at once bring the interpreter down (msgspec 0.22; eight starts in one process did). So the first
meeting with each type is one thread's; later ones are everybody's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_first = threading.Lock()
_met: set[type] = set()


def converted(
    data: Any, kind: type[T], *, strict: bool = True, dec_hook: Callable[[type, Any], Any] | None = None
) -> T:
    """Data as a value of this type, as `msgspec.convert` does it; msgspec.ValidationError where it is none."""
    if kind in _met:
        return msgspec.convert(data, kind, strict=strict, dec_hook=dec_hook)
    with _first:
        try:
            return msgspec.convert(data, kind, strict=strict, dec_hook=dec_hook)
        finally:
            _met.add(kind)  # known by now, also where the data was none of it
