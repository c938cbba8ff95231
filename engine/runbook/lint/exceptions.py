"""Comments that allow what a rule would find: `# lint: allow(RB114): reason`.

One holds for its own line, or, where it stands alone, for the line below; before the first key, for the whole file. A
`#` inside a text is no comment. Which findings there are, and whether an exception was needed, is not known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.characters import place

if TYPE_CHECKING:
    from runbook.document.source import Source, Span

MARK: Final = b"lint:"
_COMMENT: Final = re.compile(
    r"(?:^|(?<=[ \t]))#[ \t]*lint:[ \t]*(?P<verb>allow|disable|ignore|skip|off)\b(?P<rest>[^\r\n]*)", re.MULTILINE
)
_ALLOW: Final = re.compile(r"[ \t]*\((?P<names>[^()]*)\)[ \t]*(?::[ \t]*(?P<reason>[^\r\n]*))?")
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
    """Those of one file."""

    def __init__(self, source: Source) -> None:
        self._spans = list(source.spans())
        self.every = [
            _allowed(source, match) for match in _COMMENT.finditer(source.text) if not self._in_text(match.start())
        ]

    def _in_text(self, index: int) -> bool:
        return any(span.start <= index < span.end for span in self._spans)

    def of(self, line: int) -> list[Allowed]:
        """The exceptions that hold for a finding at a line: where it is inside of a longer text, for its key too."""
        lines = {line, *(span.key_line for span in self._spans if _holds(span, line))}
        return [one for one in self.every if one.of_line is None or one.of_line in lines]


def _holds(span: Span, line: int) -> bool:
    return span.key_line < line <= span.last_line


def _allowed(source: Source, match: re.Match[str]) -> Allowed:
    line, column = place(source.text, match.start())
    understood = _ALLOW.fullmatch(match["rest"].rstrip()) if match["verb"] == "allow" else None
    names = tuple(filter(None, (name.strip() for name in understood["names"].split(",")))) if understood else ()
    reason = (understood["reason"] or "").strip() if understood else ""
    return Allowed(line, column, names, reason, _of_line(source, line, column), match.start(), match.end())


def _of_line(source: Source, line: int, column: int) -> int | None:
    if line < source.first_line:
        return None
    lines = source.text.split("\n")
    if lines[line - 1][: column - 1].strip():
        return line
    while line < len(lines) and _ALONE.match(lines[line]):  # other comments may follow
        line += 1
    return line + 1
