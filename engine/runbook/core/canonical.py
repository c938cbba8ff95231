"""One byte string for one value, and its SHA-256: what digests are made of.

A value read back from the journal gives the bytes that it gave before it was written: a whole float and the
integer that RFC 8785 stores in its place are the same, and what is not a finite number is its name.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="sorted").encode
_SETTLED = frozenset({str, int, bool, type(None)})  # nearly everything; only structures and floats are looked into


def canonical(value: Any) -> bytes:
    """Canonical JSON of plain data, structs and enums."""
    settled = _settled(msgspec.to_builtins(value, str_keys=True))
    try:
        return _encode(settled)
    except UnicodeEncodeError:
        return _with_surrogates(settled)


def digest(value: Any) -> str:
    """Lower-case hexadecimal SHA-256 of `canonical(value)`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def as_stored(value: Any) -> Any:
    """Data as the journal gives it back: its keys in order, and a whole float is an integer.

    What is shown of a change and what is sent of it must be this: it is sent as it was read back.
    """
    if isinstance(value, dict):
        return {key: as_stored(value[key]) for key in sorted(value)}
    return [as_stored(item) for item in value] if isinstance(value, list | tuple) else _settled(value)


def _with_surrogates(value: Any) -> bytes:
    """Halves of surrogate pairs, which a server may send in JSON, as escapes, which no other value is written with."""
    import json

    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _settled(value: Any) -> Any:
    kind = type(value)  # `to_builtins` leaves nothing else behind, no subclass either
    if kind is dict:
        settled = _SETTLED.issuperset(map(type, value.values()))
        return value if settled else {key: _settled(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return value if _SETTLED.issuperset(map(type, value)) else [_settled(item) for item in value]
    if kind is not float:
        return value
    if not math.isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
