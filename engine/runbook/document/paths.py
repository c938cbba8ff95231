"""Paths into JSON, as declared outputs write them: the grammar alone; nothing is looked up here.

    [0].Status.leader       entries from 0, or from the end: [-1]
    items[*].metadata       [*] maps: a list of what follows, of every entry
    labels["app/name"]      any name, as a JSON string

A path is at most 500 characters and 32 parts, and is read in one pass.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from functools import lru_cache
from typing import Final

import msgspec

LONGEST: Final = 500  # characters
MOST: Final = 32  # parts

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_INDEX: Final = re.compile(r"\[(-?[0-9]{1,7})\]", re.ASCII)
_QUOTED: Final = re.compile(r'\[("(?:[^"\\\x00-\x1f]|\\.)*")\]')
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


class Every(Enum):
    """The part `[*]`."""

    ENTRY = "[*]"


Part = str | int | Every


class Path(msgspec.Struct, frozen=True):
    """A path that was read: its parts, and where in the text each of them ends."""

    text: str
    parts: tuple[Part, ...]
    ends: tuple[int, ...]

    @property
    def maps(self) -> bool:
        """True where it gives a list, one entry for each of another list."""
        return Every.ENTRY in self.parts

    def until(self, count: int) -> str:
        """The text of its first parts."""
        return self.text[: self.ends[count - 1]] if count else ""


class PathError(ValueError):
    """A text that is no path. `at` counts characters from 0."""

    def __init__(self, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.hint = hint


@lru_cache(maxsize=512)
def parse(text: str) -> Path:
    """A path; PathError with the place of the first thing that is none."""
    if len(text) > LONGEST:
        raise PathError(f"a path has at most {LONGEST} characters, and this one has {len(text)}", LONGEST)
    parts: list[Part] = []
    ends: list[int] = []
    at = 0
    while at < len(text) or not parts:
        if len(parts) == MOST:
            raise PathError(f"a path has at most {MOST} parts", at)
        part, at = _part(text, at, first=not parts)
        parts.append(part)
        ends.append(at)
    return Path(text, tuple(parts), tuple(ends))


def _part(text: str, at: int, *, first: bool) -> tuple[Part, int]:
    """The part that begins at a place, and the place after it."""
    if text.startswith("[*]", at):
        return Every.ENTRY, at + 3
    if found := _INDEX.match(text, at):
        return int(found[1]), found.end()
    if found := _QUOTED.match(text, at):
        try:
            return str(json.loads(found[1])), found.end()
        except ValueError:
            raise PathError("the name in quotes is no JSON string", at + 1) from None
    start = at if first else at + 1
    if (first or text.startswith(".", at)) and (found := _NAME.match(text, start)):
        return found[0], found.end()
    raise _wrong(text, at, first=first)


def _wrong(text: str, at: int, *, first: bool) -> PathError:
    """What is wrong at a place, in the words of somebody who knows another notation."""
    rest = text[at:]
    if not rest:
        return PathError("a path begins with a name or with '['", at)
    if first and rest[0] in ".$":
        return PathError(f"a path begins with a name or with '[', not with '{rest[0]}'", at, "leave it out")
    if rest.startswith("[]"):
        return PathError("'[]' is no part of a path", at, "every entry is [*]")
    if rest.startswith("['"):
        return PathError("a name in brackets stands in double quotes", at + 1, '["any name"]')
    if rest.startswith("["):
        return PathError("'[' begins an entry ([0], [-1]), every entry ([*]) or a name ([\"any name\"])", at)
    if rest[0] == "." and len(rest) == 1:
        return PathError("a name is missing after the last '.'", at)
    if found := _DIGITS.match(text, at if first else at + 1):
        return PathError(f"'{found[0]}' is no name", found.start(), f"the entry of a list is [{found[0]}]")
    if rest[0] == ".":
        return PathError("after '.' a name is expected", at + 1, 'a name of other characters is ["any name"]')
    return PathError(
        f"'{rest[0]}' stands where '.' or '[' is expected", at, 'a name of other characters is ["any name"]'
    )
