"""What `format` and `pattern` mean in our schemas: one meaning for both validators.

The two libraries differ in the formats they know and in regular expressions (`$` before a last line end,
`\\d` beyond ASCII), so neither's own is used where they could disagree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.ASCII)


def is_date(text: str) -> bool:
    """A day of the calendar, `2026-11-01`."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def instant(text: str) -> datetime | None:
    """The instant that RFC 3339 text names, to the second; None for other text."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text[:19] + ("+00:00" if text.endswith("Z") else text[-6:]))
    except ValueError:
        return None


def is_instant(text: str) -> bool:
    """An instant as RFC 3339 writes it, with its offset."""
    return instant(text) is not None


def is_uri(text: str) -> bool:
    """An absolute URI (RFC 3986), by its scheme and the characters that it may have."""
    return _URI.fullmatch(text) is not None


FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {"date": is_date, "date-time": is_instant, "uri": is_uri}

SPOKEN: Final = {
    "date": "a day such as 2026-11-01",
    "date-time": "an instant such as 2026-12-24T00:00:00Z",
    "uri": "an address such as https://grafana.example.com",
}
