"""How a text is written: without quotes where every reader of YAML takes it for the same text, else in quotes or lines.

Quotes that an author wrote stay around what some reader of YAML 1.1 takes for something else (`no`, `12:30`, `0o17`,
`2026-11-01`), and around what is no prose: templates, expressions, regular expressions. None are ever added to a text
that stands without.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.document.characters import is_plain

WIDTH: Final = 120

_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NOT_IN_FLOW: Final = re.compile(r"[,\[\]{}]|:$|\?")
_OTHER_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "=", "<<"})
_LIKE_A_NUMBER: Final = re.compile(
    r"[-+]?[.0-9][0-9_.,:eE+-]*|[-+]?0[xob][0-9a-fA-F_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt \t].*|[-+]?\.(?:inf|nan)",
    re.IGNORECASE,
)
_SHORT: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\x00": "\\0", "\x1b": "\\e"}
_CODE: Final = re.compile(r"[\\\[\]{}|*^$<>=@#`\"']")
_BREAK: Final = re.compile(r"(?<! ) (?! )")


def quotes_needed(text: str, *, flow: bool) -> bool:
    """Whether a text could be taken for something else without them, by a reader of YAML or by a person."""
    return (
        not text
        or text[0] in _INDICATORS
        or text.startswith(("...", " "))
        or text.endswith((" ", ":"))
        or ": " in text
        or " #" in text
        or _CODE.search(text) is not None
        or text.lower() in _OTHER_WORDS
        or _LIKE_A_NUMBER.fullmatch(text) is not None
        or not _is_printable(text)
        or (flow and _NOT_IN_FLOW.search(text) is not None)
    )


def quoted(text: str, style: str) -> str:
    """The text in quotes: double ones, or single ones where that saves backslashes; else, in code, those of `style`."""
    if not _is_printable(text):
        return _double(text)
    apostrophes, escapes = "'" in text, '"' in text or "\\" in text
    if apostrophes == escapes and _CODE.search(text):
        return _single(text) if style == "'" else _double(text)
    return _single(text) if escapes else _double(text)


def is_block(text: str) -> bool:
    """Whether `|` can hold it, without counting on how white space at its edges is kept."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and bool(lines[0].strip())
        and not text.startswith(" ")
        and not text.endswith("\n\n")
        and all(line == line.rstrip() and _is_printable(line) for line in lines)
    )


def filled(text: str, width: int) -> list[str] | None:
    """A long text as lines for `>-`; None where that would change it."""
    words = _BREAK.split(text)
    if text != text.strip() or not _is_printable(text) or len(words) == 1:
        return None
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return None if any(line.startswith(" ") for line in lines) else lines


def _is_printable(text: str) -> bool:
    return text.isprintable() and is_plain(text)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if _is_printable(character):
        return character
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
