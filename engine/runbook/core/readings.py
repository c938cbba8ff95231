"""What can be read out of a text or a value: by a path, a pattern, or the number of a line.

Either it is found, or it is not there (`Absent`, for which an author's default may speak), or what is there is
something else or cannot be told, since not all of the text was kept (`Misfit`, for which nothing speaks).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from runbook.core.changes import Value
from runbook.document import paths
from runbook.document.regexes import compiled

_SHOWN: Final = 80  # characters of what was there
_NAMES: Final = 6  # keys of a map that a message lists
_LEFT_OUT: Final = re.compile(r"^\[\.\.\. [0-9]+ bytes left out \.\.\.\]$", re.MULTILINE)  # see clients/outputs.py


Outputs = Mapping[str, Value]


class Absent(Exception):
    """It is not there: `default` may speak for it."""


class Misfit(Exception):
    """What is there is something else; no default speaks for that."""


def parsed(text: str, where: str) -> Value:
    """Text as JSON (RFC 8259), each key once, no number that is none."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Misfit(f"{where} is not JSON ({said}): {shown(text)}") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def followed(text: str, value: Value, where: str) -> Value:
    """What a path leads to. Null is not there: `default` speaks for both, as in expressions."""
    try:
        path = paths.parse(text)
    except paths.PathError as error:  # lint has said so; a journal's document may be older
        raise Misfit(f"{text!r} is no path: {error}") from None
    found = _step(path, 0, value, where)
    if found is None:
        raise Absent(f"'{text}' of {where} is null")
    return found


def _step(path: paths.Path, at: int, value: Value, where: str) -> Value:
    """What is left of a path, from its part number `at`, followed from a value."""
    while at < len(path.parts):
        part = path.parts[at]
        looked = f"no '{path.text}' in {where}" + (f": '{path.until(at)}'" if at else ": it")
        if value is None:
            raise Absent(f"{looked} is null")
        if isinstance(part, str):
            if not isinstance(value, Mapping):
                raise Misfit(f"{looked} is no map but {shown(value)}")
            if part not in value:
                raise Absent(f"{looked} has no '{part}', only {_keys(value)}")
        elif not isinstance(value, list | tuple):
            raise Misfit(f"{looked} is no list but {shown(value)}")
        elif isinstance(part, paths.Every):
            return [_step(path, at + 1, entry, f"{where} ({path.until(at)}[{n}])") for n, entry in enumerate(value)]
        elif not -len(value) <= part < len(value):
            raise Absent(f"{looked} has {_counted(len(value), 'entry', 'entries')}")
        value = value[part]
        at += 1
    return value


class Kept(NamedTuple):
    """Text, of which perhaps not all was kept: `whole`, or what is certainly its beginning and its end."""

    text: str
    whole: bool
    beginning: str
    end: str


def kept(text: str, output: Outputs) -> Kept:
    """A text beside `truncated`: the note in its middle says what was left out; without one the end is missing."""
    text = text.encode("utf-8", "replace").decode()
    if output.get("truncated") is not True:
        return Kept(text, True, text, text)
    if note := _LEFT_OUT.search(text):
        return Kept(text, False, text[: note.start()], text[note.end() + 1 :])
    other = any(isinstance(value, str) and _LEFT_OUT.search(value) for value in output.values())
    return Kept(text, other, text, text if other else "")


def matched(pattern: str, kept: Kept, where: str) -> str:
    """The first group of the first match, or the whole of it."""
    try:
        found = compiled(pattern).search(kept.beginning)
    except ValueError as error:
        raise Misfit(f"the pattern cannot be used: {error}") from None
    part = (found[1] if found.re.groups else found[0]) if found else None
    if part is not None:
        return str(part)
    said = f"nothing in {where} matches {pattern}: {shown(kept.text)}"
    raise Absent(said) if kept.whole else Misfit(said)


def line(number: int, kept: Kept, where: str) -> str:
    """A line without its end, from 1, or from -1 at the end."""
    text = kept.beginning if number > 0 else kept.end
    lines = text.removesuffix("\n").split("\n") if text else []
    if number > 0 and not kept.whole and not text.endswith("\n"):
        lines = lines[:-1]  # who knows how it goes on
    index = number - 1 if number > 0 else number
    if -len(lines) <= index < len(lines):
        return lines[index].removesuffix("\r")
    if not kept.whole:
        raise Misfit(f"line {number} of {where} was not kept")
    raise Absent(f"{where} has {_counted(len(lines), 'line', 'lines')}, and no line {number}: {shown(text)}")


# --- words ------------------------------------------------------------------------------------------------


def shown(value: Value) -> str:
    """What was there, on one line and cut."""
    if isinstance(value, Mapping):
        return f"a map with {_keys(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    shown = json.dumps(value[: _SHOWN + 1] if isinstance(value, str) else value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _keys(value: Mapping[str, Any]) -> str:
    names = [str(name)[:_SHOWN] for name in value]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return (", ".join(names[:_NAMES]) or "nothing") + more


def _counted(count: int, one: str, many: str) -> str:
    return f"{count or 'no'} {one if count == 1 else many}"
