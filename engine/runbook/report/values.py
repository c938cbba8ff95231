"""Values on one line: what a probe saw, a field before and after, parameters. Short; the journal has all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from runbook.core.dropped import Dropped
from runbook.journal.port import PayloadRef
from runbook.report.safe import cut, shown, spaced

LONG = 60  # columns for one value
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER = re.compile(
    r"|none|true|false|[-+]?[0-9.][0-9.eE+-]*|[-+]?(inf|nan)|[\"{\[].*", re.DOTALL
)  # what others look like
_FIRST = ("value", "last", "status", "exit_code", "reachable", "found", "valid", "firing", "error", "stdout", "count")
_DULL = frozenset({"truncated", "duration_seconds", "elapsed_seconds", "leftovers", "at", "generation", "bytes"})
_MOST = 3
_TOLD = "message"  # by convention, what a kind says of all its outputs in one line
_TOLD_LONG = 240


def value(given: Any, width: int = LONG) -> str:
    """One value on one line of at most `width` columns; numbers with six digits."""
    if isinstance(given, float):
        given = float(f"{given:.6g}")
    return cut(whole(given), width)


def whole(given: Any) -> str:
    """One value on one line, exact and however long: nothing that people approve is cut or rounded."""
    if given is None or isinstance(given, bool):
        return {None: "none", True: "true", False: "false"}[given]
    if isinstance(given, float):
        return repr(int(given) if given.is_integer() and abs(given) < 1e15 else given)
    if isinstance(given, str):
        return shown(given)
    if isinstance(given, Dropped):
        return shown(given.tombstone.text)
    if isinstance(given, PayloadRef):
        return f"({given.size} bytes, {shown(given.digest)})"
    return shown(json.dumps(given, ensure_ascii=False, separators=(", ", ": "), default=str))


def exact(given: Any) -> str:
    """As `whole`, and no two values look alike: text that could be another value, or the end of one, is in quotes."""
    if isinstance(given, str) and (given != given.strip() or " → " in given or _OTHER.fullmatch(given)):
        return spaced(shown(json.dumps(given, ensure_ascii=False)))
    return spaced(whole(given))


def seen(output: Mapping[str, Any], expect: str | None = None, width: int = LONG) -> str:
    """What was seen: the outputs that `expect` names, else what the kind says of them all, else those that say most."""
    chosen = [name for name in dict.fromkeys(_NAMES.findall(expect or "")) if name in output]
    if not chosen and isinstance(output.get(_TOLD), str):
        return value(output[_TOLD].strip(), max(width, _TOLD_LONG) if width >= LONG else width)
    chosen = chosen or [name for name in _FIRST if _says_something(output.get(name))]
    if _says_something(output.get("error")) and any(output[name] is None for name in chosen):
        chosen = [*chosen[: _MOST - 1], "error"]  # why what was expected is not there
    chosen = chosen or [name for name in output if name not in _DULL and _says_something(output[name])]
    return ", ".join(f"{shown(name)} {value(_trimmed(output[name]), width)}" for name in chosen[:_MOST])


def pairs(given: Mapping[str, Any], width: int = LONG) -> str:
    """Names and values in one line: `namespace=production replicas=10`."""
    return " ".join(f"{shown(name)}={value(item, width)}" for name, item in given.items())


def _trimmed(item: Any) -> Any:
    return item.strip() if isinstance(item, str) else item


def _says_something(item: Any) -> bool:
    return item is not None and not isinstance(item, list | dict) and item != ""
