"""Where, in the file, a character of a YAML text value stands.

An expression's parser says "column 12 of the text"; the author needs the line and column of the file, whether
the text is plain, quoted with escapes, folded or a block. YAML changes only white space and escapes between
the file and the value, so the n-th visible character of the value is the n-th one of its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from runbook.document.characters import place

_TOKENS: Final = {
    '"': re.compile(r"\\(?:\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|.", re.DOTALL),
    "'": re.compile(r"''|.", re.DOTALL),
}
_ONE: Final = re.compile(r".", re.DOTALL)
_BLANK_ESCAPES: Final = frozenset("ntrvfNLP_ \t\r\n")


def indices(event: Any) -> tuple[int, int]:
    """Where a scalar begins and ends in the text, quotes and header included."""
    return event.start_mark.index, event.end_mark.index


def within_scalar(text: str, event: Any, line: int, column: int) -> tuple[int, int]:
    """Line and column in `text` of the place `line`, `column` (from 1) inside the scalar of `event`."""
    return place(text, index_within(text, event, _offset(event.value, line, column)))


def index_within(text: str, event: Any, offset: int) -> int:
    """Where in `text` the character of a scalar's value stands that is so many characters from its first."""
    start, end = indices(event)
    value: str = event.value
    before = [index for index, character in enumerate(value[:offset]) if not character.isspace()]
    visible = offset < len(value) and not value[offset].isspace()
    wanted = len(before) + (1 if visible else 0)
    if wanted == 0:
        return start
    position, length = next(islice(_visible(text, start, end, event.style), wanted - 1, None), (start, 0))
    if visible:
        return position
    return position + length + offset - before[-1] - 1


def _offset(value: str, line: int, column: int) -> int:
    lines = value.split("\n")[: line - 1]
    return min(sum(len(earlier) + 1 for earlier in lines) + column - 1, len(value))


def _visible(text: str, start: int, end: int, style: str | None) -> Iterator[tuple[int, int]]:
    """Index and length of each token between the marks that yields a visible character."""
    if style in ("|", ">"):
        start = text.find("\n", start) + 1  # the header may hold indicators and a comment
    elif style in ("'", '"'):
        start, end = start + 1, end - 1
    for match in _TOKENS.get(style or "", _ONE).finditer(text, start, end):
        if not _is_blank(match.group()):
            yield match.start(), match.end() - match.start()


def _is_blank(written: str) -> bool:
    if not written.startswith("\\") or len(written) == 1:
        return written.isspace()
    if len(written) == 2 or written == "\\\r\n":
        return written[1] in _BLANK_ESCAPES
    return chr(int(written[2:], 16)).isspace()
