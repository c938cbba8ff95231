"""How messages name a part of a document ("in step 'undo'") and a value as its author wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runbook.document.yaml_problems import spoken_type

_LISTS: Final = {
    "symptoms": "symptom",
    "triage": "step",
    "resolution": "option",
    "steps": "step",
    "checks": "check",
    "between": "step",
    "communication": "message",
    "finally": "step",
    "items": "item",
    "scenarios": "scenario",
    "links": "link",
    "freeze": "window",
}
_TABLES: Final = {
    "parameters": "parameter",
    "signals": "signal",
    "people": "person",
    "groups": "group",
    "connections": "connection",
    "channels": "channel",
    "environments": "environment",
}
_LONGEST: Final = 60


def spoken_place(data: Any, pointer: Sequence[str | int]) -> str:
    """The nearest named thing around `pointer`: ` in step 'undo'`, or nothing at the top of the document."""
    place = ""
    for index, part in enumerate(pointer):
        container = pointer[index - 1] if index else None
        data = data[part]
        if isinstance(part, int) and container in _LISTS and isinstance(data, dict):
            names = (data.get(key) for key in ("id", "name", "alert", "as"))
            name = next((f"'{shortened(name)}'" for name in names if isinstance(name, str)), str(part + 1))
            place = f" in {_LISTS[str(container)]} {name}"
        elif container in _TABLES and index == 1:
            place = f" in {_TABLES[str(container)]} '{part}'"
        elif part in ("verification", "escalation", "approval") and isinstance(data, dict):
            place = f" in '{part}'" + place.replace(" in ", " of ", 1)
    return place


def spoken_value(value: Any, written: str | None) -> str:
    """A value with its type, as messages show it: `90 (a number)`, `'abc'`, `a list`."""
    if isinstance(value, str):
        return f"'{shortened(value)}'"
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return spoken_type(value)
    return f"{shortened(written or str(value))} ({spoken_type(value)})"


def shortened(text: str) -> str:
    """Text on one line, visible whatever it holds, and not too long."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
