"""Comments that allow what a rule would find: `# lint: allow(RB114): reason`.

One holds for its own line, or, where it stands alone, for the line below; before the first key, for the whole file. A
`#` inside a text is no comment. Which findings there are, and whether an exception was needed, is not known here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from runbook.document.source import Source

MARK: Final = b"lint:"
_COMMENT: Final = re.compile(
    r"(?:^|(?<=[ \t]))#[ \t]*lint:[ \t]*(?P<verb>allow|disable|ignore|skip|off)\b(?P<rest>[^\r\n]*)", re.MULTILINE
)
_ALLOW: Final = re.compile(r"[ \t]*\((?P<names>[^()]*)\)[ \t]*(?::[ \t]*(?P<reason>[^\r\n]*))?")
_MOST: Final = 200  # of a file, and ten names in each: what nobody writes must not take long to read
_MOST_NAMES: Final = 10
_ALONE: Final = re.compile(r"[ \t]*#")


class Allowed(NamedTuple):
    """An exception: where it stands, for which rules (codes or names), why, and for which line (None: the file).

    Without `names` it could not be understood. `start` and `end` are its indices in the text.
    """

    line: int
    column: int
    names: tuple[str, ...]
    reason: str
    of_line: int | None
    start: int
    end: int


class Exceptions:
    """Those of one file, the first two hundred."""

    def __init__(self, source: Source) -> None:
        self._spans = list(source.spans())  # scalars do not overlap, and stand in the order of the file
        self._starts = [span.start for span in self._spans]
        self._key_lines = [span.key_line for span in self._spans]
        lines = source.text.split("\n")
        ends = list(accumulate(len(line) + 1 for line in lines))
        matches = islice(_COMMENT.finditer(source.text), _MOST)
        self.every = [
            _allowed(match, bisect_right(ends, match.start()), lines, source.first_line)
            for match in matches
            if not self._in_text(match.start())
        ]

    def _in_text(self, index: int) -> bool:
        at = bisect_right(self._starts, index) - 1
        return at >= 0 and index < self._spans[at].end

    def of(self, line: int) -> list[Allowed]:
        """The exceptions that hold for a finding at a line: where it is inside of a longer text, for its key too."""
        at = bisect_left(self._key_lines, line) - 1
        key = self._key_lines[at] if at >= 0 and line <= self._spans[at].last_line else line
        return [one for one in self.every if one.of_line in (None, line, key)]


def _allowed(match: re.Match[str], at: int, lines: list[str], first_line: int) -> Allowed:
    """`at` is the number of its line, from 0."""
    understood = _ALLOW.fullmatch(match["rest"].rstrip()) if match["verb"] == "allow" else None
    names = tuple(filter(None, (name.strip() for name in understood["names"].split(",")))) if understood else ()
    names = names[:_MOST_NAMES]
    reason = (understood["reason"] or "").strip() if understood else ""
    column = lines[at].index(match[0].rstrip("\r"))
    of_line = None if at + 1 < first_line else _of_line(lines, at, column)
    return Allowed(at + 1, column + 1, names, reason, of_line, match.start(), match.end())


def _of_line(lines: list[str], at: int, column: int) -> int:
    if lines[at][:column].strip():
        return at + 1
    at += 1
    while at < len(lines) and _ALONE.match(lines[at]):  # other comments may follow
        at += 1
    return at + 1
