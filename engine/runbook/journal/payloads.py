"""A value kept beside the records: as which bytes, under which media type, and back again.

Text and bytes keep themselves; numbers that RFC 8785 cannot say are JSON in Python's wider sense (`NaN`, any
integer); structure is written by the encoder under two media types of its own, in which references to further
payloads are followed. What strangers hand in as `application/json` is read literally: nothing in it is ever
followed.

Where a payload was dropped, whoever fetches it gives its tombstone instead of bytes, and that says what value stands
there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec

from runbook.core.dropped import Path, Tombstone
from runbook.journal.canonical import LARGEST
from runbook.journal.port import PayloadRef

TEXT = "text/plain; charset=utf-8"
WTF8 = "text/plain; charset=wtf-8"  # UTF-8 that lets lone surrogates pass
JSON = "application/json"
BYTES = "application/octet-stream"
TREE = "application/vnd.runbook.tree+json"  # a value with references inside
PAIRS = "application/vnd.runbook.pairs+json"  # a dict that looks like a reference, as a list of its pairs
OURS = (TREE, PAIRS)

HYDRATED = 2**20  # bytes up to which a payload is given back as the value that it stands for

_KEYS = {"payload", "size", "media"}

Get = Callable[[str], bytes | Tombstone]
Gone = Callable[[str], Tombstone | None]


def nothing_gone(digest: str) -> None:
    """Nothing was ever dropped."""
    del digest


def is_reference(value: Any) -> bool:
    """True for what stands for a payload; the encoder lets no other dict with exactly these keys into a record."""
    return type(value) is dict and value.keys() == _KEYS


def is_sayable(number: float) -> bool:
    """True for numbers that RFC 8785 writes in a way that is read back as the same number."""
    if isinstance(number, int):
        return -LARGEST <= number <= LARGEST
    return math.isfinite(number) and (abs(number) <= LARGEST or abs(number) >= 1e21)


def references(value: Any) -> list[PayloadRef]:
    """All references in a decoded record or tree, in order."""
    if is_reference(value):
        return [as_reference(value)]
    if isinstance(value, dict):
        return [ref for item in value.values() for ref in references(item)]
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    return []


def places(value: Any, path: Path = ()) -> list[tuple[Path, PayloadRef]]:
    """All references in a decoded record or tree, each with where it stands."""
    if is_reference(value):
        return [(path, as_reference(value))]
    if isinstance(value, dict):
        return [found for name, item in value.items() for found in places(item, (*path, name))]
    if isinstance(value, list):
        return [found for number, item in enumerate(value) for found in places(item, (*path, number))]
    return []


def shape_of(data: bytes, media: str) -> str:
    """What value a payload stands for: `object`, `list` or `text`, which is whatever is neither."""
    if media == PAIRS:
        return "object"
    return {b"{": "object", b"[": "list"}.get(data[:1], "text") if media in (TREE, JSON) else "text"


def inner_references(data: bytes, media: str) -> list[PayloadRef]:
    """The references inside of a payload. ValueError for one that is not what its media type says."""
    return references(msgspec.json.decode(data)) if media in OURS else []


def as_reference(value: dict[str, Any]) -> PayloadRef:
    """The reference that a dict of its shape is."""
    return PayloadRef(str(value["payload"]), value["size"], str(value["media"]))


def hydrated(value: Any, get: Get, limit: float = HYDRATED, gone: Gone = nothing_gone) -> Any:
    """A decoded value with its references replaced by what they stand for; those over `limit` bytes stay.

    `get` returns the payload's bytes for its digest, its tombstone where it was dropped, or raises. `gone` is asked
    about those that stay: what was dropped is told of, however large it was.
    """
    if isinstance(value, dict):
        if is_reference(value):
            return _in_place(as_reference(value), get, limit, gone)
        return {name: hydrated(item, get, limit, gone) for name, item in value.items()}
    if isinstance(value, list):
        return [hydrated(item, get, limit, gone) for item in value]
    return value


def _in_place(ref: PayloadRef, get: Get, limit: float, gone: Gone) -> Any:
    if ref.size <= limit:
        return unpacked(get(ref.digest), ref.media, get)
    tombstone = gone(ref.digest)
    return ref if tombstone is None else tombstone.value


def unpacked(data: bytes | Tombstone, media: str, get: Get) -> Any:
    """The value that a payload stands for; its bytes, where they are not what the media type says."""
    if isinstance(data, Tombstone):
        return data.value
    if media == TREE:
        return hydrated(msgspec.json.decode(data), get)
    if media == PAIRS:
        return {name: hydrated(item, get) for name, item in msgspec.json.decode(data)}
    try:
        if media == JSON:
            return json.loads(data)
        if media == WTF8:
            return data.decode("utf-8", "surrogatepass")
        return data.decode() if media == TEXT else data
    except (ValueError, RecursionError):
        return data
