"""One thing that a change means, and the spot from which it is told: where it stands before and after.

A `Spot` is a place in a pair of documents. It goes down by keys (`at`), knows what people call the place, finds its
line, and makes meanings. Comparers never count lines or quote files themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from runbook.authoring.diff.codes import CODES, RANK, Level

if TYPE_CHECKING:
    from runbook.authoring.diff.sides import Placed, Side

Pointer = tuple[str | int, ...]
_LONGEST: Final = 400  # characters of a value that are shown
_LONGEST_TEXT: Final = 3_000  # lines; comparing more of them takes time that somebody may want to be lost
_MOST_LINES: Final = 40  # of a text's differences


class Meaning(NamedTuple):
    """What a change means. `line` is in the head's file, or in the base's where the head has nothing any more.

    `before` and `after` are values in words, None where there is none; `lines` the differences of a longer text.
    """

    code: str
    document: str
    path: str
    line: int
    place: str
    sentence: str
    before: str | None = None
    after: str | None = None
    lines: tuple[str, ...] = ()
    more: int = 0  # lines that were left out
    in_base: bool = False

    @property
    def level(self) -> Level:
        """How much it asks of a reviewer."""
        return CODES[self.code].level

    @property
    def title(self) -> str:
        """Its heading."""
        return CODES[self.code].title

    @property
    def why(self) -> str:
        """Why it matters."""
        return CODES[self.code].why

    @property
    def order(self) -> tuple[int, str, int, str, str]:
        """Riskiest first; then by place, so that the same change always reads the same."""
        return (RANK[self.code], self.path, self.line, self.place, self.sentence)


class World(NamedTuple):
    """All that comparers may ask beyond the two documents: both sides whole, and who wrote the change."""

    before: Side
    after: Side
    authors: tuple[str, ...] = ()


class Spot(NamedTuple):
    """A place in a pair of documents; one of them may be missing."""

    world: World
    before: Placed | None
    after: Placed | None
    old: Pointer = ()
    new: Pointer = ()
    words: str = ""

    def at(self, *keys: str | int, called: str | None = None) -> Spot:
        """The place below, by the same keys on both sides."""
        return self.parted(keys, keys, called)

    def parted(self, old: Pointer, new: Pointer, called: str | None = None) -> Spot:
        """The place below, where it stands elsewhere on each side."""
        words = self.words if called is None else ", ".join(filter(None, (self.words, called)))
        return self._replace(old=self.old + old, new=self.new + new, words=words)

    def among(self, key: str, entry: str, called: str) -> Spot:
        """An entry of a list below, found by its id."""
        old = (key, _index(self.before, (*self.old, key), entry))
        new = (key, _index(self.after, (*self.new, key), entry))
        return self.parted(old, new, called)

    def tells(
        self, code: str, sentence: str, before: Any = None, after: Any = None, *, lines: Iterable[str] = ()
    ) -> Meaning:
        """A meaning at this place."""
        here = self.after if self.after is not None and _stands(self.after, self.new) else self.before or self.after
        assert here is not None  # noqa: S101 - a spot is in one document at least
        in_base = here is not self.after
        shown = list(lines)
        return Meaning(
            code,
            here.called,
            here.path,
            here.line(self.old if in_base else self.new),
            self.words,
            sentence,
            None if before is None else said(before),
            None if after is None else said(after),
            tuple(shown[:_MOST_LINES]),
            max(0, len(shown) - _MOST_LINES),
            in_base,
        )

    def differs(self, code: str, sentence: str, before: Any, after: Any) -> Meaning:
        """A meaning about two values: shown beside each other, or line by line where they are long texts."""
        if isinstance(before, str) and isinstance(after, str) and "\n" in before.strip() + after.strip():
            return self.tells(code, sentence, lines=changed_lines(before, after))
        return self.tells(code, sentence, "none" if before is None else before, "none" if after is None else after)


def changed_lines(before: str, after: str) -> list[str]:
    """Two texts line by line: what is gone (`-`), what is new (`+`), a line around each."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _LONGEST_TEXT:
        return [f"({len(old):,} lines before, {len(new):,} now)"]
    lines = unified_diff(old, new, lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++"))]


def same(one: Any, other: Any) -> bool:
    """Whether two values are one: unlike `==`, true is not 1 and 1 is not 1.0."""
    return bool(one == other) and _spelt(one) == _spelt(other)


def said(value: Any) -> str:
    """A value in a line."""
    text = value if isinstance(value, str) else "nothing" if value in ((), [], {}) else _plain(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text):,} characters)"


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value) if not any("," in entry or " " in entry for entry in value) else _spelt(list(value))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _spelt(value)


def _spelt(value: Any) -> str:
    def other(thing: Any) -> Any:
        return str(thing)

    plain = msgspec.to_builtins(value, str_keys=True, enc_hook=other)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, default=str)


def _index(placed: Placed | None, pointer: Pointer, entry: str) -> int:
    """Where an entry of this id stands in a list as it is written."""
    found = placed.raw(pointer) if placed is not None else None
    entries = found if isinstance(found, list) else []
    named = (i for i, one in enumerate(entries) if isinstance(one, dict) and entry in (one.get("id"), one.get("name")))
    return next(named, len(entries))


def _stands(placed: Placed, pointer: Pointer) -> bool:
    return not pointer or placed.raw(pointer) is not None
