"""The document that a page was made of, kept in a comment at its end: so `import` has every step exactly as it was.

The comment says the digest of what stands above it: whether somebody has changed the page since can be told.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_OPENS: Final = "<!-- runbook source, for `runbook import`; sha256 of what stands above: "
_BLOCK = re.compile(re.escape(_OPENS) + r"([0-9a-f]{64})\n(.*?)\n-->\s*\Z", re.DOTALL)


class Kept(NamedTuple):
    """What a page says of itself: its text, the document that it was made of, and whether it is still the same page."""

    text: str
    document: dict[str, Any] | None
    unchanged: bool


def with_source(text: str, document: Mapping[str, Any]) -> str:
    """The page with its document below it: a line for each entry, so that a diff names what changed."""
    return f"{text}\n{_OPENS}{_digest(text)}\n{_lines(document)}\n-->\n"


def taken_out(text: str) -> Kept:
    """The page without its document, and that; `document` is None where there is none that can be read."""
    found = _BLOCK.search(text)
    if found is None:
        return Kept(text, None, unchanged=False)
    above = text[: found.start()]
    try:
        document = json.loads(found[2])
    except (ValueError, RecursionError):
        return Kept(text, None, unchanged=False)
    if not isinstance(document, dict):
        return Kept(text, None, unchanged=False)
    return Kept(above, document, unchanged=_digest(above) == found[1])


def _digest(text: str) -> str:
    """Of the words as they are read: what editors do to the ends of lines is no change."""
    lines = [line.rstrip() for line in text.rstrip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _lines(document: Mapping[str, Any]) -> str:
    """JSON in which nothing ends the comment."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
            parts.append(f"{_json(key)}: [\n  " + ",\n  ".join(map(_json, value)) + "\n]")
        else:
            parts.append(f"{_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _json(value: Any) -> str:
    """`<`, `>` and what cannot be seen stand as escapes."""
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
