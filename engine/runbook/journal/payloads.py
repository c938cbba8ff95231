"""A value kept beside the records: as which bytes, under which media type, and back again.

Text and bytes keep themselves; numbers that RFC 8785 cannot say are JSON in Python's wider sense (`NaN`, any
integer); structure is written by the encoder under two media types of its own, in which references to further
payloads are followed. What strangers hand in as `application/json` is read literally: nothing in it is ever
followed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec

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

Get = Callable[[str], bytes]


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


def inner_references(data: bytes, media: str) -> list[PayloadRef]:
    """The references inside of a payload. ValueError for one that is not what its media type says."""
    return references(msgspec.json.decode(data)) if media in OURS else []


def as_reference(value: dict[str, Any]) -> PayloadRef:
    """The reference that a dict of its shape is."""
    return PayloadRef(str(value["payload"]), value["size"], str(value["media"]))


def hydrated(value: Any, get: Get, limit: float = HYDRATED) -> Any:
    """A decoded value with its references replaced by what they stand for; those over `limit` bytes stay.

    `get` returns the payload's bytes for its digest, or raises.
    """
    if isinstance(value, dict):
        if is_reference(value):
            ref = as_reference(value)
            return unpacked(get(ref.digest), ref.media, get) if ref.size <= limit else ref
        return {name: hydrated(item, get, limit) for name, item in value.items()}
    if isinstance(value, list):
        return [hydrated(item, get, limit) for item in value]
    return value


def unpacked(data: bytes, media: str, get: Get) -> Any:
    """The value that a payload stands for; its bytes, where they are not what the media type says."""
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
