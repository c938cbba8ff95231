"""From bytes to text that reads the same to a person, a parser and a diff.

UTF-8 only. Refused: control characters, line separators that editors do not show as lines, characters of no
width, and those that turn the direction of text (a reviewer would see another program than the one that
runs: CVE-2021-42574). Sizes are bounded before anything is parsed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from runbook.document.findings import Finding
from runbook.errors import DocumentError

MAX_BYTES: Final = 1024 * 1024
MAX_LINE: Final = 16 * 1024
_SHOWN: Final = 20  # a binary file would yield a finding per byte

_LONG_LINE: Final = re.compile(rf"[^\n]{{{MAX_LINE + 1}}}")
_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1 with U+0085
    "\u00ad\u061c\u180e\u200b-\u200f"  # soft hyphen, zero width, direction marks
    "\u2028-\u202e\u2060-\u206f"  # line and paragraph separator, embeddings, overrides, isolates
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # byte order mark inside, interlinear, tags
    "|\r(?!\n)"
)


def decode(data: bytes, path: str) -> str:
    """Text of a document without byte order mark; DocumentError when it must not be read on."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES} bytes (1 MiB)"
        raise _refusal(path, 1, 1, "RB003", message, "split it into several documents")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error, path) from None
    if long := _LONG_LINE.search(text):
        line, column = place(text, long.start())
        message = f"the line is longer than {MAX_LINE} characters"
        raise _refusal(path, line, column, "RB003", message, "fold the text with '>-'")
    if refused := _REFUSED.search(text):
        raise DocumentError(_refused_characters(text, path, refused.start()))
    return text


def is_plain(text: str) -> bool:
    """Whether a document may hold this text as it stands."""
    return _REFUSED.search(text) is None


def place(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in `text`."""
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1


def _refusal(path: str, line: int, column: int, code: str, message: str, hint: str) -> DocumentError:
    return DocumentError([Finding(path=path, line=line, column=column, code=code, message=message, hint=hint)])


def _not_utf8(data: bytes, error: UnicodeDecodeError, path: str) -> DocumentError:
    start = error.start
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _refusal(path, 1, 1, "RB001", "the file is UTF-16, not UTF-8", "save it as UTF-8")
    line = data.count(b"\n", 0, start) + 1
    before = data[data.rfind(b"\n", 0, start) + 1 : start]
    column = len(before.decode("utf-8-sig" if line == 1 else "utf-8")) + 1
    message = f"byte {start} (0x{data[start]:02x}) is not UTF-8"
    return _refusal(path, line, column, "RB001", message, "save the file as UTF-8")


def _refused_characters(text: str, path: str, start: int) -> list[Finding]:
    findings = []
    for match in _REFUSED.finditer(text, start):
        line, column = place(text, match.start())
        findings.append(
            Finding(
                path=path,
                line=line,
                column=column,
                code="RB002",
                message=f"the character {named(match.group())} may not stand in a document",
                hint="remove it; it is invisible, or makes the text look different from what is run",
            )
        )
        if len(findings) == _SHOWN:
            break
    return findings


def named(character: str) -> str:
    """A character by its code point and name."""
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "") or _UNNAMED.get(character, "control character")
    return f"{point} ({name.lower()})"


_UNNAMED: Final = {"\x00": "null", "\x1b": "escape", "\r": "carriage return", "\x7f": "delete", "\x85": "next line"}
