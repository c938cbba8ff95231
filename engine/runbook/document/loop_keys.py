"""The keys that the items of a loop are told apart by: part of step ids, of keys in the journal, and of file names."""

from __future__ import annotations

import re
from typing import Any, Final

LONGEST: Final = 120
_FITS: Final = re.compile(r"[A-Za-z0-9._@:/-]+")


def key_problem(value: Any) -> str | None:
    """Why this cannot be an item's key, in words; None when it can."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "a key is text or a number, and one item has neither"
    text = str(value)
    if not text:
        return "a key is empty"
    if len(text) > LONGEST:
        return f"the key '{text[:40]}…' is longer than {LONGEST} characters"
    if not _FITS.fullmatch(text):
        return f"the key '{text}' has a character that is none of A-Z a-z 0-9 . _ @ : / -"
    return None
