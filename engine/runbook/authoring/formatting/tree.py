"""A document as it is formatted: its values as they were written, and the comments that belong to each.

Comments are lines: `# …`, and an empty one for a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_EXCEPTION: Final = re.compile(r"#[ \t]*lint:")


@dataclass(slots=True)
class Scalar:
    """A value that is no collection: the parser's event, and for a folded text its lines as they stand."""

    event: Any
    several_lines: bool = False
    chomping: str = ""
    folded: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.event.value)

    @property
    def style(self) -> str:
        """One of `| > ' "`, or nothing."""
        return self.event.style or ""

    @property
    def is_left_out(self) -> bool:
        """A null that nobody wrote."""
        return not self.style and not self.text


@dataclass(slots=True)
class Beside:
    """A comment at the end of a line, with what goes on below it in the same column."""

    column: int
    gap: int  # spaces before it
    lines: list[str]


@dataclass(slots=True)
class Entry:
    """An entry of a mapping, or of a list (no key)."""

    key: Scalar | None = None
    value: Scalar | Collection = field(init=False)
    above: list[str] = field(default_factory=list)
    beside: Beside | None = None
    foot: list[str] = field(default_factory=list)  # below a key whose value was left out

    @property
    def is_excepted(self) -> bool:
        """Whether a comment says what lint allows on its line: then that line stays the one that it speaks of."""
        comments = [*self.above, *(self.beside.lines if self.beside else ())]
        return any(_EXCEPTION.match(comment) for comment in comments)


@dataclass(slots=True)
class Collection:
    """A mapping or a list, in brackets (`flow`) or in lines."""

    is_mapping: bool
    flow: bool
    entries: list[Entry] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)

    @property
    def has_comments(self) -> bool:
        """Whether anything in it has one; then it cannot stand on one line."""
        return bool(self.foot) or any(
            entry.beside or entry.above or (isinstance(entry.value, Collection) and entry.value.has_comments)
            for entry in self.entries
        )


@dataclass(slots=True)
class Tree:
    """A whole document: what stands above its first key, and its keys."""

    head: list[str]
    root: Collection

    def comments(self) -> Iterator[str]:
        """Every comment, in no order."""
        yield from (line for line in self.head if line)
        yield from _comments(self.root)


def _comments(collection: Collection) -> Iterator[str]:
    yield from filter(None, collection.foot)
    for entry in collection.entries:
        yield from filter(None, [*entry.above, *entry.foot])
        if entry.beside:
            yield from entry.beside.lines
        if isinstance(entry.value, Collection):
            yield from _comments(entry.value)
