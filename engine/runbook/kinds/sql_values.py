"""What a database gives, as data: numbers that stay what they are, times with their zone, the rest as text.

A decimal that no JSON number says exactly stays text, so that nobody compares what was rounded.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from runbook.clients.sql import Rows

_LARGEST: Final = 2**53 - 1

ROWS: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": "object"},
    "description": "The rows, as maps from column to value.",
    "examples": [[{"pid": 4711, "state": "idle in transaction"}]],
}


def rows(found: Rows) -> list[dict[str, Any]]:
    """Each row by its columns; a name that comes twice is numbered."""
    names: list[str] = []
    for name in found.columns:
        many = sum(other.partition("#")[0] == name for other in names)
        names.append(f"{name}#{many + 1}" if many else name)
    return [dict(zip(names, map(plain, row), strict=True)) for row in found.rows]


def plain(value: Any) -> Any:
    """One value as data."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return str(value)


def _number(value: Decimal) -> Any:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return plain(int(value))
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
