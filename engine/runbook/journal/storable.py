"""Anything becomes data that the journal can give back: what a reader will get, before it is written.

Kept as they are: None, booleans, integers, floats (a whole one becomes the integer that RFC 8785 writes in its
place), text, bytes, and lists and dicts of these. The rest becomes what is nearest: tuples and sets are lists
(sets sorted), structs and dataclasses are dicts, enums their values, times and paths and everything else text.
Nothing raises, whatever the data: loops, bottomless nesting, a `repr` that fails and values without end are said
in words. `storable(storable(x)) == storable(x)`.

Secrets are masked on the same walk, because this is where every value of a record passes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

import msgspec

from runbook.core.masking import Masker
from runbook.journal.canonical import LARGEST, SMALLEST
from runbook.journal.port import PayloadRef

DEEPEST = 100  # levels; JSON readers of other languages give up at 128 or more
MOST = 1_000_000  # values; a graph that shares its parts is a tree when written, and may explode
_WIDEST = 2048  # bits of an integer; Python refuses to read decimals of more than 4,300 digits

_TEXTUAL = {"datetime", "decimal", "fractions", "ipaddress", "uuid"}  # values whose text says all of them

_SURROGATE = re.compile("[\ud800-\udfff]")


def storable(value: Any, masker: Masker) -> Any:
    """The value as it will be read back, without secrets. Payload references pass as they are."""
    return walked(value, masker)[0]


def walked(value: Any, masker: Masker) -> tuple[Any, bool]:
    """The storable value, and whether it is plain: JSON says it as it stands, and sorts its keys as everybody does.

    Text with lone surrogates may be plain; whoever writes it down will notice.
    """
    walk = _Walk(masker)
    return walk.value(value, 0), walk.plain


def has_surrogates(text: str) -> bool:
    """True for text that UTF-8 cannot say."""
    return not text.isascii() and _SURROGATE.search(text) is not None


class _Walk:
    def __init__(self, masker: Masker) -> None:
        self.text = masker.text
        self.data = masker.bytes
        self.number = masker.number
        self.left = MOST
        self.plain = True
        self.inside: set[int] = set()

    def value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            self.plain = self.plain and -LARGEST <= value <= LARGEST
            return self.number(value) if value.bit_length() <= _WIDEST else self.text(hex(value))
        if kind is float:
            whole = value.is_integer() and -LARGEST <= value <= LARGEST
            self.plain = self.plain and (whole or SMALLEST <= abs(value) <= LARGEST)
            return self.number(int(value) if whole else value)
        if kind is PayloadRef:
            self.plain = False
            return value
        return self.structure(value, depth)

    def structure(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if depth >= DEEPEST:
            return f"(nested more than {DEEPEST} levels deep)"
        if self.left < 0:
            return f"(more than {MOST} values)"
        if id(value) in self.inside:
            return "(a loop)"
        self.inside.add(id(value))
        try:
            if isinstance(value, dict):
                return self.mapping(value, depth)
            if isinstance(value, list | tuple):
                return self.items([*_plain_iterator(value)], depth)
            if isinstance(value, set | frozenset):
                return sorted(self.items([*_plain_iterator(value)], depth), key=_order)
            return self.other(value, depth)
        finally:
            self.inside.discard(id(value))

    def items(self, value: list[Any], depth: int) -> list[Any]:
        self.left -= len(value)
        if self.left < 0:
            return [f"(more than {MOST} values)"]
        return [self.value(item, depth + 1) for item in value]

    def mapping(self, value: dict[Any, Any], depth: int) -> Any:
        entries = list(dict.items(value))
        self.left -= len(entries)
        if self.left < 0:
            return {"": f"(more than {MOST} values)"}
        result: dict[str, Any] = {}
        text = self.text
        for name, item in entries:  # most are plain: not worth a call each
            key = text(name) if type(name) is str and name.isascii() and name != "payload" else self.key(name)
            while key in result:  # 1 and "1" are two keys in Python
                key += "~"
            kind = type(item)
            if kind is str:
                result[key] = text(item)
            else:
                result[key] = item if item is None or kind is bool else self.value(item, depth + 1)
        return result

    def key(self, name: Any) -> str:
        """A key that is none of the plain ones."""
        self.plain = False
        plain = name if isinstance(name, tuple | frozenset) else self.value(name, 0)
        masked = plain if isinstance(plain, str) else self.text(_spelt(plain))
        return _SURROGATE.sub(_escaped, masked) if has_surrogates(masked) else masked

    def other(self, value: Any, depth: int) -> Any:
        """Subclasses of the plain types, and everything that is not data."""
        if isinstance(value, enum.Enum):
            return self.value(value._value_, depth + 1)
        if isinstance(value, str):
            return self.text(str.__str__(value))
        if isinstance(value, int):
            return self.value(int.__add__(value, 0), depth)
        if isinstance(value, float):
            return self.value(float.__add__(value, 0.0), depth)
        if isinstance(value, bytes | bytearray):
            self.plain = False
            return self.data(b"".join((value,)))
        if isinstance(value, msgspec.Struct):
            fields = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
            return self.mapping({k: v for k, v in fields.items() if v is not msgspec.UNSET}, depth)
        if hasattr(type(value), "__dataclass_fields__"):
            return self.mapping({name: getattr(value, name, None) for name in value.__dataclass_fields__}, depth)
        if isinstance(value, datetime | date | time):
            return self.text(value.isoformat())
        if isinstance(value, PurePath) or type(value).__module__ in _TEXTUAL:
            return self.text(str(value))
        return self.text(_spelt(value))


def _plain_iterator(value: Any) -> Iterator[Any]:
    """Over what is there, whatever a subclass thinks."""
    kind = next(kind for kind in (list, tuple, set, frozenset) if isinstance(value, kind))
    return iter(kind.__iter__(value))


def _order(item: Any) -> tuple[str, str]:
    return type(item).__name__, repr(item)


def _spelt(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - foreign code: a `repr` may raise anything, and the record must be written
        return f"(a {type(value).__name__} that cannot be shown)"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
