"""The documents that a page was made of, kept in comments at its end: so `import` has every step exactly as it was.

    <!-- runbook part `postgres-basics`           one for each document that it uses: steps, its evidence plan
    <!-- runbook source, …; sha256 of …           the runbook itself, last

The last says the digest of what stands above it: whether somebody has changed the page since can be told.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

_OPENS: Final = "<!-- runbook source, for `runbook import`; sha256 of what stands above: "
_PART_OPENS: Final = "<!-- runbook part `"
_BLOCK = re.compile(r"([0-9a-f]{64})\n(.*)\n-->", re.DOTALL)
_PART = re.compile(r"[^`\n]*`\n(.*)\n-->", re.DOTALL)


class Kept(NamedTuple):
    """What a page says of itself: its text, the documents that it was made of, whether it is still the same page."""

    text: str
    document: dict[str, Any] | None
    unchanged: bool
    parts: tuple[dict[str, Any], ...] = ()


def with_source(text: str, document: Mapping[str, Any], parts: Iterable[Mapping[str, Any]] = ()) -> str:
    """The page with its documents below it: a line for each entry, so that a diff names what changed."""
    for part in parts:
        text += f"\n{_PART_OPENS}{part.get('name')}`\n{_lines(part)}\n-->\n"
    return f"{text}\n{_OPENS}{_digest(text)}\n{_lines(document)}\n-->\n"


def taken_out(text: str) -> Kept:
    """The page without its documents, and those; `document` is None where there is none that can be read."""
    above, found = _last(text, _OPENS, _BLOCK)
    document = _read(found[2]) if found else None
    if found is None or document is None:
        return Kept(text, None, unchanged=False)
    unchanged = _digest(above) == found[1]
    parts: list[dict[str, Any]] = []
    rest, one = _last(above, _PART_OPENS, _PART)
    while one is not None and (part := _read(one[1])) is not None:
        parts.insert(0, part)
        above = rest
        rest, one = _last(above, _PART_OPENS, _PART)
    return Kept(above, document, unchanged, tuple(parts))


def _last(text: str, opens: str, block: re.Pattern[str]) -> tuple[str, re.Match[str] | None]:
    """The text before its last comment of a kind, and that comment where nothing stands below it.

    Looked for from the end: what begins many comments and ends none is read once.
    """
    at = text.rfind(opens)
    found = block.fullmatch(text[at + len(opens) :].rstrip()) if at >= 0 else None
    return (text[:at], found) if found else (text, None)


def _read(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


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
