"""Where a cursor stands in a YAML text that is being typed, and so is hardly ever whole.

Found from the lines above by their indentation, and within a line by its brackets. A parser would give up at the first
thing that is missing; this is wrong at worst in a text that nobody would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

ITEM: Final = "[]"  # stands in a path for "an item of the list"

_LINE: Final = re.compile(
    r"""^(?P<indent>\ *)(?P<dashes>(?:-\ +)*)(?P<dash>-$)?
    (?:(?P<key>[A-Za-z_][\w./-]*|"[^"]*"|'[^']*')\s*:(?:\s+(?P<value>.*))?$)?""",
    re.VERBOSE,
)
_FLOW: Final = re.compile(r"""[{}\[\],]|"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^{}\[\],"']+""")


class Spot(NamedTuple):
    """A place: the keys that lead to it (`[]` for an item of a list), and how the cursor stands there.

    `key` is the key whose value is being typed, None where a key itself is. `typed` is what stands of the word before
    the cursor, `before` the value as far as the cursor. `beside` are the keys and the plain values of the same mapping.
    """

    path: tuple[str, ...]
    key: str | None
    typed: str
    before: str
    beside: dict[str, str]


class _Row(NamedTuple):
    """A line that says something: where its first key stands, where dashes before it stand, its key and value."""

    number: int
    column: int
    dashes: tuple[int, ...]
    key: str | None
    value: str


def spot(text: str, line: int, column: int) -> Spot:
    """The place of a cursor; line and column count from 0."""
    lines = text.split("\n")
    now = lines[line] if line < len(lines) else ""
    left = now[:column]
    rows = [row for number, one in enumerate(lines) if number != line and (row := _row(number, one)) is not None]
    here = _row(line, left) or _Row(line, len(left), (), None, "")
    path, beside = _climbed(rows, here)
    value = here.value if here.key is not None else left[here.column :]
    brackets = value.lstrip()[:1] in ("{", "[") and not value.lstrip().startswith("{{")
    if here.key is not None:
        if brackets:
            return _in_flow(value, (*path, here.key), beside)
        return Spot(path, here.key, _word(value), value, beside)
    if brackets:
        return _in_flow(value, path, beside)
    return Spot(path, None, value.strip(), value, beside)


def key_at(text: str, line: int, column: int) -> tuple[tuple[str, ...], str] | None:
    """Path and name of the key that a position stands on, in a text that is whole there."""
    lines = text.split("\n")
    if line >= len(lines):
        return None
    row = _row(line, lines[line])
    if row is None or row.key is None or not row.column <= column <= row.column + len(row.key):
        return None
    others = [one for number, text_ in enumerate(lines) if number != line and (one := _row(number, text_)) is not None]
    return _climbed(others, row)[0], row.key


def word_at(text: str, line: int, column: int) -> str:
    """The dotted word that a position stands on; "" where there is none."""
    lines = text.split("\n")
    row = lines[line] if line < len(lines) else ""
    return next((m.group() for m in re.finditer(r"[\w.-]+", row) if m.start() <= column <= m.end()), "")


def mapping_of(text: str, line: int) -> dict[str, str]:
    """Keys and plain values of the mapping that a line's first key belongs to."""
    lines = text.split("\n")
    row = _row(line, lines[line]) if line < len(lines) else None
    if row is None:
        return {}
    others = [one for number, text_ in enumerate(lines) if number != line and (one := _row(number, text_)) is not None]
    return _climbed(others, row)[1] | ({row.key: row.value} if row.key else {})


def _row(number: int, line: str) -> _Row | None:
    stripped = line.strip()
    if not stripped or stripped.startswith("#") or stripped == "---":
        return None
    found = _LINE.match(line)
    assert found is not None  # noqa: S101 - every part of it may be empty
    dashes = tuple(m.start() + len(found["indent"]) for m in re.finditer("-", found["dashes"]))
    column = len(found["indent"]) + len(found["dashes"])
    if found["dash"]:
        dashes, column = (*dashes, column), column + 2
    key = found["key"].strip("\"'") if found["key"] else None
    value = re.sub(r"\s+#.*$", "", found["value"] or "") if key else line[column:]
    return _Row(number, column, dashes, key, value)


def _climbed(rows: list[_Row], here: _Row) -> tuple[tuple[str, ...], dict[str, str]]:
    """The way to the mapping that a line belongs to, and what stands beside it there."""
    climb = _Climb(here)
    for row in reversed([row for row in rows if row.number < here.number]):
        climb.take(row)
    for row in (row for row in rows if row.number > here.number):
        if row.column < here.column or (row.dashes and row.dashes[0] < here.column):
            break
        if row.column == here.column and row.key is not None:
            climb.beside.setdefault(row.key, row.value)
    return tuple(reversed(climb.path)), climb.beside


class _Climb:
    """Line by line upwards: `path` grows towards the root, `beside` while it is still the same mapping."""

    def __init__(self, here: _Row) -> None:
        self.path: list[str] = []
        self.beside: dict[str, str] = {}
        self._column = here.column
        self._own = True
        self._in_list = False  # looking for the key of a list whose dashes stand at the column
        self._leave(here)

    def take(self, row: _Row) -> None:
        """One line further up."""
        below = row.column <= self._column if self._in_list else row.column < self._column
        if below and row.key is not None:
            self.path.append(row.key)
            self._column, self._own, self._in_list = row.column, False, False
            self._leave(row)
        elif not self._in_list and row.column == self._column:
            if self._own and row.key is not None:
                self.beside.setdefault(row.key, row.value)
            self._leave(row)

    def _leave(self, row: _Row) -> None:
        """A mapping whose first line has dashes before it is an item, and what is above is the list's."""
        if row.dashes:
            self.path += [ITEM] * len(row.dashes)
            self._column, self._own, self._in_list = row.dashes[0], False, True


def _in_flow(value: str, path: tuple[str, ...], beside: dict[str, str]) -> Spot:
    """Within brackets: a path through them, and the pairs of the innermost mapping."""
    stack: list[tuple[str, dict[str, str], str | None]] = []
    key: str | None = None
    pairs, rest = dict(beside), ""
    for part in _tokens(value):
        if part in "{[":
            stack.append((part, pairs, key))
            path = (*path, *([key] if key is not None else []), *([ITEM] if part == "[" else []))
            pairs, key, rest = {}, None, ""
        elif part in "}]" and stack:
            bracket, pairs, key = stack.pop()
            path = path[: len(path) - (bracket == "[") - (key is not None)]
            rest = ""
        elif part == ",":
            if key is not None:
                pairs[key] = rest.strip()
            key, rest = None, ""
        else:
            rest += part
            name, colon, after = rest.partition(":")
            if key is None and colon and (after.startswith(" ") or not after) and stack and stack[-1][0] == "{":
                key, rest = name.strip().strip("\"'"), after
    if not stack:
        return Spot(path, None, "", "", beside)
    return Spot(path, key, _word(rest), rest.lstrip(), pairs)


def _tokens(value: str) -> Iterator[str]:
    return (found.group() for found in _FLOW.finditer(value))


def _word(value: str) -> str:
    found = re.search(r"[\w.-]*$", value)
    return found.group() if found else ""
